import NIOHTTP1
import OCI
import RegistryCore

/// Lists on the wire: catalogue, tags, referrers (distribution-spec, `spec.md`, "Content Discovery").
extension RequestHandler {
    /// Entries of a page when the client does not say: distribution's own.
    private static let catalogEntriesDefault = 100

    /// Bytes that a name or a tag of a page takes at most, as text and in the answer.
    private static let bytesEntryMax = 640
    /// Bytes that are taken for a page before it is read.
    private static let bytesReservedMax = 2 << 20
    /// Bytes of referrers on a page: what clients take for an index.
    private static let bytesReferrersMax = 4 << 20

    func catalog(_ request: Request, _ holding: Holding) async throws -> Response {
        let count = try pageSize(request) ?? min(Self.catalogEntriesDefault, limits.catalogEntriesMax)
        guard count <= limits.catalogEntriesMax else {
            throw ErrorAnswer(.paginationNumberInvalid, "n may be at most \(limits.catalogEntriesMax)")
        }
        // One more than asked for says whether a page follows.
        let room = try await reserve(count + 1, holding)
        let names = try await registry.repositoryNames(
            after: request.parameter("last"), limit: count + 1, by: access(request))
        struct Body: Encodable {
            var repositories: [String]
        }
        var response = Response(json: Body(repositories: names.prefix(count).map(\.text)))
        addLink("/v2/_catalog", "", names.map(\.text), count, to: &response)
        settle(holding, room, response)
        return response
    }

    func tags(_ name: RepositoryName, _ request: Request, _ holding: Holding) async throws -> Response {
        let last = request.parameter("last")
        // Without n the whole list goes out, as distribution does; with it, at most a page.
        guard let asked = try pageSize(request) else { return try await allTags(name, after: last, access(request)) }
        let count = min(asked, limits.tagsMax)
        let room = try await reserve(count + 1, holding)
        let tags = try await registry.tagNames(in: name, after: last, limit: count + 1, by: access(request))
        var response = Response(json: TagList(name: name.text, tags: tags.prefix(count).map(\.text)))
        addLink("/v2/\(name)/tags/list", "", tags.map(\.text), count, to: &response)
        settle(holding, room, response)
        return response
    }

    private struct TagList: Encodable {
        var name: String
        var tags: [String]
    }

    /// In parts when it is long. A repository that goes meanwhile ends it.
    private func allTags(
        _ name: RepositoryName, after last: String?, _ access: Access
    ) async throws -> Response {
        let count = ListParts.entriesFirst
        let first = try await registry.tagNames(in: name, after: last, limit: count, by: access).map(\.text)
        guard first.count == count else { return Response(json: TagList(name: name.text, tags: first)) }
        let registry = self.registry
        let parts = ListParts(opening: #"{"name":"\#(name)","tags":["#, first: first) { last, limit in
            do throws(RegistryError) {
                return try await registry.tagNames(in: name, after: last, limit: limit, by: access).map(\.text)
            } catch {
                if case .nameUnknown = error { return [] }
                throw error
            }
        }
        return Response(.ok, ["Content-Type": "application/json"], body: .list(parts))
    }

    /// Takes the room of a page before it is read, and says how much. Of a long one as much as most have: how long a page may
    /// be is for the configuration to say, and one that is longer is counted when it is there.
    private func reserve(_ entries: Int, _ holding: Holding) async throws -> Int {
        let bytes = min(entries.multipliedClamped(by: Self.bytesEntryMax), Self.bytesReservedMax)
        try await holding.take(bytes)
        return bytes
    }

    /// Holds from now on what the page has, and not what was taken for it.
    private func settle(_ holding: Holding, _ taken: Int, _ response: Response) {
        let bytes = Int(clamping: response.contentLength ?? 0)
        if bytes > taken { holding.add(bytes - taken) } else { holding.give(taken - bytes) }
    }

    func referrers(
        _ digest: Digest, _ name: RepositoryName, _ request: Request, _ holding: Holding
    ) async throws -> Response {
        let type = request.parameter("artifactType")
        let count = min(try pageSize(request) ?? limits.referrersMax, limits.referrersMax)
        let last = try request.parameter("last").map(parse)
        try await holding.take(2 * Self.bytesReferrersMax)
        let found = try await registry.referrers(
            of: digest, artifactType: type, in: name, after: last, limit: count + 1,
            bytesMax: Self.bytesReferrersMax, by: access(request))
        let page = Array(found.prefix(min(count, Self.fitting(found))))
        struct Body: Encodable {
            var schemaVersion = 2
            var mediaType = MediaType.ociIndex.text
            var manifests: [Descriptor]
        }
        var response = Response(json: Body(manifests: page), type: MediaType.ociIndex.text)
        let filter = type.map { "artifactType=\(PercentEncoding.encodeQuery($0))&" } ?? ""
        addLink("/v2/\(name)/referrers/\(digest)", filter, found.map(\.digest.description), page.count, to: &response)
        if type != nil { response.headers.add(name: "OCI-Filters-Applied", value: "artifactType") }
        settle(holding, 2 * Self.bytesReferrersMax, response)
        return response
    }

    /// How many of the first fit on a page: one at least, or nobody would come past it.
    private static func fitting(_ referrers: [Descriptor]) -> Int {
        var bytes = 0
        let fitting = referrers.prefix { referrer in
            bytes.addClamped(Descriptor.bytes(of: referrer.annotations ?? [:]))
            return bytes <= bytesReferrersMax
        }
        return max(1, fitting.count)
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
