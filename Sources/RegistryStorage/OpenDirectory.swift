import Glibc

/// A local directory open for reading its entries; closes with its last reference.
final class OpenDirectory: EntryReader {
    private let stream: OpaquePointer
    private let path: StoragePath
    private let driver: FileSystemDriver

    /// Takes ownership of the stream.
    init(_ stream: OpaquePointer, path: StoragePath, driver: FileSystemDriver) {
        self.stream = stream
        self.path = path
        self.driver = driver
    }

    deinit { closedir(stream) }

    func next(_ count: Int) async throws(StorageError) -> [StorageEntry] { try read(count) }

    /// The synchronous form of `next`.
    func read(_ count: Int) throws(StorageError) -> [StorageEntry] {
        var entries: [StorageEntry] = []
        while entries.count < count {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw .system(operation: "read directory", path: path, code: errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            var isDirectory = entry.pointee.d_type == DT_DIR
            if entry.pointee.d_type == DT_LNK || entry.pointee.d_type == DT_UNKNOWN {
                isDirectory = try driver.statNow(path.appending(name))?.isDirectory ?? false
            }
            entries.append(StorageEntry(name: name, isDirectory: isDirectory))
        }
        return entries
    }
}
