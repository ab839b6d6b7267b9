import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
package import RegistryCore
import Synchronization

/// The registry on a socket. May be started and stopped any number of times; the registry itself lives on.
package final class RegistryServer: Sendable {
    package struct Configuration: Sendable {
        /// Where to listen.
        package var address: ListenAddress
        /// Signs upload sessions. Nodes that share a tree must share it; empty makes one up, and then an upload cannot be
        /// continued by another process.
        package var secret: String
        package var relativeURLs = false
        /// Added to every answer under `/v2/`.
        package var headers: [(String, String)] = []
        /// Nil serves plain HTTP.
        package var tls: TLSFiles?
        /// Called on event loops after every answer; must not wait.
        package var accessLog: (@Sendable (AccessRecord) -> Void)?

        package init(address: ListenAddress, secret: String = "") {
            self.address = address
            self.secret = secret
        }
    }

    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var drained: [CheckedContinuation<Void, Never>] = []
    }

    private let registry: Registry
    private let configuration: Configuration
    private let secret: SymmetricKey
    private let executor: BlockingExecutor
    private let state = Mutex(State())

    /// Connections that may wait to be accepted.
    private static let backlog: Int32 = 1024
    /// Minutes without a byte in either direction after which a connection is closed.
    private static let idleMinutesMax: Int64 = 5

    package init(registry: Registry, configuration: Configuration, executor: BlockingExecutor = BlockingExecutor()) {
        self.registry = registry
        self.configuration = configuration
        self.executor = executor
        secret =
            configuration.secret.isEmpty
            ? SymmetricKey(size: .bits256) : SymmetricKey(data: Data(configuration.secret.utf8))
    }

    /// Starts listening; returns the address with the port that was really bound.
    package func start() async throws(ServerError) -> ListenAddress {
        let tls = try configuration.tls.map { (files) throws(ServerError) in try files.context() }
        let address = configuration.address
        do {
            let listener = try await bind(address, tls)
            state.withLock { $0.listener = listener }
            return ListenAddress(host: address.host, port: listener.localAddress?.port ?? address.port)
        } catch {
            throw Self.explain(error, address)
        }
    }

    /// All interfaces means both families where the machine has IPv6.
    private func bind(_ address: ListenAddress, _ tls: NIOSSLContext?) async throws -> any Channel {
        let bootstrap = bootstrap(tls)
        guard address.host.isEmpty else {
            return try await bootstrap.bind(host: address.host, port: address.port).get()
        }
        do {
            return try await bootstrap.bind(host: "::", port: address.port).get()
        } catch let error as IOError where error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL {
            return try await bootstrap.bind(host: "0.0.0.0", port: address.port).get()
        }
    }

    private func bootstrap(_ tls: NIOSSLContext?) -> ServerBootstrap {
        let shared = ConnectionHandler.Shared(
            handler: RequestHandler(registry: registry, secret: secret, relativeURLs: configuration.relativeURLs),
            executor: executor, headers: configuration.headers, isTLS: tls != nil, accessLog: configuration.accessLog)
        return ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 8192, maximum: 512 * 1024)
            )
            .childChannelInitializer { [self] channel in
                admit(channel)
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(IdleStateHandler(allTimeout: .minutes(Self.idleMinutesMax)))
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
                    try pipeline.addHandler(IdleHandler())
                    try pipeline.addHandler(ConnectionHandler(shared))
                }
            }
    }

    private func admit(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        state.withLock { $0.connections[id] = channel }
        channel.closeFuture.whenComplete { [self] _ in
            let drained = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.connections[id] = nil
                guard state.connections.isEmpty else { return [] }
                defer { state.drained = [] }
                return state.drained
            }
            for continuation in drained { continuation.resume() }
        }
    }

    /// Connections that are open.
    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Stops listening at once, lets requests that have begun end, and closes what is still open after `seconds`.
    package func stop(drainingFor seconds: Double) async {
        let (listener, open) = state.withLock { state in
            defer { state.listener = nil }
            return (state.listener, Array(state.connections.values))
        }
        try? await listener?.close().get()
        // Told once: a second call only waits, and sets its own limit.
        for channel in open where listener != nil {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        let limit = MultiThreadedEventLoopGroup.singleton.next().scheduleTask(
            in: .nanoseconds(Int64(seconds * 1_000_000_000))
        ) { [self] in
            for channel in state.withLock({ Array($0.connections.values) }) { channel.close(promise: nil) }
        }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                if state.connections.isEmpty { return true }
                state.drained.append(continuation)
                return false
            }
            if isDrained { continuation.resume() }
        }
        limit.cancel()
    }

    private static func explain(_ error: any Error, _ address: ListenAddress) -> ServerError {
        if let error = error as? ServerError { return error }
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: return .addressInUse("\(address)")
        case EACCES, EPERM: return .addressNotPermitted("\(address)")
        default: return .cannotListen("\(address)", reason: "\(error)")
        }
    }
}

/// Closes a connection on which nothing has moved for too long.
private final class IdleHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
