import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import RegistryCore

/// The collector of a registry that another process of this machine serves, over its control socket.
package struct ControlClient: CollectorService {
    private let root: String

    /// Bytes of a plan that are sent together.
    private static let partBytes = 1 << 16
    /// Bytes of an answer that is a refusal.
    private static let refusalBytesMax = 1 << 20

    /// Nil when no process serves the data directory. Throws when there is one that cannot be spoken to.
    package init?(root: String) throws(ControlError) {
        guard let descriptor = try Self.connected(root) else { return nil }
        close(descriptor)
        self.root = root
    }

    private static func connected(_ root: String) throws(ControlError) -> CInt? {
        do throws(ControlSocket.Failed) {
            return try ControlSocket.connected(root)
        } catch {
            throw ControlError(.failed, "cannot speak to the process that serves \(root): \(error)")
        }
    }

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// What could not be sent to its end.
    private struct Unsent: Error {}

    package func answer(
        _ request: ControlRequest, lines: (any PlanLines)?, _ give: (ControlPart) async throws -> Void
    ) async throws(ControlError) {
        guard let descriptor = try Self.connected(root) else {
            throw ControlError(.failed, "the process that served the registry has ended")
        }
        var (isSent, isWhole) = (false, false)
        do {
            let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .withConnectedSocket(descriptor) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
            try await connection.executeThenClose { parts, _ in
                do {
                    try await Self.send(request, lines, connection.channel)
                    isSent = true
                } catch is Unsent {
                    // Who refuses a plan does not wait for the rest of it; what it says is there to be read.
                }
                try await Self.read(parts, give)
                isWhole = true
            }
        } catch {
            // The server closes as we do.
            if isWhole { return }
            if let error = error as? ControlError { throw error }
            let happened = isSent ? request.whatMayHaveHappened : "it did not get the whole request, and did nothing"
            let cause = error is Cut ? "" : " (\(error))"
            throw ControlError(
                .failed, "the process that serves the registry ended before its answer did; \(happened)\(cause)")
        }
    }

    // MARK: Sending

    private static func send(
        _ request: ControlRequest, _ lines: (any PlanLines)?, _ channel: any Channel
    ) async throws {
        let (method, path, body) = try request.encoded()
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
        head.headers = ["Host": "localhost"]
        if let body {
            head.headers.add(name: "Content-Length", value: "\(body.count)")
        } else {
            head.headers.add(name: "Transfer-Encoding", value: "chunked")
        }
        try await write(.head(head), channel)
        if let body, !body.isEmpty { try await write(.body(.byteBuffer(ByteBuffer(bytes: body))), channel) }
        if case .run(let work) = request { try await send(work, lines, channel) }
        try await write(.end(nil), channel)
    }

    /// Holds a part of the lines at a time.
    private static func send(_ work: SweepWork, _ lines: (any PlanLines)?, _ channel: any Channel) async throws {
        var buffer = ByteBuffer(bytes: try ControlPart(.head, work).wire)
        if let lines {
            var count = 0
            while let line = try await lines.next() {
                count += 1
                buffer.writeBytes(ControlPart(.line, json: line).wire)
                guard buffer.readableBytes >= partBytes else { continue }
                try await write(.body(.byteBuffer(buffer)), channel)
                buffer = ByteBuffer()
            }
            buffer.writeBytes(try ControlPart(.end, PlanEnd(lines: count)).wire)
        }
        try await write(.body(.byteBuffer(buffer)), channel)
    }

    /// Returns when the system has taken it.
    private static func write(_ part: HTTPClientRequestPart, _ channel: any Channel) async throws {
        do { try await channel.writeAndFlush(part).get() } catch { throw Unsent() }
    }

    // MARK: Reading

    /// An answer that ended before its end.
    private struct Cut: Error {}

    /// Returns once the answer is whole.
    private static func read(
        _ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>, _ give: (ControlPart) async throws -> Void
    ) async throws {
        var status = HTTPResponseStatus.ok
        var buffer = ByteBuffer()
        for try await part in parts {
            switch part {
            case .head(let head):
                status = head.status
                guard head.headers.first(name: ControlOutbound.versionName) == ControlOutbound.version else {
                    throw ControlError(
                        .failed,
                        "the process that serves the registry is another version of Berth; use its own "
                            + "command, or start it anew")
                }
            case .body(var bytes):
                buffer.discardReadBytes()
                buffer.writeBuffer(&bytes)
                if status == .ok, try await taken(&buffer, give) { return }
                guard buffer.readableBytes <= (status == .ok ? ControlPart.bytesMax : refusalBytesMax) else {
                    throw ControlError(.failed, "the process that serves the registry answers nonsense")
                }
            case .end:
                guard status == .ok else { throw refusal(status, buffer) }
                throw Cut()
            }
        }
        throw Cut()
    }

    /// Gives the parts that are whole; true when the last was among them.
    private static func taken(
        _ buffer: inout ByteBuffer, _ give: (ControlPart) async throws -> Void
    ) async throws -> Bool {
        while let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
            let view = buffer.readableBytesView
            guard let part = ControlPart(wire: view[..<end]) else {
                throw ControlError(.failed, "the process that serves the registry answers nonsense")
            }
            buffer.moveReaderIndex(forwardBy: view.distance(from: view.startIndex, to: end) + 1)
            if part.kind == .error { throw try part.decoded(ControlError.self) }
            // What fails here is no failure of the other side.
            do { try await give(part) } catch { throw ControlError(any: error) }
            if part.kind == .end { return true }
        }
        return false
    }

    private static func refusal(_ status: HTTPResponseStatus, _ body: ByteBuffer) -> ControlError {
        let said = try? ControlPart(.error, json: Array(body.readableBytesView)).decoded(ControlRefusal.self)
        return ControlError(
            ControlError.Kind(rawValue: Int(status.code)) ?? .failed,
            said?.error ?? "the process that serves the registry answered \(status)")
    }
}
