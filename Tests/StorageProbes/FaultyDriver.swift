import Glibc
package import RegistryStorage
import Synchronization

/// A tree in memory that remembers what it was asked, and fails where a test says so.
package final class FaultyDriver: TreeBacked, CrashableStorage {
    package enum Operation: Sendable, Equatable {
        case stat, open, read, write, append, take, truncate, synchronize, settle, preserve
        case move, remove, createDirectory, list
    }

    /// One call; the path of a move is its target.
    package struct Call: Sendable, Equatable {
        package var operation: Operation
        package var path: StoragePath

        package init(operation: Operation, path: StoragePath) {
            self.operation = operation
            self.path = path
        }
    }

    private struct State {
        var calls: [Call] = []
        var isFault: @Sendable (Call) -> Bool = { _ in false }
        var code: CInt = ENOSPC
    }

    /// What is stored, for who is to meet no fault.
    package let tree = MemoryDriver()
    private let state = Mutex(State())

    package init() {}

    /// From now on the calls that `isFault` picks fail with `code`, the errno. A failing `take` writes half of its
    /// bytes, a failing `write` makes the directories.
    package func fail(with code: CInt = ENOSPC, _ isFault: @escaping @Sendable (Call) -> Bool) {
        state.withLock { state in
            state.isFault = isFault
            state.code = code
        }
    }

    package func recover() { fail { _ in false } }

    /// From now on the call after `number` others fails with `code`, and only that one.
    package func failOnce(after number: Int, with code: CInt) {
        let left = Mutex(number)
        fail(with: code) { _ in
            left.withLock { left in
                left -= 1
                return left == -1
            }
        }
    }

    /// What was asked since the last call of this.
    package func takeCalls() -> [Call] {
        state.withLock { state in
            defer { state.calls = [] }
            return state.calls
        }
    }

    fileprivate func enter(_ operation: Operation, _ path: StoragePath) throws(StorageError) {
        let call = Call(operation: operation, path: path)
        let code: CInt? = state.withLock { state in
            state.calls.append(call)
            return state.isFault(call) ? state.code : nil
        }
        if let code { throw .system(operation: "\(operation)", path: path, code: code) }
    }

    package func stat(_ path: StoragePath) async throws(StorageError) -> FileStatus? {
        try enter(.stat, path)
        return try await tree.stat(path)
    }

    package func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)? {
        try enter(.open, path)
        return try await tree.open(path).map { FaultyReader($0, path, self) }
    }

    package func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)? {
        try enter(.list, path)
        return try await tree.entries(of: path)
    }

    package func write(_ groups: [[FileContent]], _ durability: Durability) async throws(StorageError) {
        for file in groups.joined() { try await write(file) }
    }

    fileprivate func write(_ file: FileContent) async throws(StorageError) {
        do throws(StorageError) {
            try enter(file.bytes == nil ? .createDirectory : .write, file.path)
        } catch {
            // A disk has made the directories by then.
            if file.bytes != nil, let parent = file.path.parent { try? await tree.createDirectory(parent) }
            throw error
        }
        try await tree.write([[file]])
    }

    package func upload(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        try enter(.append, path)
        return FaultyWriter(try await tree.upload(to: path, at: offset), path, self)
    }

    package func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        try enter(.move, target)
        try await tree.rename(source, to: target)
    }

    package func settle(_ unsettled: Unsettled) async throws(StorageError) {
        switch unsettled {
        case .files(let files): for file in files { try enter(.preserve, file) }
        case .removals(let directories): for directory in directories { try enter(.settle, directory) }
        case .everything: break
        }
    }

    @discardableResult
    package func remove(_ path: StoragePath, _ removal: Removal) async throws(StorageError) -> Bool {
        try enter(.remove, path)
        return try await tree.remove(path, removal)
    }

    package func crash(when isDead: @escaping @Sendable () -> Bool) { fail(with: EIO) { _ in isDead() } }
}

private final class FaultyReader: BlobReader {
    private let reader: any BlobReader
    private let path: StoragePath
    private let driver: FaultyDriver

    init(_ reader: any BlobReader, _ path: StoragePath, _ driver: FaultyDriver) {
        self.reader = reader
        self.path = path
        self.driver = driver
    }

    var size: Int64 { reader.size }
    var descriptor: CInt? { nil }

    func read(at offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        try driver.enter(.read, path)
        return try await reader.read(at: offset, count: count)
    }
}

private final class FaultyWriter: BlobWriter {
    private let writer: any BlobWriter
    private let path: StoragePath
    private let driver: FaultyDriver

    init(_ writer: any BlobWriter, _ path: StoragePath, _ driver: FaultyDriver) {
        self.writer = writer
        self.path = path
        self.driver = driver
    }

    var offset: Int64 { writer.offset }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        do throws(StorageError) {
            try driver.enter(.take, path)
        } catch {
            try writer.append(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]))
            throw error
        }
        try writer.append(bytes)
    }

    func truncate(to length: Int64) async throws(StorageError) {
        try driver.enter(.truncate, path)
        try await writer.truncate(to: length)
    }

    func flush() async throws(StorageError) { try await writer.flush() }

    func synchronize(for purpose: SyncPurpose) async throws(StorageError) {
        try driver.enter(.synchronize, path)
        try await writer.synchronize(for: purpose)
    }

    func commit(
        to target: StoragePath, then groups: [[FileContent]], _ mayGoOn: () throws -> Void
    ) async throws {
        try mayGoOn()
        try driver.enter(.move, target)
        try await writer.commit(to: target, then: []) {}
        for file in groups.joined() {
            try mayGoOn()
            try await driver.write(file)
        }
    }

    func close() { writer.close() }
}
