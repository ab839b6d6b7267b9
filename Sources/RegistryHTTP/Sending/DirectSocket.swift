import Glibc
import NIOCore
import RegistryCore

/// The socket of a connection without TLS, for bytes that are to go out at once: past NIO's list of what is to be written,
/// so only while nothing is in that. What the socket does not take is left to NIO.
///
/// To be used on the event loop while the channel is active: the descriptor is the channel's, and closed by it alone.
struct DirectSocket {
    private let descriptor: CInt

    init(descriptor: CInt) { self.descriptor = descriptor }

    /// Nil where the channel has no socket.
    init?(_ channel: any Channel) {
        let pipeline = channel.pipeline.syncOperations
        guard let handle = try? pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self, { $0 }) else {
            return nil
        }
        descriptor = handle
    }

    /// Writes two pieces as one, and says how many bytes the socket has taken: 0 also when it failed, which it says again to
    /// whoever writes next.
    ///
    /// - Parameter more: the rest follows at once, so that no packet need go with this alone.
    func send(
        _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer = .init(start: nil, count: 0), more: Bool = false
    ) -> Int {
        var pieces = (
            iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
        )
        let flags = CInt(MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0))
        return withUnsafeMutablePointer(to: &pieces) { pieces in
            pieces.withMemoryRebound(to: iovec.self, capacity: 2) { pieces in
                var message = msghdr()
                message.msg_iov = pieces
                message.msg_iovlen = body.isEmpty ? 1 : 2
                return Self.call { sendmsg(descriptor, &message, flags) } ?? 0
            }
        }
    }

    /// Sends a part of a file, and says how many bytes of it the socket has taken; nil where the file has none there. 0 also
    /// when it failed.
    func sendFile(_ file: CInt, _ range: Range<Int64>) -> Int64? {
        var offset = off_t(range.lowerBound)
        guard let count = Self.call({ sendfile(descriptor, file, &offset, range.count) }) else { return 0 }
        return count == 0 && !range.isEmpty ? nil : Int64(count)
    }

    /// What the system says of the socket; nil when it does not. What it does not know of it stays as it is in `blank`.
    func option<Value: BitwiseCopyable>(_ level: Int, _ name: CInt, _ blank: Value) -> Value? {
        var value = blank
        var size = socklen_t(MemoryLayout<Value>.size)
        return getsockopt(descriptor, CInt(level), name, &value, &size) == 0 ? value : nil
    }

    /// Nil when the call failed.
    private static func call(_ call: () -> Int) -> Int? {
        while true {
            let count = call()
            if count >= 0 { return count }
            if errno != EINTR { return nil }
        }
    }
}
