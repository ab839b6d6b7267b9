import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// Manifests on the wire (distribution-spec, `spec.md`, "Pulling manifests", "Pushing manifests").
extension RequestHandler {
    /// Bytes that pushing a manifest takes for each of its own, where nearly all of them are descriptors: measured.
    private static let bytesWorkPerByte = 20
    /// A manifest above this has thousands of parts, which hardly any image has.
    private static let bytesPatient = 256 << 10
    /// Where such are pushed: they take a processor for as long as a thousand ordinary requests, which are not to wait for it.
    private static let patient = BlockingExecutor(threads: 2, niceness: 10)
    /// Different tags that the query of one push may name. Each is written and comes back in a header of its own, and clients
    /// refuse answers with more headers than a hundred or two.
    private static let tagsPerPushMax = 100

    func manifestNow(
        _ reference: Reference, _ name: RepositoryName, _ request: Request
    ) throws(RegistryError) -> Response? {
        let access = self.access(request)
        guard let manifest = try registry.manifestNow(reference, in: name, by: access) else { return nil }
        if request.isHead,
            try !registry.promiseManifestNow(manifest.digest, asked: reference.tag, in: name, by: access)
        {
            return nil
        }
        return serve(manifest, reference, name, request)
    }

    func manifest(
        _ reference: Reference, _ name: RepositoryName, _ request: Request, _ holding: Holding
    ) async throws -> Response {
        // As much as it may have, until it is there and is known to have less.
        let most = registry.configuration.manifestBytesMax
        try await holding.take(most)
        let access = self.access(request)
        var manifest = try await registry.manifest(reference, in: name, by: access)
        if request.isHead {
            try await registry.promiseManifest(manifest.digest, asked: reference.tag, in: name, by: access)
            // What was there before the promise may have gone in between.
            manifest = try await registry.manifest(reference, in: name, by: access)
        }
        holding.give(max(0, most - manifest.bytes.count))
        return serve(manifest, reference, name, request)
    }

    /// Whatever `Accept` says: a client is told the type and may refuse it, and none is helped by a 404.
    private func serve(
        _ manifest: StoredManifest, _ reference: Reference, _ name: RepositoryName, _ request: Request
    ) -> Response {
        var response = Response(
            .ok, ContentFields(kind: .manifest, mediaType: manifest.mediaType, digest: manifest.digest))
        if request.hasMatching(manifest.digest) {
            response.status = .notModified
            return response
        }
        response.body = .shared(manifest.bytes)
        let registry = self.registry
        response.ended = { _ in
            registry.manifestServed(manifest, reference, in: name, head: request.isHead, by: request.client)
        }
        return response
    }

    func putManifest(
        _ reference: Reference, _ name: RepositoryName, _ request: Request, _ body: RequestBody?,
        _ holding: Holding
    ) async throws -> Response {
        let limit = registry.configuration.manifestBytesMax
        if let length = request.contentLength, length > Int64(limit) {
            throw RegistryError.manifestTooLarge(limit: limit)
        }
        let tags = try Self.tags(request)
        // Before the body is taken; the verb asks too.
        let access = self.access(request)
        try registry.requirePush(of: reference, tags, to: name, by: access)
        var bytes: [UInt8] = []
        if let body {
            guard let all = try await body.collect(limit: limit, holding: holding) else {
                throw RegistryError.manifestTooLarge(limit: limit)
            }
            bytes = all
        }
        let type = request.headers.first(name: "content-type").map { MediaType($0) }
        // Of the largest there is one at a time, and ordinary ones pass it.
        let cost = min(bytes.count * Self.bytesWorkPerByte, work.bytesLarge)
        let room = work.open(displace: nil)
        try await room.take(cost)
        defer { room.give(cost) }
        let executor: BlockingExecutor? = bytes.count > Self.bytesPatient ? Self.patient : nil
        let receipt = try await withTaskExecutorPreference(executor) { [bytes] in
            try await registry.putManifest(
                bytes, contentType: type, reference: reference, tags: tags, in: name, by: access)
        }
        let digest = receipt.descriptor.digest.description
        var response = Response(
            .created,
            ["Location": location("/v2/\(name)/manifests/\(digest)", request), "Docker-Content-Digest": digest])
        if let subject = receipt.subject { response.headers.add(name: "OCI-Subject", value: subject.description) }
        for tag in tags { response.headers.add(name: "OCI-Tag", value: tag.text) }
        return response
    }

    /// The tags that the query of a push names, each once, in its order.
    private static func tags(_ request: Request) throws -> [Tag] {
        var (tags, known): ([Tag], Set<Tag>) = ([], [])
        for text in request.parameters("tag") {
            do throws(OCIError) {
                let tag = try Tag(text)
                if known.insert(tag).inserted { tags.append(tag) }
            } catch {
                throw ErrorAnswer(.tagInvalid, error.description)
            }
        }
        guard tags.count <= tagsPerPushMax else {
            throw ErrorAnswer(
                .tagInvalid,
                "the query names \(tags.count) tags; one push takes \(tagsPerPushMax), push again for the others")
        }
        return tags
    }

    func deleteManifest(_ reference: Reference, _ name: RepositoryName, _ request: Request) async throws -> Response {
        switch reference {
        case .tag(let tag): try await registry.deleteTag(tag, in: name, by: access(request))
        case .digest(let digest): try await registry.deleteManifest(digest, in: name, by: access(request))
        }
        return Response(.accepted)
    }
}
