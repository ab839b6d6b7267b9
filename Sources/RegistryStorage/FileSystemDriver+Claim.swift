import Glibc

/// One writer at a time for a file that grows, over all processes: an advisory lock (`flock(2)`) that goes with the
/// descriptor. Programs that are not ours do not know it.
extension FileSystemDriver {
    /// Claims an open file for writing. Throws an error that `isInUse` while another has it, and one that `isAbsence` when the
    /// name means another file by now: whoever had it before has given it another place, and nobody may write to it there.
    func claim(_ descriptor: CInt, _ path: StoragePath) throws(StorageError) {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: throw .system(operation: "lock", path: path, code: EWOULDBLOCK)
            // A file system without locks: as it was before there were any.
            default: return
            }
        }
        var (own, named) = (SystemStatus(), SystemStatus())
        guard fstat(descriptor, &own) == 0, fstatat(AT_FDCWD, full(path), &named, 0) == 0, own.st_ino == named.st_ino,
            own.st_dev == named.st_dev
        else { throw .system(operation: "open", path: path, code: ENOENT) }
    }
}
