import Glibc
import Synchronization

/// Writing. Every file is written beside its place, made durable, and renamed; then the directories that have a new name
/// in them are made durable, once each.
extension FileSystemDriver {
    package func write(_ groups: [[FileContent]]) async throws(StorageError) {
        var pending: [PendingFile] = []
        var names = NewNames()
        do throws(StorageError) {
            // Bytes first, all of them: what is left then is renaming, which needs no room.
            for (group, files) in groups.enumerated() {
                for file in files { pending.append(try await prepare(file, in: group, &names)) }
            }
            while let group = pending.first?.group {
                while let file = pending.first, file.group == group {
                    try rename(file.temporary, file.path)
                    pending.removeFirst()
                    names.add(file.path)
                }
                try await synchronize(names)
                names = NewNames()
            }
        } catch {
            for file in pending { unlink(full(file.temporary)) }
            throw error
        }
    }

    /// A file whose bytes are durable under a name of their own.
    private struct PendingFile {
        var path: StoragePath
        var temporary: StoragePath
        var group: Int
    }

    private func prepare(
        _ content: FileContent, in group: Int, _ names: inout NewNames
    ) async throws(StorageError) -> PendingFile {
        guard let parent = content.path.parent else {
            throw .system(operation: "write", path: content.path, code: EISDIR)
        }
        let temporary = parent.appending("\(content.path.name).\(Self.temporarySuffix()).tmp")
        let file = try create(temporary, &names)
        do throws(StorageError) {
            try file.append(content.bytes)
            try file.synchronizeContent()
            file.close()
        } catch {
            file.close()
            unlink(full(temporary))
            throw error
        }
        return PendingFile(path: content.path, temporary: temporary, group: group)
    }

    package func append(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        if offset == 0, try statNow(path) == nil {
            var names = NewNames()
            let file = try create(path, &names)
            names.add(path)
            file.unsynchronized = names
            return file
        }
        let descriptor = Glibc.open(full(path), O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(operation: "open", path: path, code: errno) }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end == off_t(offset) else {
            Glibc.close(descriptor)
            throw .wrongOffset(path: path, expected: offset, actual: Int64(end))
        }
        return GrowingFile(descriptor: descriptor, offset: offset, path: path, driver: self)
    }

    package func move(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        var names = NewNames()
        cover(target, &names)
        try relocate(source, to: target, &names)
        names.add(target)
        if let above = source.parent { names.directories.insert(above) }
        try await synchronize(names)
    }

    package func relocate(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        var names = NewNames()
        try relocate(source, to: target, &names)
        // New directories are made durable all the same: what is put into them later relies on it.
        if !names.made.isEmpty { try await synchronize(names) }
    }

    package func settle(_ directories: Set<StoragePath>) async throws(StorageError) {
        var names = NewNames()
        names.directories = directories
        try await synchronize(names)
    }

    private func relocate(
        _ source: StoragePath, to target: StoragePath, _ names: inout NewNames
    ) throws(StorageError) {
        guard let parent = target.parent else { throw .system(operation: "rename", path: target, code: EISDIR) }
        var attempts = 0
        while Glibc.rename(full(source), full(target)) != 0 {
            let code = errno
            guard code == ENOENT, attempts < Self.attemptsMax, try statNow(source) != nil else {
                throw .system(operation: "rename", path: source, code: code)
            }
            attempts += 1
            try makeDirectory(parent, &names)
        }
    }

    package func remove(_ path: StoragePath) async throws(StorageError) {
        guard try erase(path), let parent = path.parent else { return }
        var names = NewNames()
        names.directories.insert(parent)
        try await synchronize(names)
    }

    package func discard(_ path: StoragePath) async throws(StorageError) { _ = try erase(path) }

    package func removeIfEmpty(_ path: StoragePath) async throws(StorageError) -> Bool {
        guard path != .root else { return false }
        if rmdir(full(path)) == 0 || Self.meansAbsent(errno) { return true }
        guard errno == ENOTEMPTY || errno == EEXIST else {
            throw .system(operation: "remove", path: path, code: errno)
        }
        return false
    }

    package func createDirectory(_ path: StoragePath) async throws(StorageError) {
        var names = NewNames()
        cover(path, &names)
        try makeDirectory(path, &names)
        try await synchronize(names)
    }

    // MARK: Steps

    /// How often a directory is made that was empty and that somebody removed before anything was in it.
    private static let attemptsMax = 100

    /// Removes a file or a whole directory; false when nothing was there.
    private func erase(_ path: StoragePath) throws(StorageError) -> Bool {
        guard path != .root else { throw .system(operation: "remove", path: path, code: EBUSY) }
        if unlink(full(path)) == 0 { return true }
        switch errno {
        case let code where Self.meansAbsent(code): return false
        case EISDIR, EPERM: try eraseDirectory(path)
        default: throw .system(operation: "remove", path: path, code: errno)
        }
        return true
    }

