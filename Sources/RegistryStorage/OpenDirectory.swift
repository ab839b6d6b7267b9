import Glibc

/// A local directory open for reading its entries; closes with its last reference.
final class OpenDirectory: EntryReader {
    private let stream: OpaquePointer
    private let path: StoragePath

    /// Takes ownership of the stream.
    init(_ stream: OpaquePointer, path: StoragePath) {
        self.stream = stream
        self.path = path
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
            guard let found = Self.entry(&entry.pointee, in: stream) else { continue }
            entries.append(found)
        }
        return entries
    }

    /// Nil for the directory itself, the one above, and what has just gone. Never fails: one entry that cannot be looked at
    /// is one, and the others are there.
    private static func entry(_ entry: inout dirent, in stream: OpaquePointer) -> StorageEntry? {
        let type = CInt(entry.d_type)
        return withUnsafePointer(to: &entry.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) { raw in
                let text = String(validatingCString: raw)
                let name = text ?? String(cString: raw)
                guard name != ".", name != ".." else { return nil }
                guard text != nil else {
                    return StorageEntry(name: name, kind: .unreachable("its name is no UTF-8"))
                }
                switch type {
                case CInt(DT_DIR): return StorageEntry(name: name, kind: .directory)
                case CInt(DT_REG): return StorageEntry(name: name, kind: .file)
                case CInt(DT_LNK), CInt(DT_UNKNOWN): return look(at: raw, name, in: dirfd(stream))
                default: return StorageEntry(name: name, kind: .special)
                }
            }
        }
    }

    /// What a link leads to, and what a file system does not say by itself.
    private static func look(at raw: UnsafePointer<CChar>, _ name: String, in directory: CInt) -> StorageEntry? {
        var status = SystemStatus()
        guard fstatat(directory, raw, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            return StorageEntry(name: name, kind: .unreachable(StorageError.text(of: errno)))
        }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        if isLink, fstatat(directory, raw, &status, 0) != 0 {
            let isDead = FileSystemDriver.meansAbsent(errno)
            return StorageEntry(
                name: name, kind: isDead ? .deadLink : .unreachable(StorageError.text(of: errno)), isLink: true)
        }
        let kind: StorageEntry.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .directory
            case S_IFREG: .file
            default: .special
            }
        return StorageEntry(name: name, kind: kind, isLink: isLink)
    }
}
