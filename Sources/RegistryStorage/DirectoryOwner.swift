import Glibc

/// Whom what root makes in a data directory is given to: whoever the directory belongs to. A collection by the machine's own
/// clock runs as root more often than not, and the service that runs as another user must be able to open what it left.
///
/// Whoever is not root can give nothing away, and needs not: what it makes is its own.
package struct DirectoryOwner: Sendable, Equatable {
    private let user: uid_t
    private let group: gid_t
    /// What the group may do in the directory, which is what it may do with what is made in it.
    private let groupRights: mode_t

    /// Nil where nothing is to be given away: for everybody but root, and in a directory of root's own.
    package init?(of root: String) {
        guard geteuid() == 0 else { return nil }
        // A volume is often root's, and the tree in it the service's.
        for place in ["\(root)/docker", root] {
            var status = stat()
            guard stat(place, &status) == 0, status.st_uid != 0 else { continue }
            (user, group, groupRights) = (status.st_uid, status.st_gid, status.st_mode & 0o070)
            return
        }
        return nil
    }

    /// Gives away an open file or directory that root has just made; what belongs to somebody else stays as it is. What
    /// cannot be given is left, as on file systems that know no owners.
    package func claim(_ descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == 0 else { return }
        _ = fchown(descriptor, user, group)
        if let rights = rights(status) { _ = fchmod(descriptor, rights) }
    }

    /// The same by its path; nothing when nothing is there.
    package func claim(at path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_uid == 0 else { return }
        _ = lchown(path, user, group)
        if status.st_mode & S_IFMT != S_IFLNK, let rights = rights(status) { _ = chmod(path, rights) }
    }

    /// The rights with those of the group, as the owner's own process would have given them; nil when they are there.
    private func rights(_ status: stat) -> mode_t? {
        let mode = status.st_mode & 0o7777
        let kind = status.st_mode & S_IFMT
        let wanted = mode | (kind == S_IFDIR ? groupRights : groupRights & 0o060)
        return wanted == mode ? nil : wanted
    }
}
