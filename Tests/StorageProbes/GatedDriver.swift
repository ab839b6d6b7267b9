package import RegistryStorage
import Synchronization

/// A tree in memory that holds one kind of call at a gate until a test lets it go on: for looking at what others do
/// meanwhile.
package final class GatedDriver: TreeBacked {
    private struct State {
        var isGated: @Sendable (StoragePath) -> Bool = { _ in false }
        /// The call that waits at the gate.
        var waiting: CheckedContinuation<Void, Never>?
        /// The test that waits for it to come.
        var watcher: CheckedContinuation<Void, Never>?
    }

    package let tree = MemoryDriver()
    private let state = Mutex(State())

    package init() {}

    /// The next write of a file that `isGated` picks waits at the gate.
    package func close(where isGated: @escaping @Sendable (StoragePath) -> Bool) {
        state.withLock { $0.isGated = isGated }
    }

    /// Returns when a call waits at the gate.
    package func arrival() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.waiting != nil { return true }
                state.watcher = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Lets the call go on; others pass from now on.
    package func open() {
        let waiting = state.withLock { state in
            state.isGated = { _ in false }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    fileprivate func pass(_ path: StoragePath) async {
        guard state.withLock({ $0.isGated(path) }) else { return }
        await withCheckedContinuation { continuation in
            let watcher = state.withLock { state in
                state.waiting = continuation
                defer { state.watcher = nil }
                return state.watcher
            }
            watcher?.resume()
        }
    }

    package func write(_ groups: [[FileContent]], _ durability: Durability) async throws(StorageError) {
        for group in groups {
            for file in group { await pass(file.path) }
            try await tree.write([group])
        }
    }

    package func upload(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        GatedWriter(try await tree.upload(to: path, at: offset), self)
    }

    package func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        await pass(target)
        try await tree.rename(source, to: target)
    }
}

private final class GatedWriter: BlobWriter {
    private let writer: any BlobWriter
    private let driver: GatedDriver

    init(_ writer: any BlobWriter, _ driver: GatedDriver) { (self.writer, self.driver) = (writer, driver) }

    var offset: Int64 { writer.offset }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) { try writer.append(bytes) }
    func truncate(to length: Int64) async throws(StorageError) { try await writer.truncate(to: length) }
    func flush() async throws(StorageError) { try await writer.flush() }

    func synchronize(for purpose: SyncPurpose) async throws(StorageError) {
        try await writer.synchronize(for: purpose)
    }

    func commit(
        to target: StoragePath, then groups: [[FileContent]], _ mayGoOn: () throws -> Void
    ) async throws {
        await driver.pass(target)
        try await writer.commit(to: target, then: [], mayGoOn)
        try await driver.write(groups)
    }

    func close() { writer.close() }
}
