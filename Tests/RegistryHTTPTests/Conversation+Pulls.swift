/// Manifests and blobs on their way out: exact bytes, types, conditions, ranges.
extension Conversation {
    private static let manifestType = "application/vnd.oci.image.manifest.v1+json"
    private static let manifestHeaders = [
        "Content-Type": manifestType, "Docker-Content-Digest": "{manifest}", "ETag": "\"{manifest}\"",
        "Content-Length": "{manifest.size}",
    ]
    private static let blobHeaders = [
        "Content-Type": "application/octet-stream", "Docker-Content-Digest": "{large}", "ETag": "\"{large}\"",
        "Accept-Ranges": "bytes", "Cache-Control": "max-age=31536000", "Content-Length": "300000",
    ]
    private static let blob = "/v2/team/app/blobs/{large}"

    static let pulls = [
        Conversation(
            "a manifest by tag, by digest and by a digest whose colon is encoded", .asItIs,
            Step("GET", "/v2/team/app/manifests/v1", 200, has: manifestHeaders, gives: .named("manifest")),
            Step("GET", "/v2/team/app/manifests/{manifest}", 200, has: manifestHeaders, gives: .named("manifest")),
            Step("HEAD", "/v2/team/app/manifests/v1", 200, has: manifestHeaders),
            Step("HEAD", "/v2/team/app/manifests/{manifest}", 200, has: manifestHeaders),
            Step("GET", "/v2/a/manifests/b/manifests/x", 200, has: manifestHeaders, gives: .named("manifest")),
            Step(
                "GET", "/v2/team/app/manifests/all", 200,
                has: ["Content-Type": "application/vnd.oci.image.index.v1+json"], gives: .named("index"))),
        Conversation(
            "a manifest whatever Accept says",
            steps: [
                "*/*", manifestType, "application/vnd.docker.distribution.manifest.v2+json", "text/html",
                "application/vnd.oci.image.index.v1+json;q=0.5, text/plain", "",
            ].map {
                Step(
                    "GET", "/v2/team/app/manifests/v1", [("Accept", $0)], 200, has: manifestHeaders,
                    gives: .named("manifest"))
            }),
        Conversation(
            "what a repository does not hold", .asItIs,
            Step("GET", "/v2/team/app/manifests/v3", 404, "MANIFEST_UNKNOWN"),
            Step("GET", "/v2/team/app/manifests/{absent}", 404, "MANIFEST_UNKNOWN"),
            Step("GET", "/v2/team/app/blobs/{absent}", 404, "BLOB_UNKNOWN"),
            Step("GET", "/v2/nope/manifests/v1", 404, "MANIFEST_UNKNOWN"),
            // It is in the store, of another repository.
            Step("GET", "/v2/spare/blobs/{large}", 404, "BLOB_UNKNOWN"),
            Step("HEAD", "/v2/spare/blobs/{large}", 404, "BLOB_UNKNOWN"),
            Step("GET", "/v2/spare/manifests/{manifest}", 404, "MANIFEST_UNKNOWN")),
        Conversation(
            "a blob", .asItIs,
            Step("GET", blob, 200, has: blobHeaders, gives: .named("large")),
            Step("HEAD", blob, 200, has: blobHeaders),
            Step("GET", "/v2/a/manifests/b/blobs/{large}", 200, gives: .named("large")),
            Step("GET", "/v2/team/app/blobs/{config}", 200, gives: .named("config")),
            Step("GET", "/v2/team/app/blobs/{empty}", 200, has: ["Content-Length": "0"], gives: .text("")),
            Step("HEAD", "/v2/team/app/blobs/{empty}", 200, has: ["Content-Length": "0"])),
        Conversation(
            "what the client has already",
            steps: ["manifests/v1", "manifests/{manifest}"].flatMap { target in
                [
                    "\"{manifest}\"", "{manifest}", "W/\"{manifest}\"", "\"other\", \"{manifest}\"", "*",
                ].flatMap { tag in
                    ["GET", "HEAD"].map {
                        Step(
                            $0, "/v2/team/app/\(target)", [("If-None-Match", tag)], 304,
                            has: ["Docker-Content-Digest": "{manifest}"], gives: .text(""))
                    }
                }
            }),
        Conversation(
            "a blob that the client has already, and one that it has not", .asItIs,
            Step("GET", blob, [("If-None-Match", "\"{large}\"")], 304, has: ["ETag": "\"{large}\""], gives: .text("")),
            Step("HEAD", blob, [("If-None-Match", "{large}")], 304),
            Step("GET", blob, [("If-None-Match", "\"{small}\"")], 200, gives: .named("large")),
            Step("GET", "/v2/team/app/manifests/v1", [("If-None-Match", "\"{small}\"")], 200, gives: .named("manifest"))
        ),
        Conversation(
            "a part of a blob",
            steps: [
                ("bytes=0-0", 0..<1), ("bytes=10-19", 10..<20), ("bytes=299999-", 299_999..<300_000),
                ("bytes=-5", 299_995..<300_000), ("bytes=1-999999999", 1..<300_000), ("bytes=-999999", 0..<300_000),
                ("bytes=100000-299999", 100_000..<300_000), ("bytes=262143-262145", 262_143..<262_146),
            ].map { header, part in
                Step(
                    "GET", blob, [("Range", header)], 206,
                    has: [
                        "Content-Range": "bytes \(part.lowerBound)-\(part.upperBound - 1)/300000",
                        "Content-Length": "\(part.count)", "Docker-Content-Digest": "{large}",
                    ], gives: .part("large", part))
            }),
        Conversation(
            "a range that is ignored",
            steps: ["bytes=0-,0-", "items=0-1", "bytes=x", "bytes=0-1-2"].map {
                Step("GET", blob, [("Range", $0)], 200, hasNot: ["Content-Range"], gives: .named("large"))
            }),
        Conversation(
            "several ranges, of which one is inside", .asItIs,
            Step(
                "GET", blob, [("Range", "bytes=300000-, 5-6")], 206, has: ["Content-Range": "bytes 5-6/300000"],
                gives: .part("large", 5..<7)),
            Step(
                "GET", blob, [("Range", "bytes=0-1, -2")], 206,
                has: ["Content-Type": "multipart/byteranges; boundary=*", "Accept-Ranges": "bytes"],
                hasNot: ["Content-Range"])),
        Conversation(
            "a range if the content is still that", .asItIs,
            Step(
                "GET", blob, [("Range", "bytes=5-6"), ("If-Range", "\"{large}\"")], 206, gives: .part("large", 5..<7)),
            Step(
                "GET", blob, [("Range", "bytes=5-6"), ("If-Range", "\"{small}\"")], 200, hasNot: ["Content-Range"],
                gives: .named("large")),
            // Weak tags and dates prove nothing about bytes (RFC 9110 §13.1.5).
            Step(
                "GET", blob, [("Range", "bytes=5-6"), ("If-Range", "W/\"{large}\"")], 200, gives: .named("large")),
            Step(
                "GET", blob, [("Range", "bytes=5-6"), ("If-Range", "Tue, 24 Nov 2026 00:00:00 GMT")], 200,
                gives: .named("large"))),
        Conversation(
            "a range beyond the end",
            steps: ["bytes=300000-", "bytes=5-4", "bytes=300000-300001", "bytes=-0", "bytes=99999999999999999999-"].map
            {
                Step("GET", blob, [("Range", $0)], 416, "RANGE_INVALID", has: ["Content-Range": "bytes */300000"])
            } + [
                Step("GET", "/v2/team/app/blobs/{empty}", [("Range", "bytes=0-0")], 416, "RANGE_INVALID"),
                // A range is for GET alone (RFC 9110 §14.2).
                Step("HEAD", blob, [("Range", "bytes=0-0")], 200, has: ["Content-Length": "300000"]),
            ]),
    ]
}
