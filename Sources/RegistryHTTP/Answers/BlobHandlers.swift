import NIOHTTP1
import OCI
import RegistryCore

/// Blobs on the wire (distribution-spec, `spec.md`, "Pulling blobs").
extension RequestHandler {
    func blobNow(_ digest: Digest, _ name: RepositoryName, _ request: Request) throws(RegistryError) -> Response? {
        if request.isHead {
            return try registry.promiseBlobNow(digest, in: name).map { head($0, name, request) }
        }
        return try registry.blobNow(digest, in: name).map { serve($0, name, request) }
    }

    func blob(_ digest: Digest, _ name: RepositoryName, _ request: Request) async throws -> Response {
        if request.isHead { return head(try await registry.promiseBlob(digest, in: name), name, request) }
        return serve(try await registry.blob(digest, in: name), name, request)
    }

    func deleteBlob(_ digest: Digest, _ name: RepositoryName, _ request: Request) async throws -> Response {
        try await registry.deleteBlob(digest, in: name, by: request.client)
        return Response(.accepted)
    }

    /// Content under a digest never changes, so it may be kept for as long as HTTP can say.
    private func headers(_ digest: Digest) -> HTTPHeaders {
        [
            "Content-Type": MediaType.octetStream.text, "Docker-Content-Digest": digest.description,
            "ETag": "\"\(digest)\"", "Accept-Ranges": "bytes", "Cache-Control": "max-age=31536000",
        ]
    }

    private func head(_ blob: Descriptor, _ name: RepositoryName, _ request: Request) -> Response {
        if request.hasMatching(blob.digest) { return Response(.notModified, headers(blob.digest)) }
        var response = Response(.ok, headers(blob.digest))
        response.headers.add(name: "Content-Length", value: String(blob.size))
        return response
    }

    private func serve(_ blob: BlobContent, _ name: RepositoryName, _ request: Request) -> Response {
        var response = Response(.ok, headers(blob.digest))
        if request.hasMatching(blob.digest) {
            response.status = .notModified
            return response
        }
        var range = 0..<blob.size
        switch ByteRange(request.headers.first(name: "range"), size: blob.size) {
        case .whole: break
        case .part(let part):
            range = part
            response.status = .partialContent
            response.headers.add(
                name: "Content-Range", value: "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(blob.size)")
        case .unsatisfiable:
            var error = ErrorAnswer(.rangeInvalid, "the blob has \(blob.size) bytes")
            error.headers.add(name: "Content-Range", value: "bytes */\(blob.size)")
            return Response(error)
        }
        response.body = .blob(blob, range)
        let registry = self.registry
        let transfer = registry.transfers.begin(
            .pull, name, digest: blob.digest, total: range.upperBound - range.lowerBound, by: request.client)
        response.transfer = transfer
        let descriptor = blob.descriptor
        response.ended = { bytes in
            transfer.end()
            registry.blobServed(descriptor, bytes: bytes, in: name, by: request.client)
        }
        return response
    }
}
