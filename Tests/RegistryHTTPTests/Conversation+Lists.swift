/// The catalogue, tags and referrers, whole and in pages.
extension Conversation {
    private static let tagList = "/v2/team/app/tags/list"

    private static func catalog(_ query: String, _ names: String, link: String? = nil) -> Step {
        list("/v2/_catalog\(query)", #"{"repositories":[\#(names)]}"#, link)
    }

    private static func tags(_ query: String, _ names: String, link: String? = nil) -> Step {
        list("\(tagList)\(query)", #"{"name":"team/app","tags":[\#(names)]}"#, link)
    }

    private static func list(_ target: String, _ body: String, _ link: String?) -> Step {
        Step(
            "GET", target, 200, has: json.merging(link.map { ["Link": $0] } ?? [:]) { $1 },
            hasNot: link == nil ? ["Link"] : [], gives: .text(body + "\n"))
    }

    /// Numbers of entries that no page can have.
    private static let absurd = ["-1", "x", "1.5", "9223372036854775808", "99999999999999999999", "1e3", "0x10", "%00"]

    static let lists = [
        Conversation(
            "the catalogue", .asItIs,
            catalog("", #""a/manifests/b","spare","team/app""#),
            catalog("?n=3", #""a/manifests/b","spare","team/app""#),
            catalog("?n=1000", #""a/manifests/b","spare","team/app""#),
            catalog("?n=", #""a/manifests/b","spare","team/app""#),
            catalog("?n=0", ""), Step("HEAD", "/v2/_catalog", 200, has: ["Content-Length": "54"])),
        Conversation(
            "the catalogue in pages", .asItIs,
            catalog("?n=1", #""a/manifests/b""#, link: #"</v2/_catalog?last=a%2Fmanifests%2Fb&n=1>; rel="next""#),
            catalog("?last=a%2Fmanifests%2Fb&n=1", #""spare""#, link: #"</v2/_catalog?last=spare&n=1>; rel="next""#),
            catalog("?last=spare&n=1", #""team/app""#), catalog("?last=team/app&n=1", ""),
            // The name need not be there.
            catalog("?last=b&n=5", #""spare","team/app""#), catalog("?last=zz", "")),
        Conversation(
            "a catalogue page that no registry gives",
            steps: (absurd + ["1001"]).map { Step("GET", "/v2/_catalog?n=\($0)", 400, "PAGINATION_NUMBER_INVALID") }),
        Conversation(
            "tags in byte order", .asItIs,
            tags("", #""all","v1","v10","v2""#), tags("?n=4", #""all","v1","v10","v2""#),
            tags("?n=2000000000", #""all","v1","v10","v2""#), tags("?n=0", ""),
            Step("HEAD", tagList, 200, has: ["Content-Length": "*"])),
        Conversation(
            "tags in pages", .asItIs,
            tags("?n=2", #""all","v1""#, link: #"</v2/team/app/tags/list?last=v1&n=2>; rel="next""#),
            tags("?last=v1&n=2", #""v10","v2""#), tags("?last=v2&n=2", ""), tags("?last=b", #""v1","v10","v2""#),
            tags("?last=v1", #""v10","v2""#)),
        Conversation(
            "a page of tags that no registry gives",
            steps: absurd.map { Step("GET", "\(tagList)?n=\($0)", 400, "PAGINATION_NUMBER_INVALID") }),
        Conversation(
            "tags of no repository", .asItIs,
            Step("GET", "/v2/nope/tags/list", 404, "NAME_UNKNOWN"),
            Step("GET", "/v2/team/tags/list", 404, "NAME_UNKNOWN")
        ),
        Conversation(
            "no referrers", .asItIs,
            referrers("/v2/team/app/referrers/{absent}", []), referrers("/v2/nope/referrers/{manifest}", []),
            referrers("/v2/team/app/referrers/{sbom}", [])),
        Conversation(
            "referrers of one type", .asItIs,
            referrers("/v2/team/app/referrers/{manifest}?artifactType=\(Cargo.sbom.encoded)", [("sbom", Cargo.sbom)]),
            referrers(
                "/v2/team/app/referrers/{manifest}?artifactType=\(Cargo.signature.encoded)",
                [("signature", Cargo.signature)]),
            referrers("/v2/team/app/referrers/{manifest}?artifactType=other", [])),
        Conversation(
            "referrers in pages", .shortPages,
            Step(
                "GET", "/v2/team/app/referrers/{manifest}", 200,
                has: ["Link": "</v2/team/app/referrers/{manifest}?last={firstReferrer}&n=1>; rel=\"next\""]),
            Step("GET", "/v2/team/app/referrers/{manifest}?last={firstReferrer}&n=1", 200, hasNot: ["Link"]),
            Step(
                "GET", "/v2/team/app/referrers/{manifest}?artifactType=\(Cargo.sbom.encoded)", 200, hasNot: ["Link"]),
            Step("GET", "/v2/team/app/referrers/{manifest}?n=0", 200, hasNot: ["Link"]),
            Step("GET", "/v2/team/app/referrers/{manifest}?n=-1", 400, "PAGINATION_NUMBER_INVALID"),
            Step("GET", "/v2/team/app/referrers/{manifest}?last=x", 400, "DIGEST_INVALID")),
        Conversation(
            "referrers that a client of an older registry listed itself", .asItIs,
            Step(
                "PUT", "/v2/team/app/manifests/sha256-{index.hex}",
                body: .text(
                    #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":["#
                        + #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{manifest}","#
                        + #""size":{manifest.size},"artifactType":"text/plain"}]}"#), 201),
            Step(
                "GET", "/v2/team/app/referrers/{index}", 200,
                gives: .text(
                    #"{"manifests":[{"artifactType":"text/plain","digest":"{manifest}","#
                        + #""mediaType":"application/vnd.oci.image.manifest.v1+json","size":{manifest.size}}],"#
                        + #""mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}"# + "\n"))),
    ]

    private static func referrers(_ target: String, _ entries: [(name: String, type: String)]) -> Step {
        let list = entries.map {
            #"{"artifactType":"\#($0.type)","digest":"{\#($0.name)}","#
                + #""mediaType":"application/vnd.oci.image.manifest.v1+json","size":{\#($0.name).size}}"#
        }
        let type = "application/vnd.oci.image.index.v1+json"
        let isFiltered = target.contains("?")
        return Step(
            "GET", target, 200,
            has: ["Content-Type": type].merging(isFiltered ? ["OCI-Filters-Applied": "artifactType"] : [:]) { $1 },
            hasNot: isFiltered ? [] : ["OCI-Filters-Applied"],
            gives: .text(
                #"{"manifests":[\#(list.joined(separator: ","))],"mediaType":"\#(type)","schemaVersion":2}"# + "\n"))
    }
}

extension String {
    /// A `+` in a query is a blank.
    fileprivate var encoded: String { replacing("+", with: "%2B").replacing("/", with: "%2F") }
}
