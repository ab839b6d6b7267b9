import Glibc
import Synchronization

/// What is there gets another name, or none.
extension FileSystemDriver {
    package func move(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        do throws(StorageError) {
            try await rename(source, to: target)
        } catch {
            guard error.isOfOtherMedium else { throw error }
            return try await carry(source, to: target)
        }
        try await secure([target], and: source.parent.map { [$0] } ?? [], last: target.parent)
    }

    /// The directories that it goes to are durable before it goes, or are so with whatever comes after them: what has left its
    /// old place for good is then in the new one, for whoever settles the old one.
    package func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        guard let parent = target.parent else { throw .system(operation: "rename", path: target, code: EISDIR) }
        var attempts = 0
        repeat {
            if try !isKnownDurable(parent) {
                guard try isThere(source) else { throw .system(operation: "rename", path: source, code: ENOENT) }
                try makeDirectory(parent)
                if try !ordersChanges(in: [parent]) { try await secure([parent]) }
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

    @discardableResult
    package func remove(_ path: StoragePath, _ removal: Removal) async throws(StorageError) -> Bool {
        switch removal {
        case .passing: try unlinkAll(path)
        case .emptyDirectory: return try removeIfEmpty(path)
        case .lasting:
            // Also where nothing is: another call may have removed it a moment ago.
            try unlinkAll(path)
            if let parent = path.parent { try await secure([], and: [parent]) }
        }
        return true
    }

    private func removeIfEmpty(_ path: StoragePath) throws(StorageError) -> Bool {
        guard path != .root else { return false }
        if calls.removeDirectory(full(path)) == 0 || Self.meansAbsent(errno) { return true }
        guard errno == ENOTEMPTY || errno == EEXIST else {
            throw .system(operation: "remove", path: path, code: errno)
        }
        return false
    }

    // MARK: Steps

    /// How often a directory is made that was empty and that somebody removed before anything was in it.
    private static let attemptsMax = 100

    /// Removes a file or a whole directory.
    func unlinkAll(_ path: StoragePath) throws(StorageError) {
        guard path != .root else { throw .system(operation: "remove", path: path, code: EBUSY) }
        if calls.unlink(full(path)) == 0 { return }
        switch errno {
        case let code where Self.meansAbsent(code): return
        case EISDIR, EPERM: try unlinkDirectory(path)
        default: throw .system(operation: "remove", path: path, code: errno)
        }
    }

    /// Depth first, so that a crash leaves a smaller tree and never an unreachable one. Links are removed, not followed.
    private func unlinkDirectory(_ path: StoragePath) throws(StorageError) {
        for entry in try openDirectory(path)?.read(.max) ?? [] {
            let child = path.appending(entry.name)
            if calls.unlink(full(child)) != 0 {
                switch errno {
                case ENOENT: continue
                case EISDIR, EPERM: try unlinkDirectory(child)
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
    func makeDirectory(_ path: StoragePath) throws(StorageError) {
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
