import Foundation
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// The control socket of a data directory while a process serves it: HTTP/1.1 with JSON, one request per connection.
///
/// | request | body | answer |
/// |---|---|---|
/// | `POST /gc/plan` | options | a plan |
/// | `POST /gc/run` | a plan, or a run to resume, with settings | one object per line: progress, then the report |
/// | `POST /gc/stop`, `/gc/pause`, `/gc/continue` | | an empty object |
/// | `GET /gc/runs` | | what can come back |
/// | `POST /gc/undo` | a run, and items where it is not to be all | what came back |
/// | `POST /gc/purge` | a run | the bytes that were freed |
/// | `POST /gc/reclaim` | a pattern | what deleting it would give back |
/// | `POST /tag` | a tag, and a digest to point it at | its history |
///
/// What was refused is `{"error": "…"}` with a status of `ControlError.Kind`. Whoever may open the socket, which is the
/// owner of the process and perhaps its group, may do all of it.
package struct ControlServer: Sendable {
    private let root: String
    private let collector: any Collector
    private let logger: Logger
    private let gives: @Sendable (String) -> Void

    /// Until it is looked again whether the process that listens has ended.
    private static let claimPeriod = Duration.seconds(5)

    /// - Parameters:
    ///   - root: the data directory, in which `berth/` is.
    ///   - gives: told the path of each file that was made in it, to give it to whom the directory belongs to.
    package init(
        root: String, collector: any Collector, logger: Logger, gives: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.root = root
        self.collector = collector
        self.logger = logger
        self.gives = gives
    }

    /// Answers until it is cancelled. While another process answers for the same directory it waits for that to end.
    package func run() async {
        var complaint: String?
        while !Task.isCancelled {
            do {
                if let claim = try ControlSocket.claim(root) {
                    defer { claim.release() }
                    try await serve(claim)
                    return
                }
            } catch {
                if Task.isCancelled { return }
                if complaint != "\(error)" {
                    logger.warning("no control socket", metadata: ["error": "\(error)"])
                }
                complaint = "\(error)"
            }
            // A lock that another process lets go of tells nobody.
            try? await ContinuousClock().sleep(for: Self.claimPeriod)
        }
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private func serve(_ claim: ControlSocket.Claim) async throws {
        let descriptor = try claim.bound()
        for name in [ControlSocket.name, ControlSocket.lockName] { gives("\(root)/berth/\(name)") }
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        try await withThrowingDiscardingTaskGroup { group in
            try await listener.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask { await answer(connection) }
                }
            }
        }
    }

    private func answer(_ connection: Connection) async {
        do {
            try await connection.executeThenClose { parts, writer in
                var head: HTTPRequestHead?
                var body = ByteBuffer()
                var announced = 0
                for try await part in parts {
                    switch part {
                    case .head(let received):
                        head = received
                        announced = received.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
                    case .body(var bytes): body.writeBuffer(&bytes)
                    case .end:
                        guard let head else { return }
                        return try await ControlAnswer(writer).answer(head, body, with: collector)
                    }
                    guard max(announced, body.readableBytes) <= ControlRequest.bodyBytesMax else {
                        return try await ControlAnswer(writer).send(
                            ControlError(.tooLarge, "the body has more than \(ControlRequest.bodyBytesMax) bytes"))
                    }
                }
            }
        } catch {
            // Who asked is gone. What was begun for them went on to its end.
            logger.debug("control connection ended", metadata: ["error": "\(error)"])
        }
    }
}
