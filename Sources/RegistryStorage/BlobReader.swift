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
