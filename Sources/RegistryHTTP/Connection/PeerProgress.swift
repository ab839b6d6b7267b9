import NIOCore

/// What the other side of a connection has taken: the one proof that a slow client still reads. What a socket takes from us
/// proves nothing, for the kernel holds megabytes.
enum PeerProgress {
    /// Linux's `struct tcp_info` as far as it is looked at (tcp(7), linux/tcp.h): 15 words, then `tcpi_bytes_acked`.
    private struct Information: Sendable {
        var before:
            (
                UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
                UInt64, UInt64
            ) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        var bytesAcknowledged: UInt64 = 0
    }

    private static let information = NIOBSDSocket.Option(rawValue: 11)

    /// Bytes that the peer's system has acknowledged since the connection began; fails where nobody counts them, as on a Unix
    /// socket. Costs a call of the system.
    static func bytesTaken(on channel: any Channel) -> EventLoopFuture<UInt64> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let found: EventLoopFuture<Information> = socket.unsafeGetSocketOption(level: .tcp, name: information)
        return found.map(\.bytesAcknowledged)
    }
}
