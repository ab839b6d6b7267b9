import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import NIOTLS

/// What a connection passes through, from the socket to `ConnectionHandler`: TLS, the protocol that was agreed on, and the
/// same handler for both. An HTTP/2 stream is given the parts of HTTP/1, so that one code answers either.
struct ConnectionPipeline: Sendable {
    let limits: ConnectionLimits
    let shared: ConnectionHandler.Shared
    let tls: TLSCertificates?
    /// HTTP/2 without TLS, to clients that begin with it (RFC 9113 §3.3).
    let allowsHTTP2WithoutTLS: Bool

    /// Bytes that a client may send on a stream, and on all of its streams, before it is told that they were taken: HTTP's
    /// own 64 KiB would hold an upload to that much in each round trip.
    private static let windowBytesStream = 1 << 20
    private static let windowBytesConnection = 4 << 20

    func configure(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        let watch = ConnectionWatch(limits)
        try pipeline.addHandler(watch)
        if let tls {
            try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
            let bound = NIOLoopBound(watch, eventLoop: channel.eventLoop)
            try pipeline.addHandler(
                ApplicationProtocolNegotiationHandler { result, channel in
                    channel.eventLoop.makeCompletedFuture {
                        switch result {
                        case .negotiated("h2"): try configureHTTP2(channel, bound.value)
                        case .negotiated, .fallback: try configureHTTP1(channel, bound.value)
                        }
                    }
                })
        } else if allowsHTTP2WithoutTLS {
            try pipeline.addHandler(
                PrefaceDetector { isHTTP2, channel in
                    if isHTTP2 { try configureHTTP2(channel, watch) } else { try configureHTTP1(channel, watch) }
                })
        } else {
            try configureHTTP1(channel, watch)
        }
    }

    private func configureHTTP1(_ channel: any Channel, _ watch: ConnectionWatch) throws {
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.headerBytesMax
        decoding.maxHeaderListSize = limits.headerBytesMax
        decoding.maxHeaderFieldCount = limits.headersMax
        let pipeline = channel.pipeline.syncOperations
        let encoder = AnswerEncoder(isTLS: shared.isTLS)
        // What `configureHTTPServerPipeline` would make, with our encoder. What is no HTTP is answered by
        // `ConnectionHandler`, in words.
        try pipeline.addHandlers([
            encoder,
            ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: decoding)),
            HTTPServerPipelineHandler(), NIOHTTPResponseHeadersValidator(),
        ])
        try pipeline.addHandler(ConnectionHandler(shared, watch, encoder))
    }

    private func configureHTTP2(_ channel: any Channel, _ watch: ConnectionWatch) throws {
        watch.isMultiplexed = true
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streamsPerConnectionMax),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerBytesMax),
            HTTP2Setting(parameter: .initialWindowSize, value: Self.windowBytesStream),
        ]
        connection.targetWindowSize = Self.windowBytesConnection
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.targetWindowSize = Self.windowBytesStream
        // Ends gracefully when the server stops: streams that have begun may end, and the client is told to begin no more.
        var management = NIOHTTP2ServerConnectionManagementHandler.Configuration.defaults
        management.maxGraceTime = nil
        management.keepalive = nil
        let manager = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop, configuration: management)
        let pipeline = channel.pipeline.syncOperations
        let gate = ReadGate()
        try pipeline.addHandler(gate, position: .after(watch))
        let bound = NIOLoopBound((watch, gate), eventLoop: channel.eventLoop)
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: connection, streamConfiguration: stream,
            streamDelegate: manager.http2StreamDelegate
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let (watch, gate) = bound.value
                let holding = shared.budget.open {
                    stream.pipeline.fireUserInboundEventTriggered(Displacement())
                }
                guard holding.takeNow(shared.bytesStream) else { return refuse(stream) }
                let pipeline = stream.pipeline.syncOperations
                try pipeline.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                try pipeline.addHandler(NIOHTTPResponseHeadersValidator())
                try pipeline.addHandler(
                    ConnectionHandler(shared, watch, stream: .init(holding: holding, gate: gate)))
            }
        }
        try pipeline.addHandler(manager)
        try pipeline.addHandler(ConnectionErrorHandler())
    }
}

extension ConnectionPipeline {
    /// Nothing of it was looked at, so the client may send it again (RFC 9113 §8.7). Those that hold the room and do nothing
    /// with it go.
    private func refuse(_ stream: any Channel) {
        shared.budget.displaceSlow(for: shared.bytesStream)
        stream.writeAndFlush(HTTP2Frame.FramePayload.rstStream(.refusedStream), promise: nil)
    }
}

/// Ends an HTTP/2 connection on which something was done that breaks the protocol or its limits: NIO has said goodbye by
/// then, but leaves it to us to hang up. What goes wrong on one stream ends only that.
private final class ConnectionErrorHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !(error is NIOHTTP2Errors.StreamError) { context.close(promise: nil) }
    }
}

/// Finds out whether a client without TLS begins with HTTP/2: its first bytes are then a preface that no HTTP/1 request can
/// be (RFC 9113 §3.4). Removes itself once it knows.
final class PrefaceDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private enum State {
        case looking
        /// The pipeline is being made. What it writes at once may fail, and NIO then reads what the peer has sent before it
        /// left, into a pipeline that is half made.
        case deciding
        case decided
    }

    private let configure: (_ isHTTP2: Bool, any Channel) throws -> Void
    private var seen = ByteBuffer()
    private var state = State.looking

    init(configure: @escaping (_ isHTTP2: Bool, any Channel) throws -> Void) { self.configure = configure }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .decided = state { return context.fireChannelRead(data) }
        var buffer = unwrapInboundIn(data)
        seen.writeBuffer(&buffer)
        guard case .looking = state else { return }
        let count = min(seen.readableBytes, Self.preface.count)
        let isSame = seen.readableBytesView.prefix(count).elementsEqual(Self.preface.prefix(count))
        // All that came fits, but it is not all of it.
        if isSame, count < Self.preface.count { return }
        state = .deciding
        do {
            try configure(isSame, context.channel)
        } catch {
            return context.close(promise: nil)
        }
        state = .decided
        let all = seen
        seen = ByteBuffer()
        context.fireChannelRead(wrapInboundOut(all))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
