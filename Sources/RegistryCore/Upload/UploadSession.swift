import Logging
package import OCI
import RegistryStorage

/// An upload in the hands of one request: bytes are hashed while they are written, seen once.
///
/// Ends with exactly one of `suspend`, `revert`, `finish` and `abandon`. Not for two tasks at once. Memory: none beyond the writer's
/// buffer, whatever the size.
package final class UploadSession {
    package let name: RepositoryName
    package let id: UploadID
    /// Bytes that the session held when this request took it.
    package let startOffset: Int64
    private let status: UploadStatus
    private let registry: Registry
    /// Nobody else has the session; nil once this request's part has ended.
    private var claim: Hold?
    private let writer: any BlobWriter
    private var digester: Digester
    /// The hash as this request found it.
    private let startDigester: Digester
    private var ended = false
    /// Bytes that may be written before it is looked again how much is free; the first look comes before the first byte.
    private var bytesUntilLook = 0

    init(
        registry: Registry, name: RepositoryName, status: UploadStatus, claim: consuming Hold, writer: any BlobWriter,
        digester: Digester
    ) {
        self.registry = registry
        self.name = name
        self.status = status
        self.claim = .some(claim)
        self.writer = writer
        self.digester = digester
        startDigester = digester
        id = status.id
        startOffset = status.offset
    }

    deinit {
        // A task that was torn down: the session goes back, what arrived stays for the client to continue. The claim ends
        // after this, when nobody can take an old hash any more.
        if !ended { giveBackHash() }
    }

    /// Bytes that have arrived, those of earlier requests included.
    package var offset: Int64 { writer.offset }

    /// Hashes what comes by the algorithm that the client will ask for; only while nothing has arrived.
    package func expect(_ algorithm: Digest.Algorithm) {
        if writer.offset == 0, digester.algorithm != algorithm { digester = Digester(algorithm) }
    }

    /// - Throws: `noRoom` before anything of `bytes` is written, when the medium would have less left than uploads leave.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(RegistryError) {
        try leaveRoom(for: bytes.count)
        try storedNow { try writer.append(bytes) }
        // A hash that does not cover the file from its first byte is of no use; it is made again at the end.
        if digester.byteCount + Int64(bytes.count) == writer.offset { digester.update(bytes) }
    }

    private func leaveRoom(for count: Int) throws(RegistryError) {
        bytesUntilLook -= count
        guard bytesUntilLook < 0 else { return }
        try RoomKept.check(registry.capacity, for: count)
        bytesUntilLook = RoomKept.bytesBetweenLooks
    }

    /// Hands on what the medium buffers; call it between batches.
    package func flush() async throws(RegistryError) {
        try await stored { try await writer.flush() }
    }

    /// Ends this request's part: what arrived is on the disk, and a later request may continue. When it throws the session
    /// is gone: nobody knows what the disk has of it.
    package func suspend() async throws(RegistryError) -> UploadStatus {
        try await settle(for: goingOn)
        release()
        return UploadStatus(id: id, offset: writer.offset, started: status.started)
    }

    /// Ends this request's part and takes back what it brought: the session stands at `startOffset` again, on the disk and
    /// in its hash. For a body that was not what its request said of it.
    ///
    /// When it throws, the session is given back with what could not be taken back, or gone as by `suspend`.
    @discardableResult
    package func revert() async throws(RegistryError) -> UploadStatus {
        try await orGiveBack {
            try confirm()
            try await writer.truncate(to: startOffset)
        }
        digester = startDigester
        try await settle(for: goingOn)
        release()
        return UploadStatus(id: id, offset: startOffset, started: status.started)
    }

    /// Ends the session and removes what arrived.
    package func abandon() async throws(RegistryError) {
        writer.close()
        ended = true
        registry.ground.uploads.end(id)
        defer { claim = nil }
        try confirm()
        try await stored {
            try await registry.storage.remove(Layout.upload(id.text, in: name), .lasting)
        }
    }

    /// Makes what arrived a blob of the repository. When it returns, bytes and links are on the disk.
    ///
    /// Throws `digestMismatch` when the content is another's; the session is gone then and nothing is kept. The same when
    /// the bytes cannot be made durable. When the storage fails between that and their leaving the session, it is given
    /// back and may be finished later; when it fails afterwards, the session is gone and the bytes are in the store for a
    /// sweep to take.
    package func finish(_ expected: Digest, by access: Access) async throws(RegistryError) -> Descriptor {
        try await orGiveBack { try access.require(.push, name) }
        let data = Layout.upload(id.text, in: name).appending("data")
        try await orGiveBack { try await writer.flush() }
        let actual = try await orGiveBack {
            if digester.algorithm == expected.algorithm, digester.byteCount == writer.offset {
                return digester.finalize()
            }
            return try await hash(data, expected.algorithm)
        }
        guard actual == expected else {
            try await abandon()
            throw .digestMismatch(expected: expected, actual: actual)
        }
        try await settle(for: .commit)
        let descriptor = Descriptor(mediaType: .octetStream, digest: expected, size: writer.offset)
        let pin = try await orGiveBack { try await registry.coordination.hold([.digest(expected)], .shared) }
        let watch = pin.watch()
        let link = FileContent(Layout.layerLink(expected, in: name), Link.content(expected))
        do {
            // Also over bytes that are there already: the new ones are known to be right.
            try await writer.commit(to: Layout.blobData(expected), then: [[link]]) {
                try watch.confirm()
                try confirm()
            }
        } catch {
            try await endCommit(of: data, to: expected, failing: RegistryError(error))
        }
        do throws(RegistryError) {
            try registry.recordBlob(
                expected, size: writer.offset, in: name, [.blobPushed(name, descriptor)], by: access.client)
        } catch {
            registry.recordUnlinked(expected, size: writer.offset)
            await dismiss()
            throw error
        }
        await dismiss()
        return descriptor
    }

    /// Ends the session, whose bytes are elsewhere now or of no use. A directory that cannot be removed is left to the
    /// purger.
    private func dismiss() async {
        // Who has lost the session throws nothing of it away.
        guard isClaimed else { return release() }
        writer.close()
        do {
            // Nobody waits for this: what a power cut brings back is an empty session, which the purger takes.
            try await registry.storage.remove(Layout.upload(id.text, in: name), .passing)
        } catch {
            registry.logger.warning(
                "cannot remove an upload that is over", metadata: ["upload": "\(id)", "error": "\(error)"])
        }
        ended = true
        registry.ground.uploads.end(id)
        claim = nil
    }

    /// The commit failed: before the bytes had left the session, which goes back then, or after.
    private func endCommit(
        of data: StoragePath, to digest: Digest, failing error: RegistryError
    ) async throws(RegistryError) -> Never {
        // Where that cannot be said the session is kept: what is in it may be all that there is.
        var isHere = true
        do { isHere = try await registry.storage.stat(data) != nil } catch {}
        let isThere = try? await registry.storage.stat(Layout.blobData(digest)) != nil
        if !isHere || isThere == true { registry.recordUnlinked(digest, size: writer.offset) }
        if isHere { release() } else { await dismiss() }
        throw error
    }

    /// What makes it a session lasts with what arrived.
    private var goingOn: SyncPurpose { .goingOn(beside: [Layout.uploadBeginning(id.text, in: name)]) }

    /// Makes what arrived durable. The file stays claimed until the session has gone on or has ended: nobody else may write
    /// to what is being committed.
    private func settle(for purpose: SyncPurpose) async throws(RegistryError) {
        try await orGiveBack { try await writer.flush() }
        do {
            try await writer.synchronize(for: purpose)
        } catch {
            await dismiss()
            throw RegistryError(error)
        }
    }

    /// Runs calls of the storage; when they fail the session goes back as it stands, for a later request to go on with.
    private func orGiveBack<T: ~Copyable>(_ call: () async throws -> T) async throws(RegistryError) -> T {
        do {
            return try await call()
        } catch {
            release()
            throw RegistryError(error)
        }
    }

    private func release() {
        writer.close()
        ended = true
        giveBackHash()
        claim = nil
    }

    private var isClaimed: Bool { (try? confirm()) != nil }

    /// Of a session that was lost, others may have written to the file that this is the hash of.
    private func giveBackHash() {
        if isClaimed { registry.ground.uploads.release(id, digester) } else { registry.ground.uploads.end(id) }
    }

    private func confirm() throws(RegistryError) {
        switch claim {
        case .some(let claim): try claim.confirm()
        case .none: throw .uploadConflict(id, reason: "it has come to its end")
        }
    }

    /// Hashes a file of the store in parts.
    private func hash(_ path: StoragePath, _ algorithm: Digest.Algorithm) async throws(RegistryError) -> Digest {
        guard
            let reader = try await stored({
                try await registry.storage.open(path)
            })
        else { throw .uploadUnknown(id) }
        var digester = Digester(algorithm)
        while digester.byteCount < reader.size {
            let offset = digester.byteCount
            let part = try await stored {
                try await reader.read(at: offset, count: 1 << 20)
            }
            guard !part.isEmpty else { break }
            part.withUnsafeBytes { digester.update($0) }
        }
        return digester.finalize()
    }
}
