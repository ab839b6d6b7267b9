import Glibc

/// What keeps this process from working in a data directory: a file or a directory of it, and why.
package struct DirectoryObstacle: Sendable, Equatable, CustomStringConvertible {
    private let root: String
    /// The file or directory itself.
    package let path: String
    private let code: CInt
    /// Who it belongs to, and what may be done with it.
    private let owner: uid_t
    private let mode: mode_t

    /// What is read and written in place below `berth/`, and that a lock is a matter of reading.
    private static let files = [
        ("lock", R_OK), ("lock-alone", R_OK), ("index.sqlite", R_OK | W_OK), ("index.sqlite-wal", R_OK | W_OK),
        ("index.sqlite-shm", R_OK | W_OK),
    ]

    /// The first that is in the way; nil when none is, and where the directory is still to be made.
    package init?(in root: String) {
        let folder = "\(root)/berth"
        let places =
            [(root, R_OK | W_OK | X_OK), (folder, R_OK | W_OK | X_OK)]
            + Self.files.map { ("\(folder)/\($0.0)", $0.1) }
        for (path, rights) in places {
            guard faccessat(AT_FDCWD, path, rights, AT_EACCESS) != 0, ![ENOENT, ENOTDIR].contains(errno) else {
                continue
            }
            self.root = root
            self.path = path
            code = errno
            var status = stat()
            let isSeen = stat(path, &status) == 0
            (owner, mode) = isSeen ? (status.st_uid, status.st_mode & 0o7777) : (0, 0)
            return
        }
        return nil
    }

    /// One line that says what is in the way and what to do.
    package var description: String {
        if path == root {
            return "cannot write to the data directory \(root): \(StorageError.text(of: code)); "
                + "change its owner or choose another with --data"
        }
        if code == EROFS {
            return "cannot write to \(path): \(StorageError.text(of: code)); choose another data directory with --data"
        }
        let rights = String(mode, radix: 8)
        return "cannot write to \(path), which belongs to \(Self.name(owner)) (mode \(rights)): "
            + "\(StorageError.text(of: code)); 'chown -R \(Self.name(geteuid())) \(root)/berth' as root mends it"
    }

    private static func name(_ user: uid_t) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else { return "\(user)" }
        return String(cString: name)
    }
}
