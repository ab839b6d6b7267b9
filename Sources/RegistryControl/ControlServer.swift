import Foundation
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// The control socket of a data directory while a process serves it: HTTP/1.1, one request per connection. The body of a
/// request is one JSON object, or a plan in parts; the answer comes in parts, an object on each line (`ControlPart`).
///
/// | request | body | parts of the answer |
/// |---|---|---|
/// | `POST /gc/plan` | options | `head`, `line`, `spared`, `damaged`, `end` |
/// | `POST /gc/run` | in parts: `head` with a plan's head or a run to resume, and settings; `line`; `end` | `progress`, `line`, `spared`, `end` |
/// | `POST /gc/stop`, `/gc/pause`, `/gc/continue` | | `end` |
/// | `GET /gc/runs` | | for each run `head`, `line`, `tail`; `end` |
/// | `POST /gc/undo` | a run, and items where it is not to be all | `progress`, `line`, `spared`, `end` |
/// | `POST /gc/purge` | a run | `end` with the bytes that were freed |
/// | `POST /gc/reclaim` | a pattern | `end` with what deleting it would give back |
/// | `POST /tag` | a tag, and a digest to point it at | `end` with its history |
///
/// An answer without its `end` was cut off. What was refused is `{"error": "…"}` with a status of `ControlError.Kind`; what
/// fails later ends with a part `error`. Memory: a few parts for each connection, whatever the number of lines, and one plan
/// at a time while it is made and sent. Whoever may open the socket, which is the owner of the process
/// and perhaps its group, may do all of it.
package struct ControlServer: Sendable {
    private let root: String
    private let collector: any CollectorService
    private let logger: Logger
    private let gives: @Sendable (String) -> Void

    /// Until it is looked again whether the process that listens has ended.
    private static let claimPeriod = Duration.seconds(5)
    /// Connections that are answered at a time; others wait to be accepted.
    private static let connectionsMax = 32

    /// - Parameters:
    ///   - root: the data directory, in which `berth/` is.
    ///   - gives: told the path of each file that was made in it, to give it to whom the directory belongs to.
    package init(
        root: String, collector: any CollectorService, logger: Logger,
        gives: @escaping @Sendable (String) -> Void = { _ in }
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
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await listener.executeThenClose { connections in
                var open = 0
                for try await connection in connections {
                    if open >= Self.connectionsMax { try await group.next() } else { open += 1 }
                    group.addTask { await answer(connection) }
                }
            }
        }
    }

    private func answer(_ connection: Connection) async {
        do {
            try await connection.executeThenClose { parts, _ in
                let peer = PatientChannel(channel: connection.channel)
                try await answer(ControlInbound(parts, peer), ControlOutbound(peer))
            }
        } catch {
            // Who asked is gone. What was begun for them went on to its end.
            logger.debug("control connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func answer(_ inbound: ControlInbound, _ outbound: ControlOutbound) async throws {
        guard let head = try await inbound.head() else { return }
        do {
            let request: ControlRequest
            if head.method == .POST, head.uri == ControlRequest.runPath {
                request = .run(try await inbound.work())
            } else {
                let announced = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
                request = try ControlRequest(head, try await inbound.whole(announced: announced))
            }
            try await collector.answer(request, lines: request.hasLines ? inbound : nil) { try await outbound.give($0) }
            try await outbound.end()
        } catch {
            try await outbound.end(ControlError(any: error))
        }
    }
}

extension ControlRequest {
    /// Whether the lines of a plan follow.
    fileprivate var hasLines: Bool { if case .run(let work) = self { work.plan != nil } else { false } }
}
