import Glibc

/// The calls by which the driver changes a file system, as the system has them: `errno` says why one has failed. A seam of
/// its own, so that what a disk was asked for, and in which order, can be written down below everything that asks.
package protocol DiskCalls: Sendable {
    /// `open(2)` for writing of a file that must not exist yet. A descriptor, or -1.
    func create(_ path: String) -> CInt

    /// `pwrite(2)`. Bytes taken, or -1.
    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at offset: Int64) -> Int

    /// `ftruncate(2)`. 0, or -1, as of all that follow.
    func truncate(_ descriptor: CInt, to length: Int64) -> CInt

    /// `fsync(2)`: of a file its content, of a directory the names in it.
    func synchronize(_ descriptor: CInt) -> CInt

    /// `syncfs(2)`: everything that was written by now, by whomever, to the file system that the descriptor is on.
    func synchronizeAll(_ descriptor: CInt) -> CInt

    /// `mkdir(2)`.
    func makeDirectory(_ path: String) -> CInt

    /// `rename(2)`.
    func rename(_ source: String, to target: String) -> CInt

    /// `unlink(2)`.
    func unlink(_ path: String) -> CInt

    /// `rmdir(2)`.
    func removeDirectory(_ path: String) -> CInt

    /// True where a sync of a file or a directory makes durable everything that was done to names on the same file system
    /// before the last change of that file or directory.
    func ordersChanges(_ device: UInt64) -> Bool
}

/// The system's own.
package struct SystemCalls: DiskCalls {
    package init() {}

    package func create(_ path: String) -> CInt {
        Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }

    package func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at offset: Int64) -> Int {
        pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
    }

    package func truncate(_ descriptor: CInt, to length: Int64) -> CInt { ftruncate(descriptor, off_t(length)) }

    package func synchronize(_ descriptor: CInt) -> CInt { fsync(descriptor) }

    package func synchronizeAll(_ descriptor: CInt) -> CInt {
        guard let call = Self.syncfs else {
            // Of every file system there is, and on Linux it returns when they are.
            sync()
            return 0
        }
        return call(descriptor)
    }

    /// The library has it, and its header shows it to GNU's sources alone, which Swift's module of it is not made of.
    private static let syncfs: (@Sendable @convention(c) (CInt) -> CInt)? = dlsym(nil, "syncfs").map {
        unsafeBitCast($0, to: (@Sendable @convention(c) (CInt) -> CInt).self)
    }

    package func makeDirectory(_ path: String) -> CInt { mkdir(path, 0o777) }

    package func rename(_ source: String, to target: String) -> CInt { Glibc.rename(source, target) }

    package func unlink(_ path: String) -> CInt { Glibc.unlink(path) }

    package func removeDirectory(_ path: String) -> CInt { rmdir(path) }

    package func ordersChanges(_ device: UInt64) -> Bool { FileSystemKind.ordersChanges(device) }
}
