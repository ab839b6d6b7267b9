import Glibc
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
package import RegistryCore

/// What distribution calls the debug server: metrics and health on an address of their own (`http.debug`), for those who
/// watch the registry. Plain HTTP/1.1, one request per connection. `/debug/health` answers `{}`, as distribution's does
/// where nothing is wrong.
package struct DebugServer: Sendable {
    private let registry: Registry
    private let address: ListenAddress
    private let metricsPath: String?
    private let logger: Logger

    private static let healthPath = "/debug/health"
    /// Who has not been answered by then is cut off.
    private static let patience = TimeAmount.seconds(30)

    /// - Parameter metricsPath: where the metrics are; nil serves none.
    package init(registry: Registry, address: ListenAddress, metricsPath: String?, logger: Logger) {
        self.registry = registry
        self.address = address
        self.metricsPath = metricsPath
        self.logger = logger
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    private typealias Writer = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    /// Answers until it is cancelled. What keeps it from listening is logged, and holds up nothing else.
    package func run() async {
        guard case .tcp(let host, let port) = address else { return }
        do {
            let listener = try await Self.bind(host, port)
            logger.info("metrics and health on port \(listener.channel.localAddress?.port ?? port)")
            try await withThrowingDiscardingTaskGroup { group in
                try await listener.executeThenClose { connections in
                    for try await connection in connections {
                        group.addTask { await answer(connection) }
                    }
                }
            }
        } catch {
            if Task.isCancelled { return }
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            logger.error(
                "no metrics: choose another http.debug.addr", metadata: ["address": "\(address)", "error": "\(reason)"])
        }
    }

    private static func bind(_ host: String, _ port: Int) async throws -> NIOAsyncChannel<Connection, Never> {
        guard host.isEmpty else { return try await bindOne(host, port) }
        // All interfaces means both families where the machine has IPv6.
        do { return try await bindOne("::", port) } catch { return try await bindOne("0.0.0.0", port) }
    }

    private static func bindOne(_ host: String, _ port: Int) async throws -> NIOAsyncChannel<Connection, Never> {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: host, port: port) { channel in
                let limit = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
                channel.closeFuture.whenComplete { _ in limit.cancel() }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private func answer(_ connection: Connection) async {
        do {
            try await connection.executeThenClose { parts, writer in
                for try await part in parts {
                    // What it may be sent with it is nothing to us.
                    if case .head(let head) = part { return try await answer(head, writer) }
                }
            }
        } catch {
            logger.debug("debug connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func answer(_ head: HTTPRequestHead, _ writer: Writer) async throws {
        let path = String(head.uri.prefix { $0 != "?" })
        guard head.method == .GET || head.method == .HEAD else {
            return try await send(.methodNotAllowed, "text/plain", "only GET and HEAD\n", to: head, writer)
        }
        switch path {
        case metricsPath:
            try await send(.ok, MetricsText.contentType, await MetricsText.text(registry), to: head, writer)
        case Self.healthPath: try await send(.ok, "application/json", "{}", to: head, writer)
        default: try await send(.notFound, "text/plain", "nothing here\n", to: head, writer)
        }
    }

    private func send(
        _ status: HTTPResponseStatus, _ type: String, _ text: String, to head: HTTPRequestHead, _ writer: Writer
    ) async throws {
        let headers = HTTPHeaders([
            ("Content-Type", type), ("Content-Length", "\(text.utf8.count)"), ("Connection", "close"),
            ("Date", DateField.text(time(nil))),
        ])
        try await writer.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
        if head.method != .HEAD { try await writer.write(.body(.byteBuffer(ByteBuffer(string: text)))) }
        try await writer.write(.end(nil))
    }
}
