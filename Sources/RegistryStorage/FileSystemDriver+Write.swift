import Glibc
import Synchronization

/// Writing. Every file is written beside its place, made durable, and renamed; then its name is made durable, and those of
/// the directories above it that are not known to be.
extension FileSystemDriver {
    package func write(_ groups: [[FileContent]]) async throws(StorageError) {
        var pending: [PendingFile] = []
        do throws(StorageError) {
            // Bytes first, all of them: what is left then is renaming, which needs no room.
            for (group, files) in groups.enumerated() {
                for file in files { pending.append(try prepare(file, in: group)) }
            }
            while let group = pending.first?.group {
                var names: [StoragePath] = []
                while let file = pending.first, file.group == group {
                    try rename(file.temporary, file.path)
                    pending.removeFirst()
                    names.append(file.path)
                }
                try await secure(names)
            }
        } catch {
            for file in pending { _ = calls.unlink(full(file.temporary)) }
            throw error
        }
    }

    /// A file whose bytes are durable under a name of their own.
    private struct PendingFile {
        var path: StoragePath
        var temporary: StoragePath
        var group: Int
    }

    private func prepare(_ content: FileContent, in group: Int) throws(StorageError) -> PendingFile {
        guard let parent = content.path.parent else {
            throw .system(operation: "write", path: content.path, code: EISDIR)
        }
        let temporary = parent.appending("\(content.path.name).\(Self.temporarySuffix()).tmp")
        let file = try create(temporary)
        do throws(StorageError) {
            try file.append(content.bytes)
            try file.synchronizeContent()
            file.close()
        } catch {
            file.close()
            _ = calls.unlink(full(temporary))
            throw error
        }
        return PendingFile(path: content.path, temporary: temporary, group: group)
    }

