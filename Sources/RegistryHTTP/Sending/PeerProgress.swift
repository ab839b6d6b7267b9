import Glibc
import NIOCore

/// What the other side of a connection has taken: the one proof that a slow client still reads. What a socket takes from us
/// proves nothing, for the kernel holds megabytes.
enum PeerProgress {
    /// Linux's `struct tcp_info` as far as it is looked at (tcp(7), linux/tcp.h). What a kernel does not know is 0.
    private struct Information: Sendable {
        private var before:
            (
                UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
                UInt64, UInt64
            ) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        /// `tcpi_bytes_acked`.
        var bytesAcknowledged: UInt64 = 0
        private var received: (UInt64, UInt64) = (0, 0)
        /// `tcpi_notsent_bytes`.
        var bytesNotSent: UInt32 = 0
        private var roundTripLeast: UInt32 = 0
        private var between: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
        /// `tcpi_bytes_sent` and `tcpi_bytes_retrans`, since Linux 4.19.
        var bytesSent: UInt64 = 0
        var bytesSentAgain: UInt64 = 0

        /// Bytes that were written to the socket and that the peer has not acknowledged: what `SIOCOUTQ` says.
        var bytesUnderWay: Int64 {
            let gone = Int64(clamping: bytesSent) - Int64(clamping: bytesSentAgain)
            return max(0, gone - Int64(clamping: bytesAcknowledged) + Int64(bytesNotSent))
        }
    }

    private static let information = NIOBSDSocket.Option(rawValue: TCP_INFO)

    private static func look(at channel: any Channel) -> EventLoopFuture<Information> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        return socket.unsafeGetSocketOption(level: .tcp, name: information)
    }

    /// Bytes that the peer's system has acknowledged since the connection began; fails where nobody counts them, as on a Unix
    /// socket. Costs a call of the system.
    static func bytesTaken(on channel: any Channel) -> EventLoopFuture<UInt64> {
        look(at: channel).map(\.bytesAcknowledged)
    }

    /// Bytes that were written to the socket and that the peer's system does not have yet; 0 where nobody knows, as on a Unix
    /// socket. To be called on the event loop. Costs a call of the system.
    ///
    /// - Parameter socket: of the channel, where it is known: a quarter of the time.
    static func bytesUnderWay(on channel: any Channel, _ socket: DirectSocket? = nil) -> Int64 {
        if let socket { return socket.option(IPPROTO_TCP, TCP_INFO, Information())?.bytesUnderWay ?? 0 }
        var bytes: Int64 = 0
        // On its own loop the channel answers at once.
        look(at: channel).assumeIsolated().whenSuccess { bytes = $0.bytesUnderWay }
        return bytes
    }

    /// Bytes that NIO holds for the socket, which takes no more.
    static func bytesWaiting(on channel: any Channel) -> Int64 {
        let bytes = try? channel.syncOptions?.getOption(.bufferedWritableBytes)
        return Int64(bytes ?? 0)
    }
}
