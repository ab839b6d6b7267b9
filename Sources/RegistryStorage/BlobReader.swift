/// An open file. Stays readable when its path is moved or removed; closed when the last reference goes.
package protocol BlobReader: AnyObject, Sendable {
    /// Bytes, as they were when it was opened.
    var size: Int64 { get }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file, none beyond it.
    func read(at offset: Int64, count: Int) async throws(StorageError) -> [UInt8]

    /// A file descriptor for `sendfile(2)` and `pread(2)`, valid while the reader lives and owned by it; nil where the
    /// bytes are not in a local file.
    var descriptor: CInt? { get }
}

/// Bytes in memory as an open file.
package final class HeldBytes: BlobReader {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var size: Int64 { Int64(bytes.count) }
    package var descriptor: CInt? { nil }

    package func read(at offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        let start = Int(min(max(0, offset), size))
        return Array(bytes[start..<min(bytes.count, start + count)])
    }
}
