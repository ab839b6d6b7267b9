import RegistryStorage
import StorageProbes
import Synchronization

/// A tree in memory that is not in a hurry: nothing of it can be had at once, as of an object store, and what is read of
/// its files is counted.
final class MeteredStorage: TreeBacked {
    let tree = MemoryDriver()
    private let bytes = Atomic<Int64>(0)

    /// Bytes that were read from files, by anybody.
    var bytesRead: Int64 { bytes.load(ordering: .acquiring) }

    func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)? {
        guard let reader = try await tree.open(path) else { return nil }
        return MeteredReader(reader) { [self] count in bytes.add(Int64(count), ordering: .acquiringAndReleasing) }
    }
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
