import Glibc
import OCI
import Synchronization

/// `struct stat`; inside the driver the bare name means its own method.
typealias SystemStatus = stat

/// The storage tree in a directory of the local file system.
///
/// Calls block the thread they run on; run them on a pool that may block. The temporary file of a write stands beside its
/// target as `<name>.<uuid>.tmp`, as distribution's does, so its walkers and ours pass over what a crash leaves.
package final class FileSystemDriver: ImmediateStorage, RenamingStorage {
    let rootPath: String
    let syncs = SharedSyncs()
    let durable = Mutex(DurableNames())
    /// File systems, by their devices, and whether they make changes durable in their order.
    let ordered = Mutex<[UInt64: Bool]>([:])
    let calls: any DiskCalls

    /// Whom what is made here is given to; nil for whoever makes it.
    let owner: DirectoryOwner?

    /// Opens the tree, creating its root directory if need be. Throws `unusableRoot` with one line that says what to do
    /// when it is no directory that this process can write to.
    package init(root: String, calls: any DiskCalls = SystemCalls()) throws(StorageError) {
        self.calls = calls
        rootPath = Self.trimmed(root)
        owner = DirectoryOwner(of: rootPath)
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

    /// Opens a tree that is only to be looked at: nothing is made here, and whoever writes all the same is refused by the
    /// system or not at all. Throws `unusableRoot` when it is no directory that this process can read.
    package init(reading root: String) throws(StorageError) {
        calls = SystemCalls()
        rootPath = Self.trimmed(root)
        owner = nil
        guard access(rootPath, R_OK | X_OK) == 0 else {
            throw .unusableRoot("cannot read the data directory \(rootPath): \(StorageError.text(of: errno))")
        }
    }

    private static func trimmed(_ root: String) -> String {
        var trimmed = root[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
        return String(trimmed)
    }

    /// The directory in the file system that holds the tree.
    package var root: String { rootPath }

    func full(_ path: StoragePath) -> String {
        path == .root ? rootPath : "\(rootPath)/\(path.text)"
    }

    // MARK: Reading

    package func statNow(_ path: StoragePath) throws(StorageError) -> FileStatus? {
        let place = full(path)
        var status = SystemStatus()
        var isFound = fstatat(AT_FDCWD, place, &status, AT_SYMLINK_NOFOLLOW) == 0
        let isLink = isFound && status.st_mode & S_IFMT == S_IFLNK
        if isLink { isFound = fstatat(AT_FDCWD, place, &status, 0) == 0 }
        guard isFound else {
            if Self.meansAbsent(errno) { return nil }
            throw .system(operation: "stat", path: path, code: errno)
        }
        return FileStatus(status, isLink: isLink)
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
            throw failedOpen(path, errno)
        }
        var status = SystemStatus()
        let failure = fstat(descriptor, &status) == 0 ? Self.codeOfNoFile(status) : errno
        if let failure {
            Glibc.close(descriptor)
            throw .system(operation: "open", path: path, code: failure)
        }
        return OpenFile(descriptor: descriptor, size: Int64(status.st_size), path: path)
    }

    /// Why a file could not be opened. What is no file at all is refused by the system in many words, a socket in others than
    /// a device; here they have one.
    func failedOpen(_ path: StoragePath, _ code: CInt) -> StorageError {
        var status = SystemStatus()
        let isThere = fstatat(AT_FDCWD, full(path), &status, 0) == 0
        return .system(operation: "open", path: path, code: isThere ? Self.codeOfNoFile(status) ?? code : code)
    }

    /// The errno for what stands where a file should be; nil for a file.
    static func codeOfNoFile(_ status: SystemStatus) -> CInt? {
        switch status.st_mode & S_IFMT {
        case S_IFREG: nil
        case S_IFDIR: EISDIR
        default: EINVAL
        }
    }

    package func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)? {
        try openDirectory(path)
    }

    func openDirectory(_ path: StoragePath) throws(StorageError) -> OpenDirectory? {
        guard let stream = opendir(full(path)) else {
            if Self.meansAbsent(errno) { return nil }
            throw .system(operation: "open directory", path: path, code: errno)
        }
        return OpenDirectory(stream, path: path)
    }

    package func obstructionNow(of path: StoragePath, isDirectory: Bool) -> String? {
        var place = path
        while true {
            var status = SystemStatus()
            if fstatat(AT_FDCWD, full(place), &status, AT_SYMLINK_NOFOLLOW) == 0 {
                if status.st_mode & S_IFMT == S_IFLNK, fstatat(AT_FDCWD, full(place), &status, 0) != 0 {
                    return place == path ? "the link leads nowhere" : "the link \(place) leads nowhere"
                }
                // What was to be a file has been put there since.
                if place == path, !isDirectory || status.st_mode & S_IFMT == S_IFDIR { return nil }
                if status.st_mode & S_IFMT == S_IFDIR { return nil }
                return place == path ? "what stands there is no directory" : "\(place) is no directory"
            }
            guard let above = place.parent else { return nil }
            place = above
        }
    }

    package var capacity: (bytesFree: Int64, bytesTotal: Int64)? { capacity(of: .root) }

    /// Room on the file system that a place is on, which may be another than that of the root.
    package func capacity(of path: StoragePath) -> (bytesFree: Int64, bytesTotal: Int64)? {
        var status = statvfs()
        guard statvfs(full(path), &status) == 0 else { return nil }
        // Some file systems say that they have no end.
        let block = Int64(clamping: status.f_frsize)
        // As df counts: what is kept for root is neither free nor used.
        let used = max(0, Int64(clamping: status.f_blocks) - Int64(clamping: status.f_bfree))
        return (
            Int64(clamping: status.f_bavail).multipliedClamped(by: block),
            used.addingClamped(Int64(clamping: status.f_bavail)).multipliedClamped(by: block)
        )
    }

    /// A file where a directory was expected hides what would be below it just as well as its absence does; a component
    /// longer than the file system takes cannot exist; a link to itself leads nowhere, as one to nothing does.
    static func meansAbsent(_ code: CInt) -> Bool {
        code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG || code == ELOOP
    }
}

extension FileStatus {
    /// Seconds by which the clocks of machines that share a file system may differ.
    private static let clockDifferenceMax: Int64 = 60

    fileprivate init(_ status: SystemStatus, isLink: Bool) {
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        self.init(
            size: isDirectory ? 0 : Int64(status.st_size), isDirectory: isDirectory,
            modified: Int64(status.st_mtim.tv_sec),
            allocated: Int64(clamping: status.st_blocks).multipliedClamped(by: 512),
            version: Self.version(status)
        )
        let now = Int64(time(nil))
        isTimeWrong = modified > now + Self.clockDifferenceMax
        modified = min(max(0, modified), now)
        self.isLink = isLink
        identity = FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }

    /// By the last change of the inode, which is the system's own: nobody can set that time back, as `utimes(2)` does the
    /// other.
    private static func version(_ status: SystemStatus) -> Int64 {
        var mixed: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in [
            UInt64(status.st_ino), UInt64(bitPattern: Int64(status.st_size)),
            UInt64(bitPattern: Int64(status.st_ctim.tv_sec)), UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)),
        ] {
            mixed = (mixed ^ part) &* 0x0000_0100_0000_01B3
            mixed ^= mixed >> 29
        }
        return Int64(bitPattern: mixed)
    }
}
