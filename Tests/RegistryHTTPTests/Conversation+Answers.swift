/// What every address answers, whatever it is about: the version header, methods, redirects.
extension Conversation {
    static let json = ["Content-Type": "application/json"]

    static let answers = [
        Conversation(
            "the base", .asItIs,
            Step("GET", "/v2/", 200, has: json.merging(["Content-Length": "2"]) { $1 }, gives: .text("{}")),
            Step("HEAD", "/v2/", 200, has: ["Content-Length": "2"]),
            Step("GET", "/v2/?x=%zz&y", 200, gives: .text("{}"))),
        Conversation(
            "the root, for probes", .asItIs,
            Step("GET", "/", 200, has: ["Cache-Control": "no-cache"], gives: .text("")),
            Step("HEAD", "/", 200), Step("GET", "/", 200, hasNot: ["Docker-Distribution-API-Version"])),
        Conversation(
            "what there is not", .asItIs,
            Step("GET", "/v1/", 404, hasNot: ["Docker-Distribution-API-Version"]), Step("GET", "/v2/app", 404),
            Step("GET", "/favicon.ico", 404), Step("HEAD", "/v2/a/b", 404, has: ["Content-Length": "19"]),
            Step("OPTIONS", "/v2/a/b", 404), Step("POST", "/v2/a/b", body: .text("x"), 404),
            Step("DELETE", "/v2/a/b", 404)),
        Conversation(
            "a slash that is missing", .asItIs,
            Step("GET", "/v2", 301, has: ["Location": "/v2/"]),
            Step("GET", "/v2?a=b", 301, has: ["Location": "/v2/?a=b"]),
            Step("HEAD", "/v2", 301),
            Step(
                "POST", "/v2/team/app/blobs/uploads?mount={small}&from=x", 301,
                has: ["Location": "/v2/team/app/blobs/uploads/?mount={small}&from=x"])),
        Conversation(
            "OPTIONS names the methods",
            steps: methods.map { Step("OPTIONS", $0.target, 200, has: ["Allow": $0.allow], gives: .text("")) }),
        Conversation(
            "another method is refused with those there are",
            steps: methods.filter { !$0.allow.contains("DELETE") }.map {
                Step("DELETE", $0.target, 405, "UNSUPPORTED", has: ["Allow": $0.allow])
            }),
        Conversation(
            "another method with a body", .asItIs,
            Step("PUT", "/v2/", body: .text("x"), 405, "UNSUPPORTED", has: ["Allow": "GET, HEAD"]),
            Step("POST", "/v2/_catalog", 405, "UNSUPPORTED", has: ["Allow": "GET, HEAD"]),
            Step("PATCH", "/v2/team/app/manifests/v1", body: .zeros(9), 405, "UNSUPPORTED"),
            Step("PUT", "/v2/team/app/blobs/{small}", body: .named("small"), 405, "UNSUPPORTED"),
            Step("GET", "/v2/team/app/blobs/uploads/", 405, "UNSUPPORTED", has: ["Allow": "POST"]),
            Step("HEAD", "/v2/team/app/blobs/uploads/", 405, "UNSUPPORTED")),
        Conversation(
            "headers of the configuration", .extraHeader,
            Step("GET", "/v2/", 200, has: ["X-Berth": "harbour", "X-List": "one, two, three"]),
            Step("OPTIONS", "/v2/_catalog", 200, has: ["X-List": "one, two, three"]),
            // In place of what the answer itself would say.
            Step("GET", "/v2/team/app/blobs/{small}", 200, has: ["Cache-Control": "no-store, private"]),
            Step("GET", "/v2/team/app/manifests/nope", 404, "MANIFEST_UNKNOWN", has: ["X-Berth": "harbour"]),
            Step("GET", "/", 200, hasNot: ["X-Berth"])),
        Conversation(
            "an error has no body for HEAD, but its length", .asItIs,
            Step("HEAD", "/v2/team/app/manifests/nope", 404, "MANIFEST_UNKNOWN", has: ["Content-Length": "*"]),
            Step("HEAD", "/v2/team/app/blobs/{absent}", 404, "BLOB_UNKNOWN"),
            Step("HEAD", "/v2/nope/tags/list", 404, "NAME_UNKNOWN"),
            Step("HEAD", "/v2/TEAM/tags/list", 400, "NAME_INVALID")),
    ]

    private static let methods: [(target: String, allow: String)] = [
        ("/v2/", "GET, HEAD"),
        ("/v2/_catalog", "GET, HEAD"),
        ("/v2/team/app/tags/list", "GET, HEAD"),
        ("/v2/team/app/referrers/{manifest}", "GET, HEAD"),
        ("/v2/team/app/manifests/v1", "GET, HEAD, PUT, DELETE"),
        ("/v2/team/app/blobs/{small}", "GET, HEAD, DELETE"),
        ("/v2/team/app/blobs/uploads/", "POST"),
        ("/v2/team/app/blobs/uploads/{uuid}", "GET, HEAD, PATCH, PUT, DELETE"),
    ]
}
