/// Manifests on their way in.
extension Conversation {
    private static let spare = "/v2/spare/manifests/"
    private static let manifestType = ("Content-Type", "application/vnd.oci.image.manifest.v1+json")
    private static let indexType = ("Content-Type", "application/vnd.oci.image.index.v1+json")
    private static let isThere = Step(
        "GET", "\(spare){spare}", 200, has: ["Content-Type": manifestType.1], gives: .named("spare"))
    private static let isNotThere = Step("GET", "\(spare){spare}", 404, "MANIFEST_UNKNOWN")
    private static let stored = [
        "Location": "{root}\(spare){spare}", "Docker-Content-Digest": "{spare}", "Content-Length": "0",
    ]

    private static func refused(_ name: String, _ headers: [(String, String)] = [], _ body: String) -> Conversation {
        Conversation(
            name,
            steps: [
                Step("PUT", "\(spare)bad", headers, body: .text(body), 400, "MANIFEST_INVALID"),
                Step("GET", "\(spare)bad", 404, "MANIFEST_UNKNOWN"),
            ])
    }

    /// Query parameters that name as many tags, `t0`, `t1`…
    private static func tags(_ count: Int) -> String { (0..<count).map { "tag=t\($0)" }.joined(separator: "&") }

    static let manifests = [
        Conversation(
            "a manifest under a tag", .asItIs,
            Step("PUT", "\(spare)one", [manifestType], body: .named("spare"), 201, has: stored, hasNot: ["OCI-Tag"]),
            isThere, Step("GET", "\(spare)one", 200, gives: .named("spare"))),
        Conversation(
            "a manifest by digest", .asItIs,
            Step("PUT", "\(spare){spare}", [manifestType], body: .named("spare"), 201, has: stored), isThere,
            Step("GET", "/v2/spare/tags/list", 200, gives: .text(#"{"name":"spare","tags":[]}"# + "\n"))),
        Conversation(
            "a manifest by digest with tags", .asItIs,
            Step(
                "PUT", "\(spare){spare}?tag=a&tag=b", [manifestType], body: .named("spare"), 201,
                has: ["OCI-Tag": "a, b", "Docker-Content-Digest": "{spare}"]),
            Step("GET", "\(spare)a", 200, gives: .named("spare")),
            Step("GET", "\(spare)b", 200, gives: .named("spare")),
            Step("GET", "/v2/spare/tags/list", 200, gives: .text(#"{"name":"spare","tags":["a","b"]}"# + "\n"))),
        Conversation(
            "a tag that is none, beside one that is", .asItIs,
            Step("PUT", "\(spare){spare}?tag=a&tag=..", body: .named("spare"), 400, "TAG_INVALID"), isNotThere,
            Step("GET", "\(spare)a", 404, "MANIFEST_UNKNOWN")),
        Conversation(
            "a tag that is named twice is one", .asItIs,
            Step(
                "PUT", "\(spare)a?tag=b&tag=a&tag=b&\(Array(repeating: "tag=c", count: 200).joined(separator: "&"))",
                [manifestType], body: .named("spare"), 201, has: ["OCI-Tag": "b, a, c"]),
            Step("GET", "/v2/spare/tags/list", 200, gives: .text(#"{"name":"spare","tags":["a","b","c"]}"# + "\n"))),
        Conversation(
            "a hundred tags at once", .asItIs,
            Step("PUT", "\(spare){spare}?\(tags(100))", [manifestType], body: .named("spare"), 201),
            Step("GET", "\(spare)t99", 200, gives: .named("spare"))),
        Conversation(
            "more tags at once than are taken", .asItIs,
            Step("PUT", "\(spare){spare}?\(tags(101))", [manifestType], body: .named("spare"), 400, "TAG_INVALID"),
            isNotThere, Step("GET", "\(spare)t0", 404, "MANIFEST_UNKNOWN"),
            Step("PUT", "\(spare)x?\(tags(1000))", [manifestType], body: .named("spare"), 400, "TAG_INVALID"),
            isNotThere, Step("GET", "\(spare)x", 404, "MANIFEST_UNKNOWN")),
        Conversation(
            "a manifest without a Content-Type, and one with parameters", .asItIs,
            Step("PUT", "\(spare)one", body: .named("spare"), 201),
            Step(
                "PUT", "\(spare)two", [("Content-Type", manifestType.1 + "; charset=utf-8")], body: .named("spare"), 201
            ),
            isThere),
        Conversation(
            "a tag is moved", .asItIs,
            Step("PUT", "/v2/team/app/manifests/v1", [indexType], body: .named("index"), 201),
            Step("GET", "/v2/team/app/manifests/v1", 200, has: ["Content-Type": indexType.1], gives: .named("index")),
            Step("GET", "/v2/team/app/manifests/{manifest}", 200, gives: .named("manifest"))),
        Conversation(
            "a manifest with a subject", .asItIs,
            Step("PUT", "/v2/team/app/manifests/{sbom}", body: .named("sbom"), 201, has: ["OCI-Subject": "{manifest}"])),
        Conversation(
            "a manifest whose parts another repository holds", .asItIs,
            Step(
                "PUT", "/v2/elsewhere/manifests/x", [manifestType], body: .named("spare"), 400, "MANIFEST_BLOB_UNKNOWN"),
            Step("PUT", "/v2/elsewhere/manifests/x", [indexType], body: .named("index"), 400, "MANIFEST_BLOB_UNKNOWN"),
            Step("GET", "/v2/elsewhere/manifests/x", 404), Step("GET", "/v2/elsewhere/manifests/{spare}", 404),
            Step("GET", "/v2/elsewhere/tags/list", 404, "NAME_UNKNOWN")),
        Conversation(
            "bytes that are not the digest's", .asItIs,
            Step("PUT", "\(spare){manifest}", [manifestType], body: .named("spare"), 400, "DIGEST_INVALID"), isNotThere),
        Conversation(
            "a Content-Type that the body contradicts", .asItIs,
            Step("PUT", "\(spare)x", [indexType], body: .named("spare"), 400, "MANIFEST_INVALID"),
            Step(
                "PUT", "\(spare)x", [("Content-Type", "application/vnd.docker.distribution.manifest.v2+json")],
                body: .named("spare"), 400, "MANIFEST_INVALID"),
            isNotThere),
        Conversation(
            "the largest manifest is below the limit, one byte more above", .asItIs,
            Step("PUT", "\(spare)big", body: .zeros(4 << 20), 400, "MANIFEST_INVALID"),
            Step("PUT", "\(spare)big", body: .zeros(4 << 20 + 1), 413, "MANIFEST_INVALID"),
            Step("GET", "\(spare)big", 404, "MANIFEST_UNKNOWN")),
        refused("no manifest at all", [], ""),
        refused("no JSON", [manifestType], "<manifest/>"),
        refused("JSON of another shape", [], "[]"),
        refused("an image without a config", [manifestType], #"{"schemaVersion":2}"#),
        refused("schema 1", [], #"{"schemaVersion":1,"name":"x","tag":"y"}"#),
        refused("layers and manifests at once", [], #"{"schemaVersion":2,"layers":[],"manifests":[]}"#),
        refused("a deep nest", [], String(repeating: "[", count: 100_000)),
    ]
}
