/// Deleting, and being told that it is not allowed.
extension Conversation {
    private static let app = "/v2/team/app"

    private static func writes(_ setting: Setting, _ name: String) -> Conversation {
        Conversation(
            name, setting,
            steps: [
                Step(
                    "DELETE", "\(app)/manifests/v1", 405, "UNSUPPORTED",
                    has: ["Allow": setting == .readOnly ? "GET, HEAD" : "GET, HEAD, PUT"]),
                Step("DELETE", "\(app)/manifests/{manifest}", 405, "UNSUPPORTED"),
                Step("DELETE", "\(app)/blobs/{small}", 405, "UNSUPPORTED", has: ["Allow": "GET, HEAD"]),
                Step("OPTIONS", "\(app)/blobs/{small}", 200, has: ["Allow": "GET, HEAD"]),
            ] + (setting == .readOnly ? writing : [begun])
                + [
                    Step("GET", "\(app)/manifests/v1", 200, gives: .named("manifest")),
                    Step("GET", "\(app)/blobs/{small}", 200, gives: .named("small")),
                    Step("GET", "/v2/spare/manifests/x", 404),
                ])
    }

    static let deletions = [
        Conversation(
            "a tag", .asItIs,
            Step("DELETE", "\(app)/manifests/v1", 202, has: ["Content-Length": "0"]),
            Step("GET", "\(app)/manifests/v1", 404, "MANIFEST_UNKNOWN"),
            Step("HEAD", "\(app)/manifests/v1", 404), Step("DELETE", "\(app)/manifests/v1", 404, "MANIFEST_UNKNOWN"),
            // Its manifest stays, and so do the other tags.
            Step("GET", "\(app)/manifests/{manifest}", 200, gives: .named("manifest")),
            Step("GET", "\(app)/tags/list", 200, gives: .text(#"{"name":"team/app","tags":["all","v10","v2"]}"# + "\n"))
        ),
        Conversation(
            "a manifest with its tags", .asItIs,
            Step("GET", "\(app)/manifests/v2", 200), Step("DELETE", "\(app)/manifests/{manifest}", 202),
            Step("GET", "\(app)/manifests/{manifest}", 404, "MANIFEST_UNKNOWN"),
            Step("GET", "\(app)/manifests/v2", 404, "MANIFEST_UNKNOWN"),
            Step("DELETE", "\(app)/manifests/{manifest}", 404, "MANIFEST_UNKNOWN"),
            Step("GET", "\(app)/tags/list", 200, gives: .text(#"{"name":"team/app","tags":["all"]}"# + "\n")),
            // Of this repository alone.
            Step("GET", "/v2/a/manifests/b/manifests/x", 200, gives: .named("manifest"))),
        Conversation(
            "a blob", .asItIs,
            Step("DELETE", "\(app)/blobs/{small}", 202), Step("GET", "\(app)/blobs/{small}", 404, "BLOB_UNKNOWN"),
            Step("HEAD", "\(app)/blobs/{small}", 404), Step("DELETE", "\(app)/blobs/{small}", 404, "BLOB_UNKNOWN"),
            Step("GET", "/v2/a/manifests/b/blobs/{small}", 200, gives: .named("small"))),
        Conversation(
            "what is not there", .asItIs,
            Step("DELETE", "\(app)/manifests/nope", 404, "MANIFEST_UNKNOWN"),
            Step("DELETE", "\(app)/manifests/{absent}", 404, "MANIFEST_UNKNOWN"),
            Step("DELETE", "\(app)/blobs/{absent}", 404, "BLOB_UNKNOWN"),
            Step("DELETE", "/v2/nope/manifests/x", 404, "MANIFEST_UNKNOWN")),
        writes(.deletionDisabled, "deletion is disabled"),
        writes(.readOnly, "the registry is read-only"),
    ]

    /// Every verb that a read-only registry refuses.
    private static let writing = [
        Step("POST", "\(app)/blobs/uploads/", 405, "UNSUPPORTED"),
        Step("POST", "\(app)/blobs/uploads/?mount={spare-layer}&from=spare", 405, "UNSUPPORTED"),
        Step(
            "POST", "\(app)/blobs/uploads/?digest={spare-layer}", body: .named("spare-layer"), 405, "UNSUPPORTED"),
        Step("PUT", "/v2/spare/manifests/x", body: .named("spare"), 405, "UNSUPPORTED"),
    ]
}
