import Glibc
import Synchronization

/// A local file open for reading; closes with its last reference.
final class OpenFile: BlobReader {
    let size: Int64
    private let ownedDescriptor: CInt
    private let path: StoragePath

    /// Takes ownership of the descriptor.
    init(descriptor: CInt, size: Int64, path: StoragePath) {
        ownedDescriptor = descriptor
        self.size = size
        self.path = path
    }

    deinit { Glibc.close(ownedDescriptor) }

    var descriptor: CInt? { ownedDescriptor }

    func read(at offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        try readAll(at: offset, count: count)
    }

    /// The synchronous form of `read`.
    func readAll(at offset: Int64, count: Int) throws(StorageError) -> [UInt8] {
        var failure: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    ownedDescriptor, buffer.baseAddress?.advanced(by: filled), count - filled,
                    off_t(offset) + off_t(filled)
                )
                if got > 0 { filled += got; continue }
                if got == 0 { return }
                if errno == EINTR { continue }
                failure = errno
                return
            }
        }
        guard failure == 0 else { throw .system(operation: "read", path: path, code: failure) }
        return bytes
    }
}

/// A local file that grows at its end. Not for two tasks at once.
final class GrowingFile: BlobWriter {
    private(set) var offset: Int64
    private var descriptor: CInt
    private let path: StoragePath
    private let driver: FileSystemDriver
    /// The file's own name would survive a crash.
    var isNameDurable = false
    /// So would all that is in it.
    private var isContentDurable = false

    /// Takes ownership of the descriptor; `offset` is the file's length.
    init(descriptor: CInt, offset: Int64, path: StoragePath, driver: FileSystemDriver) {
        self.descriptor = descriptor
        self.offset = offset
        self.path = path
        self.driver = driver
    }

    deinit { close() }

    /// The file was there, and is known to survive a crash as it is.
    func isKnownDurable() {
        isNameDurable = true
        isContentDurable = true
    }

    /// It is about to be written to: nothing that was noted of it holds any more.
    private func changes() {
        guard isContentDurable else { return }
        isContentDurable = false
        driver.durable.withLock { $0.forget(path) }
    }

    /// Keeps other processes from writing to it at the same time.
    func claim() throws(StorageError) { try driver.claim(descriptor, path) }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        var rest = bytes
        if !bytes.isEmpty { changes() }
        while !rest.isEmpty {
            let written = driver.calls.write(rest, to: descriptor, at: offset)
            if written < 0 {
                if errno == EINTR { continue }
                throw .system(operation: "write", path: path, code: errno)
            }
            offset += Int64(written)
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// The same for an array.
    func append(_ bytes: [UInt8]) throws(StorageError) {
        let outcome = bytes.withUnsafeBytes { buffer in
            Result { () throws(StorageError) in try append(buffer) }
        }
        try outcome.get()
    }

    func truncate(to length: Int64) async throws(StorageError) {
        precondition(length <= offset, "a file that grows cannot be cut where it does not reach")
        changes()
        while driver.calls.truncate(descriptor, to: length) != 0 {
            guard errno == EINTR else { throw .system(operation: "truncate", path: path, code: errno) }
        }
        offset = length
    }

    func flush() async throws(StorageError) {}

    func synchronize(for purpose: SyncPurpose) async throws(StorageError) {
        guard case .goingOn(let others) = purpose else { return try synchronizeContent() }
        let unknown = try driver.synchronizeContent(of: others)
        try synchronizeContent()
        // It was made before anything was written to it, the others before it, and the directories above before those.
        if let parent = path.parent, try driver.ordersChanges(in: [parent]) {
            for other in unknown { try driver.noteDurable(other) }
        } else {
            try await driver.secure(isNameDurable ? unknown : unknown + [path])
        }
        driver.noteDurable(path, descriptor)
        isNameDurable = true
    }

    func commit(
        to target: StoragePath, then groups: [[FileContent]], _ mayGoOn: () throws -> Void
    ) async throws {
        try await driver.commit(path, to: target, then: groups, mayGoOn)
    }

    /// The bytes alone, for a file that is to get another name.
    func synchronizeContent() throws(StorageError) {
        if isContentDurable { return }
        guard driver.calls.synchronize(descriptor) == 0 else {
            throw .system(operation: "fsync", path: path, code: errno)
        }
        isContentDurable = true
    }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }
}
