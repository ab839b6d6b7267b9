import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import RegistryHTTP

/// One HTTP/2 connection: every request is a stream of its own.
final class StreamClient: Voice {
    private let channel: any Channel
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    private let host: String
    private let scheme: HTTP2FramePayloadToHTTP1ClientCodec.HTTPProtocol

    private init(
        _ channel: any Channel, _ multiplexer: NIOHTTP2Handler.StreamMultiplexer, host: String, isTLS: Bool
    ) {
        (self.channel, self.multiplexer, self.host) = (channel, multiplexer, host)
        scheme = isTLS ? .https : .http
    }

    /// - Parameter windowBytes: of each stream, which the server may send before anything is taken.
    static func connect(
        _ address: ListenAddress, tls: Bool, windowBytes: Int = 65_535
    ) async throws -> StreamClient {
        var settings = NIOHTTP2Handler.ConnectionConfiguration()
        settings.initialSettings.append(HTTP2Setting(parameter: .initialWindowSize, value: windowBytes))
        var streams = NIOHTTP2Handler.StreamConfiguration()
        streams.targetWindowSize = windowBytes
        guard case .tcp(let host, let port) = address else { throw ServerError.badAddress("\(address)") }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["h2"]
        let context = tls ? try NIOSSLContext(configuration: configuration) : nil
        let (channel, multiplexer) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: host, port: port) { [settings, streams] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            try NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    let multiplexer = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                        mode: .client, connectionConfiguration: settings, streamConfiguration: streams
                    ) { $0.eventLoop.makeSucceededVoidFuture() }
                    return (channel, multiplexer)
                }
            }
        return StreamClient(channel, multiplexer, host: "\(address)", isTLS: tls)
    }

    func exchange(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> WireAnswer {
        try await begin(method, target, headers, body: body, ends: true).answer.get()
    }

    /// A request whose body may go on; the stream, to write to and to cut, and its answer.
    ///
    /// - Parameter takes: whether the answer is taken as it comes; else the stream reads when it is told to.
    func begin(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil, ends: Bool,
        takes: Bool = true
    ) async throws -> (stream: any Channel, answer: EventLoopFuture<WireAnswer>) {
        let promise = channel.eventLoop.makePromise(of: WireAnswer.self)
        let scheme = scheme
        let stream: any Channel
        do {
            stream = try await multiplexer.createStreamChannel { channel in
                channel.eventLoop.makeCompletedFuture {
                    if !takes { try channel.syncOptions?.setOption(.autoRead, value: false) }
                    try channel.pipeline.syncOperations.addHandler(
                        HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: scheme))
                    try channel.pipeline.syncOperations.addHandler(AnswerCollector(promise))
                }
            }.get()
        } catch {
            promise.fail(error)
            throw error
        }
        var head = HTTPRequestHead(version: .http2, method: HTTPMethod(rawValue: method), uri: target)
        if !headers.contains(where: { $0.0.lowercased() == "host" }) { head.headers.add(name: "host", value: host) }
        for (name, value) in headers { head.headers.add(name: name.lowercased(), value: value) }
        if let body, ends, !head.headers.contains(name: "content-length") {
            head.headers.add(name: "content-length", value: "\(body.count)")
        }
        stream.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body { stream.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil) }
        if ends { stream.write(HTTPClientRequestPart.end(nil), promise: nil) }
        stream.flush()
        return (stream, promise.futureResult)
    }

    func isClosedByServer() async -> Bool {
        try? await channel.closeFuture.get()
        return true
    }

    /// The connection as a whole, for what is to be tried on it.
    var connection: any Channel { channel }

    func close() async {
        // As a program that is killed does.
        try? await channel.close(mode: .all).get()
    }
}

/// Parts of a request whose head has gone out.
enum HTTPClientPart {
    static func body(_ bytes: [UInt8]) -> HTTPClientRequestPart { .body(.byteBuffer(ByteBuffer(bytes: bytes))) }
    static let end = HTTPClientRequestPart.end(nil)
}

/// Gathers one answer.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<WireAnswer>
    private var answer = WireAnswer(status: 0, headers: [:], body: [])
    private var isDone = false

    init(_ promise: EventLoopPromise<WireAnswer>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head) where head.status.code < 200: break
        case .head(let head): (answer.status, answer.headers) = (Int(head.status.code), head.headers)
        case .body(let buffer): answer.body += buffer.readableBytesView
        case .end:
            isDone = true
            promise.succeed(answer)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDone { promise.fail(WireClient.Closed(bytesReceived: answer.body.count)) }
        isDone = true
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isDone { promise.fail(error) }
        isDone = true
        context.close(promise: nil)
    }
}
