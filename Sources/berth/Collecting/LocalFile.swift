import Foundation
import Glibc
import RegistryStorage

/// A file that the user names, for reading in parts. What is no file, such as a pipe, is copied into one first.
final class LocalFile: BlobReader {
    let size: Int64
    private let file: CInt
    private let path: StoragePath

    var descriptor: CInt? { file }

    /// Throws `Refusal` with what keeps it from being read.
    init(_ path: String) throws {
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw Refusal("cannot read the plan \(path): \(String(cString: strerror(errno)))") }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(opened)
            throw Refusal("cannot read the plan \(path): it is no file")
        }
        self.path = .root
        if status.st_mode & S_IFMT == S_IFREG {
            (file, size) = (opened, Int64(status.st_size))
            return
        }
        defer { close(opened) }
        (file, size) = try Self.copy(of: opened, named: path)
    }

    deinit { close(file) }

    private static func copy(of source: CInt, named path: String) throws -> (CInt, Int64) {
        let copy = try Spool.opened()
        var (buffer, size) = ([UInt8](repeating: 0, count: 1 << 16), Int64(0))
        while true {
            let count = Glibc.read(source, &buffer, buffer.count)
            if count == 0 { return (copy, size) }
            if count < 0, errno == EINTR { continue }
            guard count > 0, pwrite(copy, buffer, count, off_t(size)) == count else {
                close(copy)
                throw Refusal("cannot read the plan \(path): \(String(cString: strerror(errno)))")
            }
            size += Int64(count)
        }
    }

    func read(at offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(min(Int64(count), max(0, size - offset))))
        var filled = 0
        while filled < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                pread(file, $0.baseAddress?.advanced(by: filled), $0.count - filled, off_t(offset) + off_t(filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .system(operation: "read", path: path, code: errno) }
            if got == 0 { break }
            filled += got
        }
        return Array(bytes.prefix(filled))
    }
}
