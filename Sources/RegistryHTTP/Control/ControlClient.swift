package import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
package import RegistryCore

/// The collector of a registry that another process of this machine serves, over its control socket.
package struct ControlClient: Collector {
    private let root: String

    /// Bytes of a line of an answer, and of an answer in one piece.
    private static let answerBytesMax = 1 << 30

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

    package func plan(_ options: SweepDocument.Options) async throws(ControlError) -> SweepDocument {
        try await ask(.plan(options))
    }

    package func run(
        _ work: SweepWork, progress: @escaping @Sendable (SweepProgress) -> Void
    ) async throws(ControlError) -> SweepReportDocument {
        var report: SweepReportDocument?
        var failure: String?
        try await send(.run(work)) { line in
            let news = try SweepDocument.decode(SweepNews.self, from: line)
            if let far = news.progress { progress(far.decoded) }
            report = news.report ?? report
            failure = news.error ?? failure
        }
        if let report { return report }
        throw ControlError(.failed, failure ?? "the process that serves the registry ended before the sweep did")
    }

    package func steer(_ order: SweepOrder) async throws(ControlError) {
        try await send(.steer(order)) { _ in }
    }

    package func runs() async throws(ControlError) -> [QuarantinedRunDocument] { try await ask(.runs) }

    package func undo(_ run: UUID, only items: [SweepDocument.Item]?) async throws(ControlError) -> UndoDocument {
        try await ask(.undo(UndoRequest(run: run, items: items)))
    }

    package func purge(_ run: UUID) async throws(ControlError) -> PurgeDocument {
        try await ask(.purge(PurgeRequest(run: run)))
    }

    package func reclaim(_ pattern: String) async throws(ControlError) -> ReclaimDocument {
        try await ask(.reclaim(ReclaimRequest(pattern: pattern)))
    }

    package func tag(_ request: TagRequest) async throws(ControlError) -> TagHistoryDocument {
        try await ask(.tag(request))
    }

    // MARK: The wire

    private func ask<Document: Decodable>(_ request: ControlRequest) async throws(ControlError) -> Document {
        var document: Document?
        try await send(request) { document = try SweepDocument.decode(Document.self, from: $0) }
        guard let document else { throw ControlError(.failed, "the process that serves the registry gave no answer") }
        return document
    }

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Sends a request and gives each line of a good answer.
    private func send(_ request: ControlRequest, _ line: (Data) throws -> Void) async throws(ControlError) {
        guard let descriptor = try Self.connected(root) else {
            throw ControlError(.failed, "the process that served the registry has ended")
        }
        var isAnswered = false
        do {
            let (method, path, body) = try request.encoded()
            let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .withConnectedSocket(descriptor) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
            try await connection.executeThenClose { parts, writer in
                var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
                head.headers = ["Host": "localhost", "Content-Length": "\(body.count)"]
                // At once: the server answers and closes as soon as it has the body, whatever is still to be written.
                try await writer.write(
                    contentsOf: [.head(head), .body(.byteBuffer(ByteBuffer(bytes: body))), .end(nil)])
                try await Self.read(parts, line)
                isAnswered = true
            }
        } catch let error as ControlError {
            throw error
        } catch {
            // The server closes as we do.
            if isAnswered { return }
            throw ControlError(.failed, "the process that serves the registry ended before its answer did: \(error)")
        }
    }

    /// Returns once the answer is whole.
    private static func read(
        _ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>, _ line: (Data) throws -> Void
    ) async throws {
        var status = HTTPResponseStatus.ok
        var buffer = ByteBuffer()
        for try await part in parts {
            switch part {
            case .head(let head): status = head.status
            case .body(var bytes):
                let isEnd = bytes.readableBytesView.last == UInt8(ascii: "\n")
                buffer.writeBuffer(&bytes)
                guard buffer.readableBytes <= answerBytesMax else {
                    throw ControlError(.failed, "the answer has more than \(answerBytesMax) bytes")
                }
                if status == .ok, isEnd { try give(&buffer, line) }
            case .end:
                guard status == .ok else { throw refusal(status, buffer) }
                return try give(&buffer, line)
            }
        }
        throw ControlError(.failed, "the process that serves the registry ended before its answer did")
    }

    private static func give(_ buffer: inout ByteBuffer, _ line: (Data) throws -> Void) throws {
        for text in buffer.readableBytesView.split(separator: UInt8(ascii: "\n")) { try line(Data(text)) }
        buffer.clear()
    }

    private static func refusal(_ status: HTTPResponseStatus, _ body: ByteBuffer) -> ControlError {
        let news = try? SweepDocument.decode(SweepNews.self, from: Data(body.readableBytesView))
        return ControlError(
            ControlError.Kind(rawValue: Int(status.code)) ?? .failed,
            news?.error ?? "the process that serves the registry answered \(status)")
    }
}