    /// Depth first, so that a crash leaves a smaller tree and never an unreachable one. Links are removed, not followed.
    private func eraseDirectory(_ path: StoragePath) throws(StorageError) {
        for entry in try openDirectory(path)?.read(.max) ?? [] {
            let child = path.appending(entry.name)
            if unlink(full(child)) != 0 {
                switch errno {
                case ENOENT: continue
                case EISDIR, EPERM: try eraseDirectory(child)
                default: throw .system(operation: "remove", path: child, code: errno)
                }
            }
        }
        guard rmdir(full(path)) == 0 || errno == ENOENT else {
            throw .system(operation: "remove", path: path, code: errno)
        }
    }

    private func rename(_ source: StoragePath, _ target: StoragePath) throws(StorageError) {
        guard Glibc.rename(full(source), full(target)) == 0 else {
            throw .system(operation: "rename", path: target, code: errno)
        }
    }

    /// A new file that must not exist yet, open for writing, with the directories above it.
    private func create(
        _ path: StoragePath, _ names: inout NewNames
    ) throws(StorageError) -> GrowingFile {
        cover(path, &names)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        var descriptor = Glibc.open(full(path), flags, 0o666)
        var attempts = 0
        while descriptor < 0, errno == ENOENT, attempts < Self.attemptsMax, let parent = path.parent {
            attempts += 1
            try makeDirectory(parent, &names)
            descriptor = Glibc.open(full(path), flags, 0o666)
        }
        guard descriptor >= 0 else { throw .system(operation: "create", path: path, code: errno) }
        return GrowingFile(descriptor: descriptor, offset: 0, path: path, driver: self)
    }

    /// Makes a directory and those above it.
    private func makeDirectory(_ path: StoragePath, _ names: inout NewNames) throws(StorageError) {
        // Under the lock, so that whoever finds the directory finds it among the young ones too.
        let isMade = young.withLock { young in
            guard mkdir(full(path), 0o777) == 0 else { return false }
            young.insert(path)
            return true
        }
        if isMade {
            names.add(path)
            names.made.append(path)
            return
        }
        switch errno {
        case EEXIST:
            guard try statNow(path)?.isDirectory == true else {
                throw .system(operation: "create directory", path: path, code: ENOTDIR)
            }
        case ENOENT:
            guard let parent = path.parent else { return try makeRoot() }
            try makeDirectory(parent, &names)
            try makeDirectory(path, &names)
        default: throw .system(operation: "create directory", path: path, code: errno)
        }
    }

    /// The directories above the root, which are no part of the tree, then the root.
    func makeRoot() throws(StorageError) {
        var built = rootPath.hasPrefix("/") ? "" : "."
        for component in rootPath.split(separator: "/") {
            built += "/\(component)"
            guard mkdir(built, 0o777) == 0 || errno == EEXIST else {
                throw .system(operation: "create directory", path: .root, code: errno)
            }
        }
        guard try statNow(.root)?.isDirectory == true else {
            throw .system(operation: "create directory", path: .root, code: ENOTDIR)
        }
    }

    // MARK: Syncs

    /// Adds what another call has made above this place a moment ago and has not made durable yet: who puts something into
    /// such a directory cannot rely on the other to end.
    private func cover(_ path: StoragePath, _ names: inout NewNames) {
        young.withLock { young in
            guard !young.isEmpty else { return }
            var above = path.parent
            while let directory = above {
                if young.contains(directory) { names.add(directory) }
                above = directory.parent
            }
        }
    }

    /// Makes new names durable, deepest first: on a journalled file system the first sync takes the others with it.
    func synchronize(_ names: NewNames) async throws(StorageError) {
        for path in names.directories.sorted(by: { $0.text.utf8.count > $1.text.utf8.count }) {
            try await syncs.run(path) { synchronizeNow(path) }
        }
        guard !names.made.isEmpty else { return }
        young.withLock { $0.subtract(names.made) }
    }

    private func synchronizeNow(_ path: StoragePath) -> SharedSyncs.Outcome {
        let descriptor = Glibc.open(full(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            // Somebody removed the directory in between: then there is nothing left to make durable.
            if Self.meansAbsent(errno) { return .success(()) }
            return .failure(.system(operation: "open directory", path: path, code: errno))
        }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            return .failure(.system(operation: "fsync", path: path, code: errno))
        }
        return .success(())
    }

    private static let temporaryNumber = Atomic<UInt64>(0)

    /// Unique among the processes that may write to the tree.
    private static func temporarySuffix() -> String {
        let number = temporaryNumber.wrappingAdd(1, ordering: .relaxed).newValue
        var random = SystemRandomNumberGenerator()
        return String(random.next(), radix: 16) + "-" + String(number, radix: 16)
    }
}

/// What one call has given a name, and must make durable before it returns.
struct NewNames: Sendable {
    /// Directories with a new name in them.
    var directories: Set<StoragePath> = []
    /// Directories that are new themselves.
    var made: [StoragePath] = []

    mutating func add(_ path: StoragePath) {
        if let parent = path.parent { directories.insert(parent) }
    }
}
