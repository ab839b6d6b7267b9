import RegistryStorage
import Synchronization

/// A tree in memory that is not in a hurry: nothing of it can be had at once, as of an object store, and what is read of
/// its files is counted.
final class MeteredStorage: RenamingStorage {
    private let tree = MemoryDriver()
    private let bytes = Atomic<Int64>(0)

    /// Bytes that were read from files, by anybody.
    var bytesRead: Int64 { bytes.load(ordering: .acquiring) }

    func stat(_ path: StoragePath) async throws(StorageError) -> FileStatus? { try await tree.stat(path) }

    func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)? {
        guard let reader = try await tree.open(path) else { return nil }
        return MeteredReader(reader) { [self] count in bytes.add(Int64(count), ordering: .acquiringAndReleasing) }
    }

    func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)? {
        try await tree.entries(of: path)
    }

    func write(_ groups: [[FileContent]], _ durability: Durability) async throws(StorageError) {
        try await tree.write(groups, durability)
    }

    func upload(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        try await tree.upload(to: path, at: offset)
    }

    func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        try await tree.rename(source, to: target)
    }

    func move(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        try await tree.move(source, to: target)
    }

    @discardableResult
    func remove(_ path: StoragePath, _ removal: Removal) async throws(StorageError) -> Bool {
        try await tree.remove(path, removal)
    }

    func settle(_ unsettled: Unsettled) async throws(StorageError) { try await tree.settle(unsettled) }
}

private final class MeteredReader: BlobReader {
    private let reader: any BlobReader
    private let count: @Sendable (Int) -> Void

    init(_ reader: any BlobReader, count: @escaping @Sendable (Int) -> Void) {
        (self.reader, self.count) = (reader, count)
    }

    var size: Int64 { reader.size }
    var descriptor: CInt? { nil }

    func read(at offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        let bytes = try await reader.read(at: offset, count: count)
        self.count(bytes.count)
        return bytes
    }
}
