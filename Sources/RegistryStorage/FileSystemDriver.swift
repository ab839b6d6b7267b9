import Glibc
import Synchronization

/// `struct stat`; inside the driver the bare name means its own method.
private typealias SystemStatus = stat

/// The storage tree in a directory of the local file system.
///
/// Calls block the thread they run on; run them on a pool that may block. The temporary file of a write stands beside its
/// target as `<name>.<uuid>.tmp`, as distribution's does, so its walkers and ours pass over what a crash leaves.
package final class FileSystemDriver: ImmediateStorage {
    private let rootPath: String
    private static let temporaryNumber = Atomic<UInt64>(0)

    /// Opens the tree, creating its root directory if need be. Throws `unusableRoot` with one line that says what to do
    /// when it is no directory that this process can write to.
    package init(root: String) throws(StorageError) {
        var trimmed = root[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
        rootPath = String(trimmed)
        do throws(StorageError) {
            try makeDirectory(.root)
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

    private func full(_ path: StoragePath) -> String {
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
        guard let directory = opendir(full(path)) else {
            if Self.meansAbsent(errno) { return nil }
            throw .system(operation: "open directory", path: path, code: errno)
        }
        defer { closedir(directory) }
        var entries: [StorageEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw .system(operation: "read directory", path: path, code: errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            var isDirectory = entry.pointee.d_type == DT_DIR
            if entry.pointee.d_type == DT_LNK || entry.pointee.d_type == DT_UNKNOWN {
                isDirectory = try statNow(path.appending(name))?.isDirectory ?? false
            }
            entries.append(StorageEntry(name: name, isDirectory: isDirectory))
        }
        return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    package var capacity: (bytesFree: Int64, bytesTotal: Int64)? {
        var status = statvfs()
        guard statvfs(rootPath, &status) == 0 else { return nil }
        let block = Int64(status.f_frsize)
        return (Int64(status.f_bavail) * block, Int64(status.f_blocks) * block)
    }

    // MARK: Writing

    package func write(_ path: StoragePath, _ bytes: [UInt8]) async throws(StorageError) {
        guard let parent = path.parent else { throw .system(operation: "write", path: path, code: EISDIR) }
        let temporary = parent.appending("\(path.name).\(Self.temporarySuffix()).tmp")
        let file = try create(temporary)
        do throws(StorageError) {
            try file.append(bytes)
            try await file.synchronize()
            file.close()
            guard rename(full(temporary), full(path)) == 0 else {
                throw StorageError.system(operation: "rename", path: path, code: errno)
            }
        } catch {
            file.close()
            unlink(full(temporary))
            throw error
        }
        try synchronizeDirectory(parent)
    }

    package func append(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        if offset == 0, try statNow(path) == nil { return try create(path) }
        let descriptor = Glibc.open(full(path), O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(operation: "open", path: path, code: errno) }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end == off_t(offset) else {
            Glibc.close(descriptor)
            throw .wrongOffset(path: path, expected: offset, actual: Int64(end))
        }
        return GrowingFile(descriptor: descriptor, offset: offset, path: path)
    }

    package func move(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        guard let parent = target.parent else { throw .system(operation: "rename", path: target, code: EISDIR) }
        if rename(full(source), full(target)) != 0 {
            guard errno == ENOENT, try statNow(source) != nil else {
                throw .system(operation: "rename", path: source, code: errno)
            }
            try makeDirectory(parent)
            guard rename(full(source), full(target)) == 0 else {
                throw .system(operation: "rename", path: source, code: errno)
            }
        }
        try synchronizeDirectory(parent)
        if let above = source.parent, above != parent { try synchronizeDirectory(above) }
    }

    package func remove(_ path: StoragePath) async throws(StorageError) {
        guard let parent = path.parent else { throw .system(operation: "remove", path: path, code: EBUSY) }
        if unlink(full(path)) != 0 {
            switch errno {
            case let code where Self.meansAbsent(code): return
            case EISDIR, EPERM: try await removeDirectory(path)
            default: throw .system(operation: "remove", path: path, code: errno)
            }
        }
        try synchronizeDirectory(parent)
    }

    package func createDirectory(_ path: StoragePath) async throws(StorageError) { try makeDirectory(path) }

    /// Depth first, so that a crash leaves a smaller tree and never an unreachable one. Links are removed, not followed.
    private func removeDirectory(_ path: StoragePath) async throws(StorageError) {
        for entry in try await list(path) ?? [] {
            let child = path.appending(entry.name)
            if unlink(full(child)) != 0 {
                switch errno {
                case ENOENT: continue
                case EISDIR, EPERM: try await removeDirectory(child)
                default: throw .system(operation: "remove", path: child, code: errno)
                }
            }
        }
        guard rmdir(full(path)) == 0 || errno == ENOENT else {
            throw .system(operation: "remove", path: path, code: errno)
        }
    }

    /// A new file that must not exist yet, open for writing, with the directories above it.
    private func create(_ path: StoragePath) throws(StorageError) -> GrowingFile {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        var descriptor = Glibc.open(full(path), flags, 0o666)
        if descriptor < 0, errno == ENOENT, let parent = path.parent {
            try makeDirectory(parent)
            descriptor = Glibc.open(full(path), flags, 0o666)
        }
        guard descriptor >= 0 else { throw .system(operation: "create", path: path, code: errno) }
        return GrowingFile(descriptor: descriptor, offset: 0, path: path)
    }

    /// Makes a directory and those above it; each new name is synchronised into the directory that holds it.
    private func makeDirectory(_ path: StoragePath) throws(StorageError) {
        if mkdir(full(path), 0o777) == 0 {
            if let parent = path.parent { try synchronizeDirectory(parent) }
            return
        }
        switch errno {
        case EEXIST:
            guard try statNow(path)?.isDirectory == true else {
                throw .system(operation: "create directory", path: path, code: ENOTDIR)
            }
        case ENOENT:
            guard let parent = path.parent else { return try createRoot() }
            try makeDirectory(parent)
            try makeDirectory(path)
        default: throw .system(operation: "create directory", path: path, code: errno)
        }
    }

    /// The directories above the root, which are no part of the tree, then the root.
    private func createRoot() throws(StorageError) {
        var built = rootPath.hasPrefix("/") ? "" : "."
        for component in rootPath.split(separator: "/") {
            built += "/\(component)"
            guard mkdir(built, 0o777) == 0 || errno == EEXIST else {
                throw .system(operation: "create directory", path: .root, code: errno)
            }
        }
    }

    private func synchronizeDirectory(_ path: StoragePath) throws(StorageError) {
        let descriptor = Glibc.open(full(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            // Somebody removed the directory in between: then there is nothing left to make durable.
            if Self.meansAbsent(errno) { return }
            throw .system(operation: "open directory", path: path, code: errno)
        }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(operation: "fsync", path: path, code: errno) }
    }

    /// Unique among the processes that may write to the tree.
    private static func temporarySuffix() -> String {
        let number = temporaryNumber.wrappingAdd(1, ordering: .relaxed).newValue
        var random = SystemRandomNumberGenerator()
        return String(random.next(), radix: 16) + "-" + String(number, radix: 16)
    }

    /// A file where a directory was expected hides what would be below it just as well as its absence does; a component
    /// longer than the file system takes cannot exist.
    private static func meansAbsent(_ code: CInt) -> Bool {
        code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG
    }
}

extension FileStatus {
    fileprivate init(_ status: SystemStatus) {
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        self.init(
            size: isDirectory ? 0 : Int64(status.st_size), isDirectory: isDirectory,
            modified: Int64(status.st_mtim.tv_sec)
        )
    }
}
