/// Blobs on their way in.
extension Conversation {
    private static let uploads = "/v2/team/app/blobs/uploads/"
    private static let blob = "/v2/team/app/blobs/{spare-layer}"
    static let created = ["Location": "{root}\(blob)", "Docker-Content-Digest": "{spare-layer}", "Content-Length": "0"]
    static let begun = Step(
        "POST", uploads, 202,
        has: [
            "Location": "{root}\(uploads)*", "Range": "0-0", "Docker-Upload-UUID": "*", "Content-Length": "0",
        ])
    private static let isThere = Step("GET", blob, 200, gives: .named("spare-layer"))
    private static let isNotThere = Step("GET", blob, 404, "BLOB_UNKNOWN")

    static let pushes = [
        Conversation(
            "POST, then PUT with everything", .asItIs,
            isNotThere, begun,
            Step("PUT", "{location}&digest={spare-layer}", body: .named("spare-layer"), 201, has: created), isThere),
        Conversation(
            "a PUT whose digest has its colon encoded", .asItIs,
            begun,
            Step("PUT", "{location}&digest=sha256%3A{spare-layer.hex}", body: .named("spare-layer"), 201, has: created),
            isThere),
        Conversation(
            "a single POST", .asItIs,
            Step("POST", "\(uploads)?digest={spare-layer}", body: .named("spare-layer"), 201, has: created), isThere),
        Conversation(
            "an empty blob", .asItIs,
            Step("POST", "/v2/new/blobs/uploads/?digest={empty}", body: .zeros(0), 201),
            Step("GET", "/v2/new/blobs/{empty}", 200, gives: .text(""))),
        Conversation(
            "chunks, with and without a Content-Range", .asItIs,
            begun,
            Step("PATCH", "{location}", body: .part("spare-layer", 0..<700), 202, has: ["Range": "0-699"]),
            Step(
                "PATCH", "{location}", [("Content-Range", "700-1499")], body: .part("spare-layer", 700..<1500), 202,
                has: ["Range": "0-1499", "Location": "{root}\(uploads)*", "Docker-Upload-UUID": "{upload}"]),
            Step(
                "PUT", "{location}&digest={spare-layer}", [("Content-Range", "1500-1999")],
                body: .part("spare-layer", 1500..<2000), 201, has: created),
            isThere),
        Conversation(
            "chunks, then a PUT without a body", .asItIs,
            begun,
            Step("PATCH", "{location}", body: .named("spare-layer"), 202, has: ["Range": "0-1999"]),
            Step("PUT", "{location}&digest={spare-layer}", 201, has: created), isThere),
        Conversation(
            "a chunk of nothing changes nothing", .asItIs,
            begun,
            Step("PATCH", "{location}", body: .zeros(0), 202, has: ["Range": "0-0"]),
            Step("PUT", "{location}&digest={spare-layer}", body: .named("spare-layer"), 201), isThere),
        Conversation(
            "the same blob twice", .asItIs,
            Step("POST", "\(uploads)?digest={small}", body: .named("small"), 201),
            Step("GET", "/v2/team/app/blobs/{small}", 200, gives: .named("small"))),
        Conversation(
            "sha512", .asItIs,
            Step("POST", "\(uploads)?digest-algorithm=sha512", 202),
            Step(
                "PUT", "{location}&digest={spare-layer512}", body: .named("spare-layer"), 201,
                has: ["Docker-Content-Digest": "{spare-layer512}"]),
            Step("GET", "/v2/team/app/blobs/{spare-layer512}", 200, gives: .named("spare-layer")),
            isNotThere,
            Step("POST", "\(uploads)?digest-algorithm=md5", 400, "DIGEST_INVALID")),
        Conversation(
            "content that is not the digest's is refused and nothing is kept", .asItIs,
            begun,
            Step("PUT", "{location}&digest={spare-layer}", body: .named("spare"), 400, "DIGEST_INVALID"),
            isNotThere, Step("GET", "/v2/team/app/blobs/{spare}", 404, "BLOB_UNKNOWN"),
            Step("GET", "{location}", 404, "BLOB_UPLOAD_UNKNOWN"),
            Step("POST", "\(uploads)?digest={spare-layer}", body: .zeros(5), 400, "DIGEST_INVALID"), isNotThere),
        Conversation(
            "a digest that is none", .asItIs,
            Step("POST", "\(uploads)?digest=sha256:short", body: .zeros(5), 400, "DIGEST_INVALID"),
            Step("POST", "\(uploads)?mount=sha256:short&from=spare", 400, "DIGEST_INVALID"), begun,
            Step("PUT", "{location}", body: .named("spare-layer"), 400, "DIGEST_INVALID"),
            Step("PUT", "{location}&digest=md5:00", body: .named("spare-layer"), 400, "DIGEST_INVALID"),
            // The session has outlived it.
            Step("PUT", "{location}&digest={spare-layer}", body: .named("spare-layer"), 201)),
        Conversation(
            "a mount from a repository that holds the blob", .asItIs,
            Step("POST", "\(uploads)?mount={spare-layer}&from=spare", 201, has: created), isThere),
        Conversation(
            "a mount without a source takes any repository that holds the blob", .asItIs,
            Step("POST", "\(uploads)?mount={spare-layer}", 201, has: created), isThere),
        Conversation(
            "a mount falls back to an upload", .asItIs,
            Step("POST", "\(uploads)?mount={spare-layer}&from=nope", 202, has: ["Docker-Upload-UUID": "*"]), isNotThere,
            Step("POST", "\(uploads)?mount={absent}&from=spare", 202),
            Step("POST", "\(uploads)?mount={spare-layer}&from=..%2Fspare", 202),
            Step("POST", "\(uploads)?mount={spare-layer}&from=nope", 202),
            Step("PUT", "{location}&digest={spare-layer}", body: .named("spare-layer"), 201), isThere),
        Conversation(
            "relative addresses", .relativeURLs,
            Step("POST", uploads, 202, has: ["Location": "/v2/team/app/blobs/uploads/*"]),
            Step(
                "PUT", "{location}&digest={spare-layer}", body: .named("spare-layer"), 201, has: ["Location": blob]),
            Step(
                "PUT", "/v2/team/app/manifests/again", body: .named("manifest"), 201,
                has: ["Location": "/v2/team/app/manifests/{manifest}"])),
    ]
}