    package func append(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        if offset == 0, try statNow(path) == nil {
            let file = try create(path)
            try file.claim()
            return file
        }
        // A pipe would else be waited for until somebody reads it.
        let descriptor = Glibc.open(full(path), O_WRONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failedOpen(path, errno) }
        do throws(StorageError) {
            var status = SystemStatus()
            if fstat(descriptor, &status) == 0, let code = Self.codeOfNoFile(status) {
                throw .system(operation: "open", path: path, code: code)
            }
            try claim(descriptor, path)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end == off_t(offset) else {
            Glibc.close(descriptor)
            throw .wrongOffset(path: path, expected: offset, actual: Int64(end))
        }
        let file = GrowingFile(descriptor: descriptor, offset: offset, path: path, driver: self)
        file.isNameDurable = try isKnownDurable(path)
        return file
    }

    package func move(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        do throws(StorageError) {
            try await relocate(source, to: target)
        } catch {
            guard error.isOfOtherMedium else { throw error }
            return try await carry(source, to: target)
        }
        try await secure([target], and: source.parent.map { [$0] } ?? [])
    }

    /// The directories that it goes to are durable before it goes: what has left its old place for good is then in the new
    /// one, for whoever settles the old one.
    package func relocate(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        guard let parent = target.parent else { throw .system(operation: "rename", path: target, code: EISDIR) }
        var attempts = 0
        repeat {
            if try !isKnownDurable(parent) {
                guard try isThere(source) else { throw .system(operation: "rename", path: source, code: ENOENT) }
                try makeDirectory(parent)
                try await secure([parent])
            }
            if calls.rename(full(source), to: full(target)) == 0 {
                // A directory that comes back has the inode that it had.
                return durable.withLock { $0.forget(target) }
            }
            // Somebody may have removed the directory, which was empty.
            let code = errno
            attempts += 1
            guard code == ENOENT, attempts < Self.attemptsMax, try isThere(source) else {
                throw .system(operation: "rename", path: source, code: code)
            }
        } while true
    }

    /// Also a link that leads nowhere.
    private func isThere(_ path: StoragePath) throws(StorageError) -> Bool {
        var status = SystemStatus()
        if fstatat(AT_FDCWD, full(path), &status, AT_SYMLINK_NOFOLLOW) == 0 { return true }
        guard Self.meansAbsent(errno) else { throw .system(operation: "stat", path: path, code: errno) }
        return false
    }

    package func settle(_ directories: Set<StoragePath>) async throws(StorageError) {
        try await secure([], and: directories)
    }

    package func remove(_ path: StoragePath) async throws(StorageError) {
        // Also where nothing is: another call may have removed it a moment ago.
        try erase(path)
        if let parent = path.parent { try await secure([], and: [parent]) }
    }

    package func discard(_ path: StoragePath) async throws(StorageError) { try erase(path) }

    package func removeIfEmpty(_ path: StoragePath) async throws(StorageError) -> Bool {
        guard path != .root else { return false }
        if calls.removeDirectory(full(path)) == 0 || Self.meansAbsent(errno) { return true }
        guard errno == ENOTEMPTY || errno == EEXIST else {
            throw .system(operation: "remove", path: path, code: errno)
        }
        return false
    }

    package func createDirectory(_ path: StoragePath) async throws(StorageError) {
        try makeDirectory(path)
        try await secure([path])
    }

    // MARK: Steps

    /// How often a directory is made that was empty and that somebody removed before anything was in it.
    private static let attemptsMax = 100

    /// Removes a file or a whole directory.
    func erase(_ path: StoragePath) throws(StorageError) {
        guard path != .root else { throw .system(operation: "remove", path: path, code: EBUSY) }
        if calls.unlink(full(path)) == 0 { return }
        switch errno {
        case let code where Self.meansAbsent(code): return
        case EISDIR, EPERM: try eraseDirectory(path)
        default: throw .system(operation: "remove", path: path, code: errno)
        }
    }

    /// Depth first, so that a crash leaves a smaller tree and never an unreachable one. Links are removed, not followed.
    private func eraseDirectory(_ path: StoragePath) throws(StorageError) {
        for entry in try openDirectory(path)?.read(.max) ?? [] {
            let child = path.appending(entry.name)
            if calls.unlink(full(child)) != 0 {
                switch errno {
                case ENOENT: continue
                case EISDIR, EPERM: try eraseDirectory(child)
                default: throw .system(operation: "remove", path: child, code: errno)
                }
            }
        }
        guard calls.removeDirectory(full(path)) == 0 || errno == ENOENT else {
            throw .system(operation: "remove", path: path, code: errno)
        }
    }

    func rename(_ source: StoragePath, _ target: StoragePath) throws(StorageError) {
        guard calls.rename(full(source), to: full(target)) == 0 else {
            throw .system(operation: "rename", path: target, code: errno)
        }
    }

    /// A new file that must not exist yet, open for writing, with the directories above it.
    func create(_ path: StoragePath) throws(StorageError) -> GrowingFile {
        var descriptor = calls.create(full(path))
        var attempts = 0
        while descriptor < 0, errno == ENOENT, attempts < Self.attemptsMax, let parent = path.parent {
            attempts += 1
            try makeDirectory(parent)
            descriptor = calls.create(full(path))
        }
        guard descriptor >= 0 else { throw .system(operation: "create", path: path, code: errno) }
        owner?.claim(descriptor)
        return GrowingFile(descriptor: descriptor, offset: 0, path: path, driver: self)
    }

    /// Makes a directory and those above it.
    private func makeDirectory(_ path: StoragePath) throws(StorageError) {
        // Under the lock, so that nobody finds the new directory known for durable because of one that was there before.
        let isMade = durable.withLock { durable in
            guard calls.makeDirectory(full(path)) == 0 else { return false }
            durable.forget(path)
            return true
        }
        if isMade {
            owner?.claim(at: full(path))
            return
        }
        switch errno {
        case EEXIST:
            guard try statNow(path)?.isDirectory == true else {
                throw .system(operation: "create directory", path: path, code: ENOTDIR)
            }
        case ENOENT:
            guard let parent = path.parent else { return try makeRoot() }
            try makeDirectory(parent)
            try makeDirectory(path)
        default: throw .system(operation: "create directory", path: path, code: errno)
        }
    }

    /// The directories above the root, which are no part of the tree, then the root.
    func makeRoot() throws(StorageError) {
        var built = rootPath.hasPrefix("/") ? "" : "."
        for component in rootPath.split(separator: "/") {
            built += "/\(component)"
            guard calls.makeDirectory(built) == 0 || errno == EEXIST else {
                throw .system(operation: "create directory", path: .root, code: errno)
            }
        }
        guard try statNow(.root)?.isDirectory == true else {
            throw .system(operation: "create directory", path: .root, code: ENOTDIR)
        }
    }

    private static let temporaryNumber = Atomic<UInt64>(0)

    /// Unique among the processes that may write to the tree.
    static func temporarySuffix() -> String {
        let number = temporaryNumber.wrappingAdd(1, ordering: .relaxed).newValue
        var random = SystemRandomNumberGenerator()
        return String(random.next(), radix: 16) + "-" + String(number, radix: 16)
    }
}
