/// Requests that are meant ill: each is refused, and the connection or the next one goes on.
extension Conversation {
    private static func refused(_ name: String, _ targets: [(String, Int, String?)]) -> Conversation {
        Conversation(name, steps: targets.map { target, status, code in Step("GET", target, status, code) })
    }

    static let attacks = [
        refused(
            "path traversal",
            [
                ("/v2/../../etc/passwd", 404, nil), ("/v2/%2e%2e/%2e%2e/etc/passwd", 404, nil),
                ("/v2/..%2f..%2fetc%2fpasswd/tags/list", 400, "NAME_INVALID"),
                ("/v2/..%5c..%5cetc/tags/list", 404, nil),
                ("/v2/../tags/list", 400, "NAME_INVALID"), ("/v2/team/../spare/tags/list", 400, "NAME_INVALID"),
                ("/v2/%2e%2e/manifests/x", 400, "NAME_INVALID"), ("/v2/team/app/manifests/..", 400, "TAG_INVALID"),
                ("/v2/team/app/blobs/../../x", 404, nil), ("/v2/team/app/blobs/..", 400, "DIGEST_INVALID"),
                ("/v2/team/app/blobs/uploads/..", 404, "BLOB_UPLOAD_UNKNOWN"),
                ("/v2/team%00/app/tags/list", 404, nil), ("/v2/team//../tags/list", 400, "NAME_INVALID"),
                ("/v2/_layers/tags/list", 400, "NAME_INVALID"), ("/v2/team/_manifests/tags/list", 400, "NAME_INVALID"),
                ("//etc/passwd", 404, nil), ("//v2/%2e%2e/", 404, nil),
            ]),
        refused(
            "digest confusion",
            [
                ("/v2/team/app/manifests/SHA256:{manifest.hex}", 400, "DIGEST_INVALID"),
                ("/v2/team/app/manifests/sha256:", 400, "DIGEST_INVALID"),
                ("/v2/team/app/manifests/sha256:short", 400, "DIGEST_INVALID"),
                ("/v2/team/app/blobs/md5:{small.hex}", 400, "DIGEST_INVALID"),
                ("/v2/team/app/blobs/sha512:{small.hex}", 400, "DIGEST_INVALID"),
                ("/v2/team/app/blobs/{small.hex}", 400, "DIGEST_INVALID"),
                ("/v2/team/app/referrers/latest", 400, "DIGEST_INVALID"),
            ]),
        refused(
            "names beyond the limit",
            [
                ("/v2/\(String(repeating: "a", count: 255))/tags/list", 404, "NAME_UNKNOWN"),
                ("/v2/\(String(repeating: "a", count: 255))/manifests/x", 404, "MANIFEST_UNKNOWN"),
                ("/v2/\(String(repeating: "a", count: 256))/tags/list", 400, "NAME_INVALID"),
                ("/v2/\(String(repeating: "a/", count: 5000))a/tags/list", 400, "NAME_INVALID"),
                ("/v2/team/app/manifests/\(String(repeating: "t", count: 129))", 400, "TAG_INVALID"),
            ]),
        Conversation(
            "pushing where nothing may be", .asItIs,
            Step("POST", "/v2/../blobs/uploads/", 400, "NAME_INVALID"),
            Step("POST", "/v2/_layers/blobs/uploads/", 400, "NAME_INVALID"),
            Step("PUT", "/v2/%2e%2e/manifests/x", body: .named("spare"), 400, "NAME_INVALID"),
            Step("PUT", "/v2/spare/manifests/..", body: .named("spare"), 400, "TAG_INVALID"),
            Step("DELETE", "/v2/../manifests/x", 400, "NAME_INVALID")),
        // 255 characters in one component are a legal name and a legal directory.
        Conversation(
            "a push to the longest name", .asItIs,
            Step(
                "POST", "/v2/\(String(repeating: "a", count: 255))/blobs/uploads/?digest={small}",
                body: .named("small"),
                201),
            Step("GET", "/v2/\(String(repeating: "a", count: 255))/blobs/{small}", 200, gives: .named("small"))),
    ]
}
