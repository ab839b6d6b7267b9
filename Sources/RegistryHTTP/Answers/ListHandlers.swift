import NIOHTTP1
import OCI
import RegistryCore

/// Lists on the wire: catalogue, tags, referrers (distribution-spec, `spec.md`, "Content Discovery").
extension RequestHandler {
    /// Entries of a page when the client does not say: distribution's own.
    private static let catalogEntriesDefault = 100

    func catalog(_ request: Request) async throws -> Response {
        let count = try pageSize(request) ?? min(Self.catalogEntriesDefault, limits.catalogEntriesMax)
        guard count <= limits.catalogEntriesMax else {
            throw ErrorAnswer(.paginationNumberInvalid, "n may be at most \(limits.catalogEntriesMax)")
        }
        // One more than asked for says whether a page follows.
        let names = try await registry.repositoryNames(after: request.parameter("last"), limit: count + 1)
        struct Body: Encodable {
            var repositories: [String]
        }
        var response = Response(json: Body(repositories: names.prefix(count).map(\.text)))
        addLink("/v2/_catalog", "", names.map(\.text), count, to: &response)
        return response
    }

    func tags(_ name: RepositoryName, _ request: Request) async throws -> Response {
        // Without n the whole list goes out, as distribution does; with it, at most a page.
        let asked = try pageSize(request)
        let count = asked.map { min($0, limits.tagsMax) } ?? Int(Int32.max)
        let tags = try await registry.tagNames(in: name, after: request.parameter("last"), limit: count + 1)
        struct Body: Encodable {
            var name: String
            var tags: [String]
        }
        var response = Response(json: Body(name: name.text, tags: tags.prefix(count).map(\.text)))
        if asked != nil { addLink("/v2/\(name)/tags/list", "", tags.map(\.text), count, to: &response) }
        return response
    }

    func referrers(_ digest: Digest, _ name: RepositoryName, _ request: Request) async throws -> Response {
        let type = request.parameter("artifactType")
        let count = min(try pageSize(request) ?? limits.referrersMax, limits.referrersMax)
        let last = try request.parameter("last").map(parse)
        let found = try await registry.referrers(
            of: digest, artifactType: type, in: name, after: last, limit: count + 1)
        struct Body: Encodable {
            var schemaVersion = 2
            var mediaType = MediaType.ociIndex.text
            var manifests: [Descriptor]
        }
        var response = Response(json: Body(manifests: Array(found.prefix(count))), type: MediaType.ociIndex.text)
        let filter = type.map { "artifactType=\(PercentEncoding.encodeQuery($0))&" } ?? ""
        addLink("/v2/\(name)/referrers/\(digest)", filter, found.map(\.digest.description), count, to: &response)
        if type != nil { response.headers.add(name: "OCI-Filters-Applied", value: "artifactType") }
        return response
    }

    /// Nil when the client does not say; throws on anything but a number that is not negative.
    private func pageSize(_ request: Request) throws -> Int? {
        guard let text = request.parameter("n"), !text.isEmpty else { return nil }
        guard let count = Int32(text), count >= 0 else {
            throw ErrorAnswer(.paginationNumberInvalid, "n must be a number from 0")
        }
        return Int(count)
    }

    /// RFC 8288, in distribution's form: the request's own path with `last` and `n`.
    ///
    /// - Parameter filter: of the query, with the `&` behind it.
    private func addLink(
        _ path: String, _ filter: String, _ entries: [String], _ count: Int, to response: inout Response
    ) {
        guard entries.count > count, count > 0 else { return }
        let last = PercentEncoding.encodeQuery(entries[count - 1])
        response.headers.add(
            name: "Link", value: "<\(addressing.prefix)\(path)?\(filter)last=\(last)&n=\(count)>; rel=\"next\"")
    }
}
