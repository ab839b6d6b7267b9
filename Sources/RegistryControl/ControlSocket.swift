import Glibc

/// Where the process that serves a data directory can be spoken to: `berth/control.sock` in it, for its owner and, where the
/// umask lets the group write, for the group: whoever may write to the directory may take things out of it anyhow.
///
/// Who listens holds `berth/control.lock`, so a socket without a holder of the lock is one that a process left behind.
enum ControlSocket {
    struct Failed: Error, CustomStringConvertible {
        let call: String
        let code: CInt

        var description: String { "\(call): \(String(cString: strerror(code)))" }

        init(_ call: String) {
            self.call = call
            code = errno
        }
    }

    static let name = "control.sock"
    static let lockName = "control.lock"
    /// Bytes of a path in `sockaddr_un`, without the zero at its end (unix(7)).
    private static let pathBytesMax = 107

    /// The right to listen, held until it is released.
    struct Claim: Sendable {
        fileprivate let root: String
        fileprivate let lock: CInt

        /// A socket that is bound and on which nobody can connect before it listens. Replaces one that was left behind.
        func bound() throws(Failed) -> CInt {
            unlink("\(root)/berth/\(name)")
            let descriptor = try ControlSocket.opened()
            do throws(Failed) {
                // Before it has a name: the name gets these rights less the umask.
                guard fchmod(descriptor, 0o660) == 0 else { throw Failed("chmod") }
                try withAddress(root) { (address, length) throws(Failed) in
                    guard bind(descriptor, address, length) == 0 else { throw Failed("bind") }
                }
                try forOwnerAlone("\(root)/berth/\(name)")
            } catch {
                close(descriptor)
                throw error
            }
            return descriptor
        }

        /// Where the umask keeps the group from writing, nobody else may even see what is there.
        private func forOwnerAlone(_ place: String) throws(Failed) {
            var status = stat()
            guard lstat(place, &status) == 0 else { throw Failed("stat") }
            if status.st_mode & 0o020 == 0, chmod(place, 0o600) != 0 { throw Failed("chmod") }
        }

        /// Takes the socket away.
        func release() {
            unlink("\(root)/berth/\(name)")
            close(lock)
        }
    }

    /// Nil while another process listens.
    static func claim(_ root: String) throws(Failed) -> Claim? {
        let place = "\(root)/berth/\(lockName)"
        var lock = open(place, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        // Nothing is written to it: what another user made and lets us read locks as well.
        if lock < 0, errno == EACCES { lock = open(place, O_RDONLY | O_CLOEXEC) }
        guard lock >= 0 else { throw Failed("open \(place)") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let failure = Failed("lock")
            close(lock)
            if failure.code == EWOULDBLOCK { return nil }
            throw failure
        }
        return Claim(root: root, lock: lock)
    }

    /// A connection to the process that serves the directory; nil when there is none.
    static func connected(_ root: String) throws(Failed) -> CInt? {
        var status = stat()
        guard lstat("\(root)/berth/\(name)", &status) == 0 else { return nil }
        let descriptor = try opened()
        do throws(Failed) {
            try withAddress(root) { (address, length) throws(Failed) in
                guard connect(descriptor, address, length) == 0 else { throw Failed("connect") }
            }
        } catch {
            close(descriptor)
            if error.code == ECONNREFUSED || error.code == ENOENT { return nil }
            throw error
        }
        return descriptor
    }

    private static func opened() throws(Failed) -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failed("socket") }
        return descriptor
    }

    /// Gives the address of the socket. A path that does not fit goes through an open directory.
    private static func withAddress(
        _ root: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failed) -> Void
    ) throws(Failed) {
        let folder = open("\(root)/berth", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Failed("open") }
        defer { close(folder) }
        let whole = "\(root)/berth/\(name)"
        let path = Array((whole.utf8.count <= pathBytesMax ? whole : "/proc/self/fd/\(folder)/\(name)").utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.prefix(pathBytesMax)) }
        var outcome: Failed?
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                do throws(Failed) {
                    try body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
                } catch {
                    outcome = error
                }
            }
        }
        if let outcome { throw outcome }
    }
}
