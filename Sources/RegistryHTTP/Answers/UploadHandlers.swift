import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// Uploads on the wire (distribution-spec, `spec.md`, "Pushing blobs"; the answers are those of distribution).
extension RequestHandler {
    /// Mounts a blob, takes it whole, or opens a session, by what the query asks for.
    func startUpload(_ name: RepositoryName, _ request: Request, _ body: RequestBody?) async throws -> Response {
        if let text = request.parameter("mount") {
            let digest = try parse(text)
            if let blob = try await mount(digest, request.parameter("from"), name, request) {
                return created(blob, name, request)
            }
        } else if let text = request.parameter("digest") {
            let digest = try parse(text)
            let status = try await registry.startUpload(in: name, algorithm: digest.algorithm)
            let session = try await registry.openUpload(status.id, in: name)
            do {
                try await receive(body, session, digest, request)
            } catch {
                try await session.abandon()
                throw error
            }
            return created(try await session.finish(digest, by: request.client), name, request)
        }
        let status = try await registry.startUpload(in: name, algorithm: try algorithm(request))
        return progress(.accepted, status, name, request)
    }

    /// A source whose name cannot be does not hold the blob: the client has to upload. Without one any will do.
    private func mount(
        _ digest: Digest, _ from: String?, _ name: RepositoryName, _ request: Request
    ) async throws -> Descriptor? {
        let source = from.flatMap { try? RepositoryName($0) }
        guard from == nil || source != nil else { return nil }
        return try await registry.mountBlob(digest, from: source, into: name, by: request.client)
    }

    private func algorithm(_ request: Request) throws -> Digest.Algorithm {
        guard let text = request.parameter("digest-algorithm") else { return .sha256 }
        guard let algorithm = Digest.Algorithm(name: text) else {
            throw ErrorAnswer(.digestInvalid, "sha256 and sha512 are known here")
        }
        return algorithm
    }

    func uploadStatus(_ id: UploadID, _ name: RepositoryName, _ request: Request) async throws -> Response {
        progress(.noContent, try await registry.uploadStatus(id, in: name), name, request)
    }

    func cancelUpload(_ id: UploadID, _ name: RepositoryName, _ request: Request) async throws -> Response {
        _ = try state(id, name, request)
        try await registry.cancelUpload(id, in: name)
        return Response(.noContent)
    }

    func appendUpload(
        _ id: UploadID, _ name: RepositoryName, _ request: Request, _ body: RequestBody?
    ) async throws -> Response {
        let session = try await open(id, name, request)
        do {
            try checkRange(session, request)
            try await receive(body, session, nil, request)
        } catch {
            _ = try await session.suspend()
            throw error
        }
        return progress(.accepted, try await session.suspend(), name, request)
    }

    func finishUpload(
        _ id: UploadID, _ name: RepositoryName, _ request: Request, _ body: RequestBody?
    ) async throws -> Response {
        guard let text = request.parameter("digest") else {
            throw ErrorAnswer(.digestInvalid, "the query must name the digest")
        }
        let digest = try parse(text)
        let session = try await open(id, name, request)
        do {
            try checkRange(session, request)
            session.expect(digest.algorithm)
            try await receive(body, session, digest, request)
        } catch {
            _ = try await session.suspend()
            throw error
        }
        return created(try await session.finish(digest, by: request.client), name, request)
    }

    // MARK: Parts

    /// Takes the session the address and its signed state name.
    private func open(_ id: UploadID, _ name: RepositoryName, _ request: Request) async throws -> UploadSession {
        let state = try state(id, name, request)
        let session = try await registry.openUpload(id, in: name)
        guard session.startOffset == state.offset else {
            let at = session.startOffset
            _ = try await session.suspend()
            throw RegistryError.rangeOutOfOrder(at: at)
        }
        return session
    }

    private func state(_ id: UploadID, _ name: RepositoryName, _ request: Request) throws -> UploadState {
        guard let token = request.parameter("_state"), let state = UploadState(token: token, secret: secret),
            state.id == id, state.name == name
        else { throw ErrorAnswer(.blobUploadInvalid, "the address of the upload is not one that was given out") }
        return state
    }

    private func checkRange(_ session: UploadSession, _ request: Request) throws {
        guard let header = request.headers.first(name: "content-range") else { return }
        guard let range = ChunkRange(header) else {
            throw ErrorAnswer(.rangeInvalid, "Content-Range must be <first>-<last>")
        }
        guard range.first == session.offset else { throw RegistryError.rangeOutOfOrder(at: session.offset) }
        if let length = request.contentLength, length != range.count {
            throw ErrorAnswer(.sizeInvalid, "Content-Range says \(range.count) bytes, Content-Length \(length)")
        }
    }

    /// Hashes and writes the body as it comes, in batches.
    private func receive(
        _ body: RequestBody?, _ session: UploadSession, _ digest: Digest?, _ request: Request
    ) async throws {
        guard let body else { return }
        let transfer = registry.transfers.begin(
            .push, session.name, digest: digest, total: request.contentLength, by: request.client)
        defer {
            transfer.end()
            registry.counts.add(.bytesIn, Int(transfer.bytesDone))
        }
        body.watch { transfer.advance($0) }
        while true {
            let batch = try await body.next()
            if batch.isEmpty { return }
            for buffer in batch { try buffer.withUnsafeReadableBytes { try session.append($0) } }
            try await session.flush()
        }
    }

    private func parse(_ text: String) throws -> Digest {
        do throws(OCIError) {
            return try Digest(text)
        } catch {
            throw ErrorAnswer(.digestInvalid, error.description)
        }
    }

    private func created(_ blob: Descriptor, _ name: RepositoryName, _ request: Request) -> Response {
        Response(
            .created,
            [
                "Location": location("/v2/\(name)/blobs/\(blob.digest)", request),
                "Docker-Content-Digest": blob.digest.description,
            ])
    }

    private func progress(
        _ code: HTTPResponseStatus, _ status: UploadStatus, _ name: RepositoryName, _ request: Request
    ) -> Response {
        let token = PercentEncoding.encodeQuery(UploadState(name: name, status: status).token(secret))
        return Response(
            code,
            [
                "Location": location("/v2/\(name)/blobs/uploads/\(status.id)?_state=\(token)", request),
                "Docker-Upload-UUID": status.id.text,
                // An empty upload and one of a single byte read the same; clients live with it.
                "Range": "0-\(max(0, status.offset - 1))",
            ])
    }
}
