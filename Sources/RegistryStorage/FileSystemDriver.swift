import Glibc
import Synchronization

/// `struct stat`; inside the driver the bare name means its own method.
private typealias SystemStatus = stat

/// The storage tree in a directory of the local file system.
///
/// Calls block the thread they run on; run them on a pool that may block. The temporary file of a write stands beside its
/// target as `<name>.<uuid>.tmp`, as distribution's does, so its walkers and ours pass over what a crash leaves.
package final class FileSystemDriver: ImmediateStorage {
    let rootPath: String
    let syncs = SharedSyncs()
    /// Directories that were made and whose name may not be durable yet.
    let young = Mutex<Set<StoragePath>>([])

    /// Opens the tree, creating its root directory if need be. Throws `unusableRoot` with one line that says what to do
    /// when it is no directory that this process can write to.
    package init(root: String) throws(StorageError) {
        var trimmed = root[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
        rootPath = String(trimmed)
        do throws(StorageError) {
            try makeRoot()
        } catch {
            let reason: CInt = if case .system(_, _, let code) = error { code } else { EIO }
            throw .unusableRoot(
                "cannot create the data directory \(rootPath): \(StorageError.text(of: reason)); choose another with --data"
            )
        }
        guard access(rootPath, R_OK | W_OK | X_OK) == 0 else {
            throw .unusableRoot(
                "cannot write to the data directory \(rootPath): \(StorageError.text(of: errno)); "
                    + "change its owner or choose another with --data"
            )
        }
    }

    /// The directory in the file system that holds the tree.
    package var root: String { rootPath }

    func full(_ path: StoragePath) -> String {
        path == .root ? rootPath : "\(rootPath)/\(path.text)"
    }

    // MARK: Reading

    package func stat(_ path: StoragePath) async throws(StorageError) -> FileStatus? { try statNow(path) }

    package func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)? { try openNow(path) }

    package func statNow(_ path: StoragePath) throws(StorageError) -> FileStatus? {
        var status = SystemStatus()
        guard fstatat(AT_FDCWD, full(path), &status, 0) == 0 else {
            if Self.meansAbsent(errno) { return nil }
            throw .system(operation: "stat", path: path, code: errno)
        }
        return FileStatus(status)
    }

    package func readNow(_ path: StoragePath, limit: Int) throws(StorageError) -> [UInt8]? {
        guard let file = try openFile(path) else { return nil }
        guard file.size <= Int64(limit) else { throw .tooLarge(path: path, limit: limit) }
        return try file.readAll(at: 0, count: Int(file.size))
    }

    package func openNow(_ path: StoragePath) throws(StorageError) -> (any BlobReader)? { try openFile(path) }

    /// Nil when absent; a directory where a file should be is damage and throws.
    private func openFile(_ path: StoragePath) throws(StorageError) -> OpenFile? {
        let descriptor = Glibc.open(full(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if Self.meansAbsent(errno) { return nil }
            throw .system(operation: "open", path: path, code: errno)
        }
        var status = SystemStatus()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(descriptor)
            throw .system(operation: "open", path: path, code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
        }
        return OpenFile(descriptor: descriptor, size: Int64(status.st_size), path: path)
    }

    package func list(_ path: StoragePath) async throws(StorageError) -> [StorageEntry]? {
        guard let directory = try openDirectory(path) else { return nil }
        return try directory.read(.max).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    package func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)? {
        try openDirectory(path)
    }

    func openDirectory(_ path: StoragePath) throws(StorageError) -> OpenDirectory? {
        guard let stream = opendir(full(path)) else {
            if Self.meansAbsent(errno) { return nil }
            throw .system(operation: "open directory", path: path, code: errno)
        }
        return OpenDirectory(stream, path: path, driver: self)
    }

    package var capacity: (bytesFree: Int64, bytesTotal: Int64)? {
        var status = statvfs()
        guard statvfs(rootPath, &status) == 0 else { return nil }
        let block = Int64(status.f_frsize)
        return (Int64(status.f_bavail) * block, Int64(status.f_blocks) * block)
    }

    /// A file where a directory was expected hides what would be below it just as well as its absence does; a component
    /// longer than the file system takes cannot exist.
    static func meansAbsent(_ code: CInt) -> Bool {
        code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG
    }
}

extension FileStatus {
    fileprivate init(_ status: SystemStatus) {
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        self.init(
            size: isDirectory ? 0 : Int64(status.st_size), isDirectory: isDirectory,
            modified: Int64(status.st_mtim.tv_sec), allocated: Int64(status.st_blocks) * 512, stamp: Self.stamp(status)
        )
    }

    /// The time of the last change of the inode is the system's own: nobody can set it back, as `utimes(2)` does the other.
    private static func stamp(_ status: SystemStatus) -> Int64 {
        var mixed: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in [
            UInt64(status.st_ino), UInt64(bitPattern: Int64(status.st_size)),
            UInt64(bitPattern: Int64(status.st_ctim.tv_sec)), UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)),
        ] {
            mixed = (mixed ^ part) &* 0x0000_0100_0000_01B3
            mixed ^= mixed >> 29
        }
        return mixed == 0 ? 1 : Int64(bitPattern: mixed)
    }
}
