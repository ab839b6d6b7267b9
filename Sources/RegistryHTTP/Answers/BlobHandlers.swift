import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// Blobs on the wire (distribution-spec, `spec.md`, "Pulling blobs").
extension RequestHandler {
    func blobNow(_ digest: Digest, _ name: RepositoryName, _ request: Request) throws(RegistryError) -> Response? {
        if request.isHead {
            do throws(RegistryError) {
                return try registry.promiseBlobNow(digest, in: name, by: access(request)).map {
                    head($0, name, request)
                }
            } catch {
                tell(error, digest, name, request)
                throw error
            }
        }
        return try registry.blobNow(digest, in: name, by: access(request)).map { serve($0, name, request) }
    }

    func blob(_ digest: Digest, _ name: RepositoryName, _ request: Request) async throws -> Response {
        if request.isHead {
            do throws(RegistryError) {
                let found = try await registry.promiseBlob(digest, in: name, by: access(request))
                return head(found, name, request)
            } catch {
                tell(error, digest, name, request)
                throw error
            }
        }
        return serve(try await registry.blob(digest, in: name, by: access(request)), name, request)
    }

    func deleteBlob(_ digest: Digest, _ name: RepositoryName, _ request: Request) async throws -> Response {
        try await registry.deleteBlob(digest, in: name, by: access(request))
        return Response(.accepted)
    }

    /// A client asked for a blob that is not there: it is going to send it.
    private func tell(_ error: RegistryError, _ digest: Digest, _ name: RepositoryName, _ request: Request) {
        guard case .blobUnknown = error else { return }
        registry.publish(.blobAsked(name, digest, isThere: false), by: request.client)
    }

    private func head(_ blob: Descriptor, _ name: RepositoryName, _ request: Request) -> Response {
        registry.publish(.blobAsked(name, blob.digest, isThere: true), by: request.client)
        let isKnown = request.hasMatching(blob.digest)
        return Response(isKnown ? .notModified : .ok, .blob(blob.digest), body: isKnown ? .none : .unsent(blob.size))
    }

    private func serve(_ blob: BlobContent, _ name: RepositoryName, _ request: Request) -> Response {
        var response = Response(.ok, .blob(blob.digest))
        if request.hasMatching(blob.digest) {
            response.status = .notModified
            return response
        }
        var parts = [0..<blob.size]
        switch ByteRange(request.range(of: blob.digest), size: blob.size, rangesMax: limits.rangesMax) {
        case .whole: break
        case .parts(let asked):
            parts = asked
            response.status = .partialContent
        case .unsatisfiable:
            var error = ErrorAnswer(.rangeInvalid, "the blob has \(blob.size) bytes")
            error.headers.add(name: "Content-Range", value: "bytes */\(blob.size)")
            return Response(error)
        }
        let body = Self.body(parts, of: blob, &response)
        response.body = .blob(blob, body)
        let registry = self.registry
        let transfer = registry.transfers.begin(
            .pull, name, digest: blob.digest, total: body.length, by: request.client)
        response.transfer = transfer
        let (descriptor, asked) = (blob.descriptor, body.length)
        response.ended = { bytes in
            transfer.reached(bytes)
            transfer.end()
            registry.blobServed(descriptor, bytes: bytes, asked: asked, in: name, by: request.client)
        }
        return response
    }

    /// One part is the body itself; several stand in the form of RFC 9110 §14.6, between lines that no blob can contain but
    /// by chance.
    private static func body(
        _ ranges: [Range<Int64>], of blob: BlobContent, _ response: inout Response
    ) -> Response.BlobParts {
        func contentRange(_ range: Range<Int64>) -> String {
            "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(blob.size)"
        }
        guard ranges.count > 1 else {
            if response.status == .partialContent {
                response.headers.add(name: "Content-Range", value: contentRange(ranges[0]))
            }
            return .init(parts: ranges.map { .init(range: $0) })
        }
        let boundary = String(UInt64.random(in: .min ... .max), radix: 16) + blob.digest.hex.prefix(32)
        response.headers.replaceOrAdd(name: "Content-Type", value: "multipart/byteranges; boundary=\(boundary)")
        let type = MediaType.octetStream.text
        let parts = ranges.enumerated().map { number, range in
            let lead = "\(number == 0 ? "" : "\r\n")--\(boundary)\r\nContent-Type: \(type)\r\n"
            return Response.BlobParts.Part(
                lead: ByteBuffer(string: "\(lead)Content-Range: \(contentRange(range))\r\n\r\n"), range: range)
        }
        return .init(parts: parts, trailer: ByteBuffer(string: "\r\n--\(boundary)--\r\n"))
    }
}
