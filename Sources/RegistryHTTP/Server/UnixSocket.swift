import Glibc
import NIOCore
import NIOPosix

/// Sockets in the file system, as places to listen at.
enum UnixSocket {
    /// Makes sure that a socket can be bound at `path`: one that a program which has ended left behind is removed. Throws
    /// `addressInUse` when somebody answers on it, `notASocket` when something else is there.
    static func makeWay(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw ServerError.notASocket(path) }
        guard !isAnswered(try SocketAddress(unixDomainSocketPath: path)) else { throw ServerError.addressInUse(path) }
        unlink(path)
    }

    private static func isAnswered(_ address: SocketAddress) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        return address.withSockAddr { connect(descriptor, $0, socklen_t($1)) } == 0
    }
}
