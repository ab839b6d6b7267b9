import Glibc
import Synchronization

/// Making names durable, and knowing which are: a sync of a directory covers the names in it, and a name is of use only when
/// those of all directories above it are durable too.
extension FileSystemDriver {
    package func settle(_ unsettled: Unsettled) async throws(StorageError) {
        switch unsettled {
        case .files(let files): try await preserve(files)
        case .removals(let directories): try await secure([], and: directories)
        case .everything: try synchronizeAll()
        }
    }

    private func preserve(_ files: [StoragePath]) async throws(StorageError) {
        try await secure(try synchronizeContent(of: files))
    }

    /// Makes the content of files durable whose names are not known to be; gives those that are there.
    func synchronizeContent(of files: [StoragePath]) throws(StorageError) -> [StoragePath] {
        var unknown: [StoragePath] = []
        for file in files where try !isKnownDurable(file) {
            let descriptor = Glibc.open(full(file), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else {
                if Self.meansAbsent(errno) { continue }
                throw .system(operation: "open", path: file, code: errno)
            }
            defer { Glibc.close(descriptor) }
            guard calls.synchronize(descriptor) == 0 else {
                throw .system(operation: "fsync", path: file, code: errno)
            }
            unknown.append(file)
        }
        return unknown
    }

    private func synchronizeAll() throws(StorageError) {
        // Each of these may be on a file system of its own.
        let places = [.root, Layout.blobs, Layout.repositories, Layout.trash, Layout.quarantine]
        var devices: Set<UInt64> = []
        for place in places {
            let descriptor = Glibc.open(full(place), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else {
                if Self.meansAbsent(errno) { continue }
                throw .system(operation: "open directory", path: place, code: errno)
            }
            defer { Glibc.close(descriptor) }
            var status = SystemStatus()
            guard fstat(descriptor, &status) == 0, devices.insert(UInt64(status.st_dev)).inserted else { continue }
            guard calls.synchronizeAll(descriptor) == 0 else {
                throw .system(operation: "syncfs", path: place, code: errno)
            }
        }
    }

    /// Makes names durable that have been given by now, with the directories above as far as they are not known to be; and
    /// these directories, whatever is known of them, for what was taken out of them.
    ///
    /// - Parameter last: the directory in which the last of all these changes was made, by who calls; nil where nobody knows.
    func secure(
        _ names: [StoragePath], and directories: Set<StoragePath> = [], last: StoragePath? = nil
    ) async throws(StorageError) {
        var work = Work(near: directories)
        for name in names { try cover(name, &work) }
        do throws(StorageError) {
            // Deepest first: on a journalled file system the first sync takes the others with it.
            for path in try directoriesToSynchronize(work, last).sorted(by: { $0.text.utf8.count > $1.text.utf8.count })
            {
                try await syncs.run(path) { synchronizeNow(path) }
            }
            if work.reachesRoot { try synchronizeAboveRoot() }
        } catch {
            end(work, isDurable: false)
            throw error
        }
        end(work, isDurable: true)
    }

    /// Where changes become durable in their order, a directory takes with it what was changed before it: the last of all is
    /// enough where it is known, and a directory stands for those above it, which were made before there was anything in it.
    private func directoriesToSynchronize(
        _ work: Work, _ last: StoragePath?
    ) throws(StorageError) -> Set<StoragePath> {
        let all = work.near.union(work.above)
        guard !all.isEmpty, try ordersChanges(in: all) else { return all }
        if let last, all.contains(last) { return [last] }
        return work.near
    }

    /// What one call makes durable.
    private struct Work {
        /// Directories in which something was changed.
        var near: Set<StoragePath>
        /// Directories above those, as far as their names are not known to be durable.
        var above: Set<StoragePath> = []
        var attempts: [(path: StoragePath, attempt: DurableNames.Attempt)] = []
        /// The name of the root itself is not known to be durable.
        var reachesRoot = false
    }

    private func cover(_ name: StoragePath, _ work: inout Work) throws(StorageError) {
        var place = name
        while true {
            // Before the sync begins: what comes later it does not cover.
            if let identity = try identity(of: place) {
                let attempt = durable.withLock { durable in
                    durable.contains(place, identity) ? nil : durable.begin(place, identity)
                }
                guard let attempt else { return }
                work.attempts.append((place, attempt))
            }
            guard let parent = place.parent else { break }
            if place == name { work.near.insert(parent) } else { work.above.insert(parent) }
            place = parent
        }
        work.reachesRoot = true
    }

    private func end(_ work: Work, isDurable: Bool) {
        durable.withLock { durable in
            for (path, attempt) in work.attempts { durable.end(path, attempt, isDurable: isDurable) }
        }
    }

    func isKnownDurable(_ path: StoragePath) throws(StorageError) -> Bool {
        guard let identity = try identity(of: path) else { return false }
        return durable.withLock { $0.contains(path, identity) }
    }

    /// The file that is open at a durable name has changed in content, and in nothing else.
    func noteDurable(_ path: StoragePath, _ descriptor: CInt) {
        var status = SystemStatus()
        guard fstat(descriptor, &status) == 0 else { return }
        durable.withLock { durable in
            let attempt = durable.begin(path, DurableNames.Identity(status))
            durable.end(path, attempt, isDurable: true)
        }
    }

    /// What stands at the name is durable as it is.
    func noteDurable(_ path: StoragePath) throws(StorageError) {
        guard let identity = try identity(of: path) else { return }
        durable.withLock { durable in durable.end(path, durable.begin(path, identity), isDurable: true) }
    }

    /// Nil when nothing is there.
    private func identity(of path: StoragePath) throws(StorageError) -> DurableNames.Identity? {
        var status = SystemStatus()
        guard fstatat(AT_FDCWD, full(path), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if Self.meansAbsent(errno) { return nil }
            throw .system(operation: "stat", path: path, code: errno)
        }
        return DurableNames.Identity(status)
    }

    /// True where these directories are on one file system that makes changes durable in the order in which they were made,
    /// so that a sync covers all that was done before what it is asked for. Costs a look at each.
    func ordersChanges(in directories: Set<StoragePath>) throws(StorageError) -> Bool {
        var device: UInt64?
        for directory in directories {
            guard let found = try self.device(of: directory) else { return false }
            if let device, device != found { return false }
            device = found
        }
        guard let device else { return false }
        return ordered.withLock { ordered in
            if let known = ordered[device] { return known }
            let isOrdered = calls.ordersChanges(device)
            ordered[device] = isOrdered
            return isOrdered
        }
    }

    /// The file system that a directory is on, or would be where it is not there yet.
    private func device(of directory: StoragePath) throws(StorageError) -> UInt64? {
        var place = directory
        while true {
            var status = SystemStatus()
            if fstatat(AT_FDCWD, full(place), &status, 0) == 0 { return UInt64(status.st_dev) }
            guard Self.meansAbsent(errno) else { throw .system(operation: "stat", path: place, code: errno) }
            guard let parent = place.parent else { return nil }
            place = parent
        }
    }

    private func synchronizeNow(_ path: StoragePath) -> SharedSyncs.Outcome {
        var place = path
        while true {
            let descriptor = Glibc.open(full(place), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else {
                guard Self.meansAbsent(errno) else {
                    return .failure(.system(operation: "open directory", path: place, code: errno))
                }
                // Somebody removed the directory in between: what was in it is gone for good once it is.
                guard let parent = place.parent else { return .success(()) }
                place = parent
                continue
            }
            defer { Glibc.close(descriptor) }
            guard calls.synchronize(descriptor) == 0 else {
                return .failure(.system(operation: "fsync", path: place, code: errno))
            }
            return .success(())
        }
    }

    /// The directories that lead to the root, as far as they are of its file system; those that this process may not read
    /// are their owner's affair.
    private func synchronizeAboveRoot() throws(StorageError) {
        guard let resolved = realpath(rootPath, nil) else {
            throw .system(operation: "open directory", path: .root, code: errno)
        }
        defer { free(resolved) }
        var place = String(cString: resolved)[...]
        var status = SystemStatus()
        guard fstatat(AT_FDCWD, String(place), &status, 0) == 0 else { return }
        let device = status.st_dev
        while place.count > 1, let slash = place.lastIndex(of: "/") {
            place = slash == place.startIndex ? "/" : place[..<slash]
            let descriptor = Glibc.open(String(place), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { Glibc.close(descriptor) }
            guard fstat(descriptor, &status) == 0, status.st_dev == device else { return }
            guard calls.synchronize(descriptor) == 0 else {
                throw .system(operation: "fsync", path: .root, code: errno)
            }
        }
    }
}

extension DurableNames.Identity {
    fileprivate init(_ status: SystemStatus) {
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        inode = UInt64(status.st_ino)
        changed =
            isDirectory ? 0 : Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
        size = isDirectory ? 0 : Int64(status.st_size)
    }
}
