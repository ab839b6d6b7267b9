import NIOCore
import NIOHTTP1
import RegistryCollector
import RegistryCore

/// One side of a control connection that waits until the other has taken what it was sent, and gives up on one that stands
/// still.
struct PatientChannel {
    let channel: any Channel

    /// Seconds that the other side may take nothing, or send nothing, before the connection is closed: what waits for it
    /// may be a sweep.
    private static let standstillSeconds: Int64 = 30

    /// Closes the connection in a while, unless it is cancelled before: what waits for the other side ends with that.
    func limit() -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: .seconds(Self.standstillSeconds)) { [channel] in
            channel.close(promise: nil)
        }
    }

    /// Returns when the system has taken it: what is closed after that is not cut off, and what is written next does not
    /// pile up.
    func write(_ part: some Sendable) async throws {
        let limit = limit()
        defer { limit.cancel() }
        try await channel.writeAndFlush(part).get()
    }
}

/// The answer to one request of the control socket, sent while it is made.
final class ControlOutbound {
    private let peer: PatientChannel
    private var buffer = ByteBuffer()
    private var isBegun = false

    /// The first version answered whole documents and did not say so.
    static let versionName = "Berth-Control"
    static let version = "2"
    /// Bytes that are sent together.
    private static let partBytes = 1 << 16

    init(_ peer: PatientChannel) { self.peer = peer }

    /// Takes a part; waits while the other side is slower.
    func give(_ part: ControlPart) async throws {
        if !isBegun { try await begin(.ok, "application/x-ndjson") }
        buffer.writeBytes(part.wire)
        // What tells how far something is, is of no use later.
        if buffer.readableBytes >= Self.partBytes || part.kind == .progress { try await flush() }
    }

    func end() async throws {
        try await flush()
        try await peer.write(HTTPServerResponsePart.end(nil))
    }

    /// Ends an answer that was begun, or refuses with a status.
    func end(_ error: ControlError) async throws {
        if isBegun {
            try await give(ControlPart(.error, error))
        } else {
            try await begin(HTTPResponseStatus(statusCode: error.kind.rawValue), "application/json")
            buffer.writeBytes(try CollectorJSON.line(ControlRefusal(error: error.message)))
        }
        try await end()
    }

    private func begin(_ status: HTTPResponseStatus, _ type: String) async throws {
        isBegun = true
        let headers = HTTPHeaders([
            ("Content-Type", type), ("Connection", "close"), ("Transfer-Encoding", "chunked"),
            (Self.versionName, Self.version),
        ])
        try await peer.write(
            HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
    }

    private func flush() async throws {
        guard buffer.readableBytes > 0 else { return }
        let part = buffer
        buffer = ByteBuffer()
        try await peer.write(HTTPServerResponsePart.body(.byteBuffer(part)))
    }
}
