import Glibc

/// Moving what no rename can: `blobs/`, `repositories/` or `berth/` may be on a file system of their own, by a mount or by a
/// link.
///
/// Every file is copied beside its new place, made durable and renamed there, and only when all of it stands is the old one
/// removed: a crash leaves it whole in one place or in both, and of a copy that it broke off at most a temporary file and
/// what is no content without the rest.
extension FileSystemDriver {
    /// Bytes that are copied at a time.
    private static let copyBytes = 1 << 20

    /// Moves a file or a directory to another file system. Costs reading and writing all of it.
    func carry(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        try await copy(source, to: target)
        try await remove(source, .lasting)
    }

    private func copy(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        var status = SystemStatus()
        guard fstatat(AT_FDCWD, full(source), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .system(operation: "stat", path: source, code: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: try await copyFile(source, status, to: target)
        case S_IFDIR: try await copyDirectory(source, status, to: target)
        case S_IFLNK: try await copyLink(source, to: target)
        default: throw .system(operation: "copy", path: source, code: EINVAL)
        }
    }

    /// What is read first comes last: of a tag its history before `current`, which makes it one. A directory that fails is
    /// taken back if it was not there before.
    private func copyDirectory(
        _ source: StoragePath, _ status: SystemStatus, to target: StoragePath
    ) async throws(StorageError) {
        let isNew = try statNow(target) == nil
        do throws(StorageError) {
            try await write([[.directory(target)]], .lasting)
            for entry in (try await list(source) ?? []).reversed() {
                try await copy(source.appending(entry.name), to: target.appending(entry.name))
            }
        } catch {
            if isNew { _ = try? unlinkAll(target) }
            throw error
        }
        keep(status, full(target))
    }

    private func copyFile(
        _ source: StoragePath, _ status: SystemStatus, to target: StoragePath
    ) async throws(StorageError) {
        guard let parent = target.parent, let content = try await open(source) else {
            throw .system(operation: "copy", path: source, code: ENOENT)
        }
        let temporary = parent.appending("\(target.name).\(Self.temporarySuffix()).tmp")
        let file = try create(temporary)
        do throws(StorageError) {
            while file.offset < content.size {
                let bytes = try await content.read(at: file.offset, count: Self.copyBytes)
                guard !bytes.isEmpty else { throw .system(operation: "read", path: source, code: EIO) }
                try file.append(bytes)
            }
            keep(status, full(temporary))
            try file.synchronizeContent()
            file.close()
            try rename(temporary, target)
        } catch {
            file.close()
            _ = calls.unlink(full(temporary))
            throw error
        }
        try await secure([target])
    }

    private func copyLink(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        var goal = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink(full(source), &goal, goal.count - 1) >= 0 else {
            throw .system(operation: "read link", path: source, code: errno)
        }
        if let parent = target.parent { try await write([[.directory(parent)]], .lasting) }
        _ = calls.unlink(full(target))
        guard symlink(goal, full(target)) == 0 else {
            throw .system(operation: "create", path: target, code: errno)
        }
        try await secure([target])
    }

    /// Gives a copy the times and the rights of what it was made of, and its owner where we may. Nothing depends on it but
    /// how old it is said to be.
    private func keep(_ status: SystemStatus, _ copy: String) {
        if geteuid() == 0 { _ = lchown(copy, status.st_uid, status.st_gid) }
        _ = chmod(copy, status.st_mode & 0o7777)
        _ = utimensat(AT_FDCWD, copy, [status.st_atim, status.st_mtim], 0)
    }
}
