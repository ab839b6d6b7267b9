import Glibc
import Synchronization

/// Who uses a data directory: any number of processes may serve it, as replicas of registry:2 do; what takes things out of
/// it needs to be the only one.
///
/// An advisory lock (`flock(2)`) on a file in `berth/`; it goes with the process, however that ends. Programs that are not
/// ours do not know it.
package final class DirectoryLock: Sendable {
    private let descriptor: CInt
    private let isAlone = Mutex(false)

    /// Shares the directory `root` with others; nil while somebody is alone in it. Makes `berth/` where it is missing.
    package init?(root: String) throws(StorageError) {
        let folder = StoragePath.root.appending("berth")
        guard mkdir("\(root)/berth", 0o777) == 0 || errno == EEXIST else {
            throw .system(operation: "create directory", path: folder, code: errno)
        }
        let path = folder.appending("lock")
        let file = Glibc.open("\(root)/berth/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw .system(operation: "open", path: path, code: errno) }
        guard flock(file, LOCK_SH | LOCK_NB) == 0 else {
            let code = errno
            Glibc.close(file)
            if code == EWOULDBLOCK { return nil }
            throw .system(operation: "lock", path: path, code: code)
        }
        descriptor = file
    }

    deinit { Glibc.close(descriptor) }

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
            guard !isAlone else { return false }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                // The change from one to the other is not atomic: what was held may be gone.
                flock(descriptor, LOCK_SH)
                return false
            }
            isAlone = true
            return true
        }
    }

    private func leave() {
        isAlone.withLock { isAlone in
            flock(descriptor, LOCK_SH)
            isAlone = false
        }
    }
}
