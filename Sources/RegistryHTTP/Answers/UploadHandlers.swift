import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// Uploads on the wire (distribution-spec, `spec.md`, "Pushing blobs"; the answers are those of distribution).
extension RequestHandler {
    /// Mounts a blob, takes it whole, or opens a session, by what the query asks for.
    func startUpload(_ name: RepositoryName, _ request: Request, _ body: RequestBody?) async throws -> Response {
        let access = self.access(request)
        if let text = request.parameter("mount") {
            let digest = try parse(text)
            if let blob = try await mount(digest, request.parameter("from"), name, request) {
                return created(blob, name, request)
            }
        } else if let digest = try digest(request) {
            let status = try await registry.startUpload(in: name, algorithm: digest.algorithm, by: access)
            let session = try await registry.openUpload(status.id, in: name, by: access)
            do {
                try await receive(body, session, nil, digest, request)
            } catch {
                try await session.abandon()
                throw error
            }
            do {
                return created(try await session.finish(digest, by: access), name, request)
            } catch {
                // Nobody was told of the session, so nobody can end it; mostly it is over already.
                try? await registry.cancelUpload(status.id, in: name, by: access)
                throw error
            }
        }
        let status = try await registry.startUpload(in: name, algorithm: try algorithm(request), by: access)
        registry.publish(.uploadStarted(name), by: request.client)
        return progress(.accepted, status, name, request)
    }

    /// A source whose name cannot be does not hold the blob: the client has to upload. Without one any will do.
    private func mount(
        _ digest: Digest, _ from: String?, _ name: RepositoryName, _ request: Request
    ) async throws -> Descriptor? {
        let source = from.flatMap { try? RepositoryName($0) }
        guard from == nil || source != nil else { return nil }
        return try await registry.mountBlob(digest, from: source, into: name, by: access(request))
    }

    private func algorithm(_ request: Request) throws -> Digest.Algorithm {
        guard let text = request.parameter("digest-algorithm") else { return .sha256 }
        guard let algorithm = Digest.Algorithm(name: text) else {
            throw ErrorAnswer(.digestInvalid, "sha256 and sha512 are known here")
        }
        return algorithm
    }

    func uploadStatus(_ id: UploadID, _ name: RepositoryName, _ request: Request) async throws -> Response {
        progress(.noContent, try await registry.uploadStatus(id, in: name, by: access(request)), name, request)
    }

    func cancelUpload(_ id: UploadID, _ name: RepositoryName, _ request: Request) async throws -> Response {
        _ = try state(id, name, request)
        try await registry.cancelUpload(id, in: name, by: access(request))
        return Response(.noContent)
    }

    func appendUpload(
        _ id: UploadID, _ name: RepositoryName, _ request: Request, _ body: RequestBody?
    ) async throws -> Response {
        let session = try await open(id, name, request, by: access(request))
        do {
            let bytes = try await receive(body, session, try range(session, request), nil, request)
            registry.publish(.uploadPaused(name, bytes: bytes, isBroken: false), by: request.client)
        } catch {
            try await giveBack(session, after: error)
            throw error
        }
        return progress(.accepted, try await session.suspend(), name, request)
    }

    func finishUpload(
        _ id: UploadID, _ name: RepositoryName, _ request: Request, _ body: RequestBody?
    ) async throws -> Response {
        guard let digest = try digest(request) else {
            throw ErrorAnswer(.digestInvalid, "the query must name the digest")
        }
        let access = self.access(request)
        let session = try await open(id, name, request, by: access)
        do {
            let range = try range(session, request)
            session.expect(digest.algorithm)
            try await receive(body, session, range, digest, request)
        } catch {
            try await giveBack(session, after: error)
            throw error
        }
        return created(try await session.finish(digest, by: access), name, request)
    }

    // MARK: Parts

    /// Takes the session the address and its signed state name.
    private func open(
        _ id: UploadID, _ name: RepositoryName, _ request: Request, by access: Access
    ) async throws -> UploadSession {
        let state = try state(id, name, request)
        let session = try await registry.openUpload(id, in: name, by: access)
        guard session.startOffset == state.offset else {
            let at = session.startOffset
            _ = try await session.suspend()
            throw RegistryError.rangeOutOfOrder(at: at)
        }
        return session
    }

    private func state(_ id: UploadID, _ name: RepositoryName, _ request: Request) throws -> UploadState {
        try access(request).require(.push, name)
        guard let token = request.parameter("_state"), let state = UploadState(token: token, secret: secret),
            state.id == id, state.name == name
        else { throw ErrorAnswer(.blobUploadInvalid, "the address of the upload is not one that was given out") }
        return state
    }

    /// A body that was not what was said of it leaves no trace; of one that broke off the client can go on behind what came.
    private func giveBack(_ session: UploadSession, after error: any Error) async throws {
        if error is ErrorAnswer { try await session.revert() } else { _ = try await session.suspend() }
    }

    /// What a chunk says of itself; nil when it says nothing. Throws when it does not continue the session.
    private func range(_ session: UploadSession, _ request: Request) throws -> ChunkRange? {
        guard let header = request.headers.first(name: "content-range") else { return nil }
        guard let range = ChunkRange(header) else {
            throw ErrorAnswer(.rangeInvalid, "Content-Range must be <first>-<last>")
        }
        guard range.first == session.offset else { throw RegistryError.rangeOutOfOrder(at: session.offset) }
        if let length = request.contentLength, length != range.count {
            throw ErrorAnswer(.sizeInvalid, "Content-Range says \(range.count) bytes, Content-Length \(length)")
        }
        return range
    }

    /// Hashes and writes the body as it comes, in batches. Throws when it is not as long as its range says.
    /// - Returns: bytes of the body.
    @discardableResult
    private func receive(
        _ body: RequestBody?, _ session: UploadSession, _ range: ChunkRange?, _ digest: Digest?, _ request: Request
    ) async throws -> Int64 {
        try await receive(body, session, digest, request) { count, isEnd in
            guard let range, count > range.count || (isEnd && count < range.count) else { return }
            throw ErrorAnswer(.sizeInvalid, "Content-Range says \(range.count) bytes, the body has others")
        }
    }

    /// - Parameter check: told of the bytes so far, before they are written, and whether they are all.
    private func receive(
        _ body: RequestBody?, _ session: UploadSession, _ digest: Digest?, _ request: Request,
        _ check: (_ count: Int64, _ isEnd: Bool) throws -> Void
    ) async throws -> Int64 {
        guard let body else {
            try check(0, true)
            return 0
        }
        let transfer = registry.transfers.begin(
            .push, session.name, digest: digest, total: request.contentLength, by: request.client)
        defer { transfer.end() }
        body.watch { transfer.advance($0) }
        do {
            var count: Int64 = 0
            while true {
                let batch = try await body.next()
                if batch.isEmpty {
                    try check(count, true)
                    return count
                }
                count += batch.reduce(0) { $0 + Int64($1.readableBytes) }
                try check(count, false)
                for buffer in batch { try buffer.withUnsafeReadableBytes { try session.append($0) } }
                try await session.flush()
            }
        } catch  where error is RequestBody.Interruption || error is CancellationError {
            let bytes = transfer.bytesDone
            registry.publish(.uploadPaused(session.name, bytes: bytes, isBroken: true), by: request.client)
            throw error
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
