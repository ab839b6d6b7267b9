import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// Manifests on the wire (distribution-spec, `spec.md`, "Pulling manifests", "Pushing manifests").
extension RequestHandler {
    func manifestNow(
        _ reference: Reference, _ name: RepositoryName, _ request: Request
    ) throws(RegistryError) -> Response? {
        guard let manifest = try registry.manifestNow(reference, in: name) else { return nil }
        if request.isHead, try !registry.promiseManifestNow(manifest.digest, in: name) { return nil }
        return serve(manifest, reference, name, request)
    }

    func manifest(_ reference: Reference, _ name: RepositoryName, _ request: Request) async throws -> Response {
        var manifest = try await registry.manifest(reference, in: name)
        if request.isHead {
            try await registry.promiseManifest(manifest.digest, in: name)
            // What was there before the promise may have gone in between.
            manifest = try await registry.manifest(reference, in: name)
        }
        return serve(manifest, reference, name, request)
    }

    /// Whatever `Accept` says: a client is told the type and may refuse it, and none is helped by a 404.
    private func serve(
        _ manifest: StoredManifest, _ reference: Reference, _ name: RepositoryName, _ request: Request
    ) -> Response {
        let digest = manifest.digest.description
        var response = Response(
            .ok,
            [
                "Content-Type": manifest.mediaType.text, "Docker-Content-Digest": digest, "ETag": "\"\(digest)\"",
            ])
        if request.hasMatching(manifest.digest) {
            response.status = .notModified
            return response
        }
        response.body = .bytes(ByteBuffer(bytes: manifest.bytes))
        let registry = self.registry
        response.ended = { _ in
            registry.manifestServed(manifest, reference, in: name, head: request.isHead, by: request.client)
        }
        return response
    }

    func putManifest(
        _ reference: Reference, _ name: RepositoryName, _ request: Request, _ body: RequestBody?
    ) async throws -> Response {
        let limit = registry.configuration.manifestBytesMax
        if let length = request.contentLength, length > Int64(limit) {
            throw RegistryError.manifestTooLarge(limit: limit)
        }
        guard let bytes = try await collect(body, limit) else {
            throw RegistryError.manifestTooLarge(limit: limit)
        }
        var tags: [Tag] = []
        for text in request.parameters("tag") {
            do throws(OCIError) {
                tags.append(try Tag(text))
            } catch {
                throw ErrorAnswer(.tagInvalid, error.description)
            }
        }
        let type = request.headers.first(name: "content-type").map { MediaType($0) }
        let receipt = try await registry.putManifest(
            bytes, contentType: type, reference: reference, tags: tags, in: name, by: request.client)
        let digest = receipt.descriptor.digest.description
        var response = Response(
            .created,
            ["Location": location("/v2/\(name)/manifests/\(digest)", request), "Docker-Content-Digest": digest])
        if let subject = receipt.subject { response.headers.add(name: "OCI-Subject", value: subject.description) }
        for tag in tags { response.headers.add(name: "OCI-Tag", value: tag.text) }
        return response
    }

    /// No body is an empty one; nil is one that is too long.
    private func collect(_ body: RequestBody?, _ limit: Int) async throws -> [UInt8]? {
        guard let body else { return [] }
        return try await body.collect(limit: limit)
    }

    func deleteManifest(_ reference: Reference, _ name: RepositoryName, _ request: Request) async throws -> Response {
        switch reference {
        case .tag(let tag): try await registry.deleteTag(tag, in: name, by: request.client)
        case .digest(let digest): try await registry.deleteManifest(digest, in: name, by: request.client)
        }
        return Response(.accepted)
    }
}
