/// Upload sessions: where they stand, what continues them, what does not.
extension Conversation {
    private static let uploads = "/v2/team/app/blobs/uploads/"
    private static let first = Step(
        "PATCH", "{location}", body: .part("spare-layer", 0..<500), 202, has: ["Range": "0-499"])
    /// It goes on from where it stood, so nothing was lost.
    private static let goesOn = [
        Step("GET", "\(uploads){upload}", 204, has: ["Range": "0-499", "Docker-Upload-UUID": "{upload}"]),
        Step(
            "PUT", "{location}&digest={spare-layer}", body: .part("spare-layer", 500..<2000), 201,
            has: created),
        Step("GET", "/v2/team/app/blobs/{spare-layer}", 200, gives: .named("spare-layer")),
    ]
    private static func attempt(
        _ name: String, _ target: String, _ headers: [(String, String)] = [], _ body: Step.Bytes, _ status: Int,
        _ code: String
    ) -> Conversation {
        Conversation(
            name, steps: [begun, first, Step("PATCH", target, headers, body: body, status, code)] + goesOn)
    }

    static let sessions =
        [
            Conversation(
                "where a session stands", .asItIs,
                begun, Step("GET", "{location}", 204, has: ["Range": "0-0", "Location": "{root}\(uploads)*"]), first,
                Step("GET", "{location}", 204, has: ["Range": "0-499", "Docker-Upload-UUID": "{upload}"]),
                Step("HEAD", "{location}", 204, has: ["Range": "0-499"]),
                Step("GET", "\(uploads){upload}", 204, has: ["Range": "0-499"])),
            Conversation(
                "a session is cancelled", .asItIs,
                begun, first, Step("DELETE", "{location}", 204), Step("GET", "{location}", 404, "BLOB_UPLOAD_UNKNOWN"),
                Step("DELETE", "{location}", 404, "BLOB_UPLOAD_UNKNOWN"),
                Step("PATCH", "{location}", body: .zeros(3), 404, "BLOB_UPLOAD_UNKNOWN"),
                Step("PUT", "{location}&digest={spare-layer}", body: .zeros(3), 404, "BLOB_UPLOAD_UNKNOWN")),
            Conversation(
                "a session is gone when its blob is there", .asItIs,
                begun, Step("PATCH", "{location}", body: .named("spare-layer"), 202),
                Step("PUT", "/v2/team/app/blobs/uploads/{upload}?_state={state}&digest={spare-layer}", 201),
                Step("GET", "\(uploads){upload}", 404, "BLOB_UPLOAD_UNKNOWN"),
                Step("PATCH", "\(uploads){upload}?_state={state}", body: .zeros(3), 404)),
            Conversation(
                "a session that never was", .asItIs,
                Step("GET", "\(uploads){uuid}", 404, "BLOB_UPLOAD_UNKNOWN"),
                Step("PATCH", "\(uploads){uuid}", body: .zeros(3), 404, "BLOB_UPLOAD_INVALID"),
                Step("PUT", "\(uploads){uuid}?digest={spare-layer}", body: .zeros(3), 404, "BLOB_UPLOAD_INVALID"),
                Step("DELETE", "\(uploads){uuid}", 404, "BLOB_UPLOAD_INVALID"),
                Step("GET", "\(uploads)nonsense", 404, "BLOB_UPLOAD_UNKNOWN")),
            Conversation(
                "a state of another session or another repository", .asItIs,
                begun, first,
                Step("PATCH", "\(uploads){uuid}?_state={state}", body: .zeros(3), 404, "BLOB_UPLOAD_INVALID"),
                Step(
                    "PATCH", "/v2/spare/blobs/uploads/{upload}?_state={state}", body: .zeros(3), 404,
                    "BLOB_UPLOAD_INVALID"),
                Step("GET", "/v2/spare/blobs/uploads/{upload}", 404, "BLOB_UPLOAD_UNKNOWN"),
                Step("DELETE", "/v2/spare/blobs/uploads/{upload}?_state={state}", 404, "BLOB_UPLOAD_INVALID"),
                goesOn[0], goesOn[1], goesOn[2]),
            Conversation(
                "a state from before the last chunk", .asItIs,
                begun, first,
                Step("PATCH", "\(uploads){upload}?_state={stale}", body: .zeros(3), 416, "RANGE_INVALID"),
                goesOn[0], goesOn[1], goesOn[2]),
        ] + [
            attempt(
                "a chunk that leaves a gap", "{location}", [("Content-Range", "501-503")], .zeros(3), 416,
                "RANGE_INVALID"),
            attempt(
                "a chunk that overlaps", "{location}", [("Content-Range", "499-501")], .zeros(3), 416, "RANGE_INVALID"),
            attempt(
                "a chunk sent again", "{location}", [("Content-Range", "0-499")], .part("spare-layer", 0..<500), 416,
                "RANGE_INVALID"),
            attempt(
                "a Content-Range longer than the body", "{location}", [("Content-Range", "500-599")], .zeros(3), 400,
                "SIZE_INVALID"),
            attempt(
                "a Content-Range shorter than the body", "{location}", [("Content-Range", "500-501")], .zeros(3), 400,
                "SIZE_INVALID"),
            attempt(
                "a Content-Range that is none", "{location}", [("Content-Range", "+500-502")], .zeros(3), 416,
                "RANGE_INVALID"),
            attempt("no state", "\(uploads){upload}", .zeros(3), 404),
            attempt("a forged state", "\(uploads){upload}?_state=AAAA{state}", .zeros(3), 404),
            attempt("a state that was cut", "\(uploads){upload}?_state={cut}", .zeros(3), 404),
            attempt("an empty state", "\(uploads){upload}?_state=", .zeros(3), 404),
            attempt("a state that is not base64", "\(uploads){upload}?_state=%21%21", .zeros(3), 404),
        ]

    private static func attempt(_ name: String, _ target: String, _ body: Step.Bytes, _ status: Int) -> Conversation {
        attempt(name, target, [], body, status, "BLOB_UPLOAD_INVALID")
    }
}
