import Glibc
import Synchronization

/// Who uses a data directory: any number of processes may serve it, as replicas of registry:2 do; what takes things out of
/// it needs to be the only one.
///
/// Advisory locks (`flock(2)`) on files in `berth/`; they go with the process, however that ends. Programs that are not
/// ours do not know them. `lock` is shared by those who serve. Making that exclusive lets go of it for a moment, so who
/// wants to takes `lock-alone` first: nobody else can come in between. `lock-apart` is shared by those whose index the
/// others cannot see. `lock-here` is how those who serve know of each other: all of them hold the same byte of it for reading
/// (`fcntl(2)`, open file description locks), and each can ask whether anybody else does without letting go of anything.
package final class DirectoryLock: Sendable {
    private let descriptor: CInt
    private let intention: CInt
    private let apart: CInt
    private let presence: CInt
    private let isApart = Atomic(false)
    private let isAlone = Mutex(false)

    /// Shares the directory `root` with others; nil while somebody is alone in it. Makes `berth/` where it is missing.
    package init?(root: String) throws(StorageError) {
        let folder = StoragePath.root.appending("berth")
        let owner = DirectoryOwner(of: root)
        guard mkdir("\(root)/berth", 0o777) == 0 || errno == EEXIST else {
            throw .system(operation: "create directory", path: folder, code: errno)
        }
        owner?.claim(at: "\(root)/berth")
        let file = try Self.open("lock", below: root, owner)
        guard flock(file, LOCK_SH | LOCK_NB) == 0 else {
            let code = errno
            Glibc.close(file)
            if code == EWOULDBLOCK { return nil }
            throw .system(operation: "lock", path: folder.appending("lock"), code: code)
        }
        var others: [CInt] = []
        for name in ["lock-alone", "lock-apart", "lock-here"] {
            do throws(StorageError) {
                others.append(try Self.open(name, below: root, owner))
            } catch {
                for file in [file] + others { Glibc.close(file) }
                throw error
            }
        }
        (descriptor, intention, apart, presence) = (file, others[0], others[1], others[2])
    }

    private static func open(
        _ name: String, below root: String, _ owner: DirectoryOwner?
    ) throws(StorageError) -> CInt {
        let place = "\(root)/berth/\(name)"
        var file = Glibc.open(place, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
        // Nothing is written to it: what another user made and lets us read locks as well.
        if file < 0, errno == EACCES { file = Glibc.open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        let path = StoragePath.root.appending(["berth", name])
        guard file >= 0 else { throw .system(operation: "open", path: path, code: errno) }
        owner?.claim(file)
        return file
    }

    deinit {
        Glibc.close(descriptor)
        Glibc.close(intention)
        Glibc.close(apart)
        Glibc.close(presence)
    }

    /// From now on the others know that this process serves the directory.
    package func showPresence() {
        var byte = Self.byte(F_RDLCK)
        _ = fcntl(presence, Self.setLock, &byte)
    }

    /// True while another process serves the directory too. Costs a call of the system. False where the file system keeps no
    /// such locks.
    package var isAccompanied: Bool {
        var byte = Self.byte(F_WRLCK)
        return fcntl(presence, Self.getLock, &byte) == 0 && byte.l_type != Int16(F_UNLCK)
    }

    /// `F_OFD_GETLK` and `F_OFD_SETLK` of Linux, which the overlay of Glibc leaves out.
    private static let (getLock, setLock): (CInt, CInt) = (36, 37)

    private static func byte(_ type: CInt) -> Glibc.flock {
        Glibc.flock(l_type: Int16(type), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 1, l_pid: 0)
    }

    /// From now on this process keeps its index to itself: the others cannot rely on theirs.
    package func goApart() {
        isApart.store(true, ordering: .relaxed)
        flock(apart, LOCK_SH)
    }

    /// True while a process, this one or another, keeps its index to itself. Costs two calls of the system.
    package var isSomebodyApart: Bool {
        if isApart.load(ordering: .relaxed) { return true }
        guard flock(apart, LOCK_EX | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
        flock(apart, LOCK_UN)
        return false
    }

    /// Runs `body` with nobody else in the directory; nil when somebody is, or when this process is alone in it already for
    /// something else.
    package func alone<T>(_ body: () async throws -> T) async rethrows -> T? {
        guard enter() else { return nil }
        defer { leave() }
        return try await body()
    }

    /// The same for what does not wait.
    package func aloneNow<T>(_ body: () throws -> T) rethrows -> T? {
        guard enter() else { return nil }
        defer { leave() }
        return try body()
    }

    private func enter() -> Bool {
        isAlone.withLock { isAlone in
            guard !isAlone, flock(intention, LOCK_EX | LOCK_NB) == 0 else { return false }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                // What was held may be gone. It is to be had without waiting: only who has the intention can shut us out.
                flock(descriptor, LOCK_SH)
                flock(intention, LOCK_UN)
                return false
            }
            isAlone = true
            return true
        }
    }

    private func leave() {
        isAlone.withLock { isAlone in
            flock(descriptor, LOCK_SH)
            flock(intention, LOCK_UN)
            isAlone = false
        }
    }
}
