import NIOCore
import NIOPosix
import NIOSSL
import RegistryHTTP
import Synchronization

/// One TCP connection to the server: what is sent is what a test says, byte for byte.
final class WireClient: Sendable {
    enum Reading: Sendable {
        /// What comes is taken from the socket at once.
        case eagerly
        /// The socket is read once for each call of `receive`; in between what comes waits in the kernel.
        case onDemand
    }

    /// The connection ended before the answer did.
    struct Closed: Error {
        /// How many, for the test's output shows an error with all that is in it.
        var bytesReceived: Int
    }

    private let channel: any Channel
    private let inbox: Inbox
    private let pending = Mutex<[UInt8]>([])
    private let host: String

    private init(_ channel: any Channel, _ inbox: Inbox, host: String) {
        (self.channel, self.inbox, self.host) = (channel, inbox, host)
    }

    static func connect(
        _ address: ListenAddress, tls: Bool = false, reading: Reading = .eagerly
    ) async throws -> WireClient {
        let inbox = Inbox(isOnDemand: reading == .onDemand)
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let context = tls ? try NIOSSLContext(configuration: configuration) : nil
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        // A buffer of a known size, so that a client which does not read is soon felt; not less, for the loop's packets
        // are large and a window of few of them crawls.
        if reading == .onDemand { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: 1 << 20) }
        if case .tcp = address { bootstrap = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1) }
        let channel =
            try await bootstrap
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 256 << 10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            try NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(InboxHandler(inbox))
                }
            }
            .connect(to: address.socketAddress).get()
        // Nothing, but it goes out only when TLS has shaken hands, which takes reading.
        try await channel.writeAndFlush(ByteBuffer()).get()
        if reading == .onDemand { try await channel.setOption(.autoRead, value: false).get() }
        return WireClient(channel, inbox, host: "\(address)")
    }

    // MARK: Sending

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// A request line, `Host` and headers; `Content-Length` for a body, which follows when it is sent.
    func head(_ method: String, _ target: String, _ headers: [(String, String)] = [], length: Int? = nil) -> String {
        let length = length.map { [("Content-Length", String($0))] } ?? []
        let lines = ([("Host", host)] + headers + length).map { "\($0.0): \($0.1)\r\n" }.joined()
        return "\(method) \(target) HTTP/1.1\r\n\(lines)\r\n"
    }

    /// One whole request and its answer.
    func exchange(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> WireAnswer {
        // Not waited for: an early answer may come, and the connection go, while the body is on its way.
        channel.writeAndFlush(
            ByteBuffer(bytes: Array(head(method, target, headers, length: body?.count).utf8) + (body ?? [])),
            promise: nil)
        return try await answer(toHead: method == "HEAD")
    }

    /// Sends without waiting until it is taken.
    func sendLater(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    // MARK: Receiving

    /// The next bytes, `wanted` or more unless the connection ends before; nil at its end.
    func receive(wanted: Int = 1) async -> [UInt8]? {
        let kept = pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        return kept.isEmpty ? await inbox.next(channel, wanted) : kept
    }

    /// Exactly `count` bytes.
    func receive(_ count: Int) async throws -> [UInt8] {
        guard count > 0 else { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            guard let more = await receive(wanted: count - bytes.count) else {
                throw Closed(bytesReceived: bytes.count)
            }
            bytes += more
        }
        pending.withLock { $0 = Array(bytes[count...]) }
        return Array(bytes[..<count])
    }

    func receiveHead() async throws -> WireHead {
        var bytes: [UInt8] = []
        while true {
            guard let more = await receive() else { throw Closed(bytesReceived: bytes.count) }
            bytes += more
            guard let head = try WireHead(bytes) else { continue }
            pending.withLock { $0 = Array(bytes[head.length...]) }
            return head
        }
    }

    /// The next answer that is not an interim one.
    func answer(toHead: Bool = false) async throws -> WireAnswer {
        var head = try await receiveHead()
        while head.status < 200 { head = try await receiveHead() }
        let body = try await receive(head.bodyLength(toHead: toHead))
        return WireAnswer(status: head.status, headers: head.headers, body: body)
    }

    /// True when the server ends the connection, and sends nothing more before.
    func isClosedByServer() async -> Bool { await receive() == nil }

    /// Goes, as a program that is killed does: TLS would wait for the server's goodbye.
    func close() async {
        let channel = channel
        try? await channel.eventLoop.flatSubmit {
            let pipeline = channel.pipeline.syncOperations
            guard let tls = try? pipeline.context(handlerType: NIOSSLClientHandler.self) else { return channel.close() }
            return tls.close()
        }.get()
    }
}

extension ListenAddress {
    /// Where it is found from this machine.
    var socketAddress: SocketAddress {
        get throws {
            switch self {
            case .tcp(let host, let port): try SocketAddress(ipAddress: host, port: port)
            case .unix(let path): try SocketAddress(unixDomainSocketPath: path)
            }
        }
    }
}

/// What has arrived on a connection, and who waits for it.
private final class Inbox: Sendable {
    fileprivate struct State {
        var bytes: [UInt8] = []
        var isEnded = false
        /// Bytes that are worth waking who waits: a hop between threads for each read would be most of the time.
        var wanted = 1
        var waiting: CheckedContinuation<[UInt8]?, Never>?
    }

    private let state = Mutex(State())
    let isOnDemand: Bool

    init(isOnDemand: Bool) { self.isOnDemand = isOnDemand }

    func next(_ channel: any Channel, _ wanted: Int) async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            let outcome = state.withLock { state -> [UInt8]?? in
                state.wanted = wanted
                if let ready = state.take() { return ready }
                state.waiting = continuation
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) } else if isOnDemand { channel.read() }
        }
    }

    /// Called on the event loop; false when somebody waits and nothing has come for it.
    @discardableResult
    func wake(appending buffer: ByteBuffer? = nil, ended: Bool = false) -> Bool {
        let resumed = state.withLock { state -> (CheckedContinuation<[UInt8]?, Never>, [UInt8]?)? in
            if let buffer { state.bytes += buffer.readableBytesView }
            if ended { state.isEnded = true }
            guard let waiting = state.waiting, let ready = state.take() else { return nil }
            state.waiting = nil
            return (waiting, ready)
        }
        if let (waiting, ready) = resumed { waiting.resume(returning: ready) }
        return state.withLock { $0.waiting == nil }
    }
}

extension Inbox.State {
    /// What there is; an inner nil is the end of the connection, an outer one that nothing has come.
    fileprivate mutating func take() -> [UInt8]?? {
        if bytes.isEmpty { return isEnded ? .some(nil) : nil }
        guard bytes.count >= wanted || isEnded else { return nil }
        defer { bytes = [] }
        return .some(.some(bytes))
    }
}

private final class InboxHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbox: Inbox

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { inbox.wake(appending: unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Under TLS a read may bring a part of a record, and so nothing for us.
        if inbox.isOnDemand, !inbox.wake() { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) { inbox.wake(ended: true) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
