import Crypto
import Foundation
import Glibc
package import Logging
import NIOCore
import NIOPosix
package import RegistryCore
import Synchronization

/// The registry on a socket. May be started and stopped any number of times; the registry itself lives on.
package final class RegistryServer: Sendable {
    package struct Configuration: Sendable {
        /// Where to listen.
        package var address: ListenAddress
        /// What clients may do.
        package var decision: any AccessDecision
        /// Signs upload sessions. Nodes that share a tree must share it; empty makes one up, and then an upload cannot be
        /// continued by another process.
        package var secret: String
        /// How the registry is reached from outside, and whom to believe about it.
        package var addressing = Addressing()
        package var limits = ConnectionLimits()
        /// Added to every answer under `/v2/`.
        package var headers: [(String, String)] = []
        /// Nil serves plain HTTP.
        package var tls: TLSCertificates?
        /// HTTP/2 to clients that begin with it without TLS.
        package var http2WithoutTLSEnabled = false
        /// Called on event loops after every answer; must not wait.
        package var accessLog: (@Sendable (AccessRecord) -> Void)?
        /// Called off the event loops when the clients hold nearly nothing any more after they held much.
        package var memoryFreed: @Sendable () -> Void = {}
        /// Told why a request failed that was not the client's fault.
        package var logger = Logger(label: "berth.http") { _ in SwiftLogNoOpLogHandler() }

        package init(address: ListenAddress, decision: any AccessDecision, secret: String = "") {
            self.address = address
            self.decision = decision
            self.secret = secret
        }
    }

    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var drained: [CheckedContinuation<Void, Never>] = []
        /// What is accepted now came too late.
        var isStopping = false
    }

    private let registry: Registry
    private let configuration: Configuration
    private let secret: SymmetricKey
    private let executor: BlockingExecutor
    private let state = Mutex(State())

    /// Bytes that a stream takes without sending or being sent anything, measured.
    private static let bytesStreamLeast = 32 << 10
    /// Connections that may wait to be accepted.
    private static let backlog: Int32 = 1024
    /// The longest that a stop can wait: a century, which nanoseconds can still count.
    private static let drainSecondsMax = 100.0 * 365 * 86_400

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
        let address = configuration.address
        do {
            let listener = try await bind(address)
            state.withLock {
                $0.listener = listener
                $0.isStopping = false
            }
            guard case .tcp(let host, let port) = address else { return address }
            return .tcp(host: host, port: listener.localAddress?.port ?? port)
        } catch {
            throw Self.explain(error, address)
        }
    }

    private func bind(_ address: ListenAddress) async throws -> any Channel {
        let bootstrap = bootstrap()
        switch address {
        case .unix(let path):
            try UnixSocket.makeWay(path)
            return try await bootstrap.bind(unixDomainSocketPath: path).get()
        case .tcp("", let port):
            // All interfaces means both families where the machine has IPv6.
            do {
                return try await bootstrap.bind(host: "::", port: port).get()
            } catch let error as IOError where error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL {
                return try await bootstrap.bind(host: "0.0.0.0", port: port).get()
            }
        case .tcp(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
        }
    }

    /// What every connection is made of, with the one budget that all of them share.
    private func pipeline() -> ConnectionPipeline {
        let limits = configuration.limits
        let giveBack: @Sendable () -> Void = { [executor, freed = configuration.memoryFreed] in
            _ = Task(executorPreference: executor) { freed() }
        }
        let budget = MemoryBudget(
            bytesMax: max(limits.memoryBytesMax, 4 * registry.configuration.manifestBytesMax), lull: giveBack)
        let handler = RequestHandler(
            registry: registry, decision: configuration.decision, secret: secret,
            addressing: configuration.addressing, limits: limits,
            work: MemoryBudget(bytesMax: limits.workBytesMax, bytesSmall: 1 << 20, lull: giveBack),
            logger: configuration.logger)
        return ConnectionPipeline(
            limits: limits,
            shared: ConnectionHandler.Shared(
                handler: handler, executor: executor, budget: budget,
                bytesStream: max(Self.bytesStreamLeast, budget.bytesMax / limits.streamFilesMax), limits: limits,
                headers: configuration.headers, heads: HeadWriter(extra: configuration.headers),
                isTLS: configuration.tls != nil, accessLog: configuration.accessLog),
            tls: configuration.tls, allowsHTTP2WithoutTLS: configuration.http2WithoutTLSEnabled)
    }

    private func bootstrap() -> ServerBootstrap {
        let limits = configuration.limits
        let pipeline = pipeline()
        let isLocal = if case .unix = configuration.address { true } else { false }
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptGate(connectionsMax: limits.connectionsMax))
                }
            }
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 8192, maximum: 256 * 1024)
            )
            // A connection that is not to be read on is asked after each piece, not after four.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { [self] channel in
                guard admit(channel) else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture { try pipeline.configure(channel) }
            }
        if isLocal { return bootstrap }
        return bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    /// False when the server is stopping.
    private func admit(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdmitted = state.withLock { state in
            if !state.isStopping { state.connections[id] = channel }
            return !state.isStopping
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { [self] _ in
            let drained = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.connections[id] = nil
                guard state.connections.isEmpty else { return [] }
                defer { state.drained = [] }
                return state.drained
            }
            for continuation in drained { continuation.resume() }
        }
        return true
    }

    /// Connections that are open.
    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Stops listening at once, lets requests that have begun end, and closes what is still open after `seconds`.
    package func stop(drainingFor seconds: Double) async {
        let (listener, open) = state.withLock { state in
            defer { state.listener = nil }
            state.isStopping = true
            return (state.listener, Array(state.connections.values))
        }
        try? await listener?.close().get()
        if listener != nil, case .unix(let path) = configuration.address { unlink(path) }
        // Told once: a second call only waits, and sets its own limit.
        for channel in open where listener != nil {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        let limit = MultiThreadedEventLoopGroup.singleton.next().scheduleTask(
            in: .nanoseconds(Int64(min(seconds, Self.drainSecondsMax) * 1_000_000_000))
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
