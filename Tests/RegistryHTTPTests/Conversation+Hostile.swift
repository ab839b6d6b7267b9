/// Bodies and queries that are meant ill.
extension Conversation {
    private static let spare = "/v2/spare/manifests/"
    private static let manifestType = ("Content-Type", "application/vnd.oci.image.manifest.v1+json")
    private static let uploads = "/v2/team/app/blobs/uploads/"

    /// A manifest that two programs could read as two, as `name`; the text stands where the body of the spare one does.
    private static func confusing(_ name: String, _ body: String) -> Conversation {
        Conversation(
            "type confusion: \(name)",
            steps: [
                Step("PUT", "\(spare)bad", [manifestType], body: .text(body), 400, "MANIFEST_INVALID"),
                Step("GET", "\(spare)bad", 404, "MANIFEST_UNKNOWN"),
                Step("GET", "/v2/spare/tags/list", 200, gives: .text(#"{"name":"spare","tags":[]}"# + "\n")),
            ])
    }

    private static let config =
        #""config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{spare-config}","#
        + #""size":{spare-config.size}}"#
    private static let layers = #""layers":[]"#

    static let hostileBodies = [
        confusing("layers and manifests", #"{"schemaVersion":2,\#(config),\#(layers),"manifests":[]}"#),
        confusing("a name twice", #"{"schemaVersion":2,\#(config),\#(layers),\#(layers)}"#),
        confusing("a name in two cases", #"{"schemaVersion":2,\#(config),\#(layers),"Layers":[]}"#),
        confusing(
            "mediaType in another case",
            #"{"schemaVersion":2,"MediaType":"application/vnd.oci.image.index.v1+json",\#(config),\#(layers)}"#),
        confusing(
            "a mediaType that is not the Content-Type",
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",\#(config),\#(layers)}"#),
        confusing("a byte order mark", "\u{FEFF}" + #"{"schemaVersion":2,\#(config),\#(layers)}"#),
        confusing("data behind the end", #"{"schemaVersion":2,\#(config),\#(layers)}{}"#),
        confusing(
            "a digest that climbs", #"{"schemaVersion":2,"config":{"digest":"sha256:../../../x","size":1},\#(layers)}"#),
        confusing(
            "a size below zero", #"{"schemaVersion":2,\#(config),"layers":[{"digest":"{spare-layer}","size":-1}]}"#),
        Conversation(
            "digest confusion: two digests in one query", .asItIs,
            Step(
                "POST", "\(uploads)?digest={spare-layer}&digest={spare-config}", body: .named("spare-layer"), 400,
                "DIGEST_INVALID"),
            begun,
            Step(
                "PUT", "{location}&digest={spare-layer}&digest={spare-config}", body: .named("spare-layer"), 400,
                "DIGEST_INVALID"),
            Step("PUT", "{location}&digest={spare-layer}&digest={spare-layer}", body: .named("spare-layer"), 201)),
        Conversation(
            "digest confusion: the body is another's", .asItIs,
            Step("POST", "\(uploads)?digest={spare-config}", body: .named("spare-layer"), 400, "DIGEST_INVALID"),
            Step("GET", "/v2/team/app/blobs/{spare-config}", 404, "BLOB_UNKNOWN"),
            Step("GET", "/v2/team/app/blobs/{spare-layer}", 404, "BLOB_UNKNOWN")),
        Conversation(
            "digest confusion: letters in another case", .asItIs,
            Step(
                "POST", "\(uploads)?digest=SHA256:{spare-layer.hex}", body: .named("spare-layer"), 400, "DIGEST_INVALID"
            ),
            Step("POST", "\(uploads)?digest=sha256:ABCDEF", body: .named("spare-layer"), 400, "DIGEST_INVALID"),
            Step("POST", "\(uploads)?digest-algorithm=md5", 400, "DIGEST_INVALID")),
        Conversation(
            "digest confusion: Content-Digest lies", .asItIs,
            Step(
                "POST", "\(uploads)?digest={spare-layer}",
                [("Content-Digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:")],
                body: .named("spare-layer"),
                201, has: ["Docker-Content-Digest": "{spare-layer}"]),
            Step("GET", "/v2/team/app/blobs/{spare-layer}", 200, gives: .named("spare-layer"))),
        Conversation(
            "digest confusion: a manifest pushed by tag has no sha512", .asItIs,
            Step("PUT", "\(spare)one", [manifestType], body: .named("spare"), 201),
            Step("GET", "\(spare){spare512}", 404, "MANIFEST_UNKNOWN")),
        Conversation(
            "resources: a coded body is not inflated", .asItIs,
            Step(
                "POST", "\(uploads)?digest={spare-layer}", [("Content-Encoding", "gzip")], body: .named("spare-layer"),
                201),
            Step(
                "GET", "/v2/team/app/blobs/{spare-layer}", [("Accept-Encoding", "gzip")], 200,
                has: ["Content-Length": "2000"], hasNot: ["Content-Encoding"], gives: .named("spare-layer"))),
        Conversation(
            "resources: chunks of nothing, again and again",
            steps: [begun] + Array(repeating: Step("PATCH", "{location}", 202, has: ["Range": "0-0"]), count: 50)
                + [
                    Step("PATCH", "{location}", body: .named("spare-layer"), 202, has: ["Range": "0-1999"]),
                    Step("PATCH", "{location}", 202, has: ["Range": "0-1999"]),
                    Step("PUT", "{location}&digest={spare-layer}", 201),
                ]),
        Conversation(
            "resources: more open uploads than there is room for", .fewUploads,
            begun, begun, Step("POST", uploads, 429, "TOOMANYREQUESTS"),
            Step("POST", "\(uploads)?digest={spare-layer}", body: .named("spare-layer"), 429, "TOOMANYREQUESTS"),
            // A mount opens none, and what ends makes room.
            Step("POST", "\(uploads)?mount={spare-layer}&from=spare", 201),
            Step("POST", "/v2/elsewhere/blobs/uploads/", 202), Step("POST", "/v2/elsewhere/blobs/uploads/", 202),
            Step("POST", "/v2/elsewhere/blobs/uploads/", 429), Step("DELETE", "{location}", 204),
            Step("POST", "/v2/elsewhere/blobs/uploads/", 202)),
    ]
}
