import NIOCore
import NIOHTTP1

/// Makes bytes of the parts of an answer in HTTP/1: NIO's encoder does, unless the bytes of the head are made already.
///
/// Even then the parts of the answer pass here, for `HTTPServerPipelineHandler` in between counts them, and says in a head
/// when the server stops that no other request follows.
final class AnswerEncoder: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = IOData

    private enum State {
        case encoding
        /// The head that comes next stands for one that is made.
        case expectingHead
        /// What comes of the body is all there is to write of the answer.
        case passing
    }

    private let encoder = HTTPResponseEncoder()
    private let isTLS: Bool
    private var state = State.encoding
    private var context: ChannelHandlerContext?
    /// The head that stood for one that is made said that no other request follows.
    private(set) var closes = false
    /// NIO's encoder may have written something that nobody waits for.
    private var hasLooseEnd = false
    /// Found once: it is the same as long as the channel is active.
    private lazy var directSocket = isTLS ? nil : context.flatMap { DirectSocket($0.channel) }

    init(isTLS: Bool) { self.isTLS = isTLS }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// The head that is written next is taken for one that the caller sends itself, and so is what frames the body.
    func expectHead() { state = .expectingHead }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .encoding = state {
            hasLooseEnd = true
            return encoder.write(context: context, data: data, promise: promise)
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            closes = head.headers.contains(name: "connection")
            state = .passing
            promise?.succeed()
        case .body(let bytes): context.write(wrapOutboundOut(bytes), promise: promise)
        case .end:
            state = .encoding
            // Not before what was written.
            if promise != nil { context.write(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: promise) }
        }
    }

    /// The socket, where an answer may be written to it that begins now: nil under TLS, and as long as it has not all that was
    /// written before. All of the answer before is out then but for the end of a list, which nobody waits for.
    func socketToWrite() -> DirectSocket? {
        guard let socket, let channel = context?.channel else { return nil }
        if hasLooseEnd {
            guard PeerProgress.bytesWaiting(on: channel) == 0 else { return nil }
            hasLooseEnd = false
        }
        return socket
    }

    /// The socket, for a look at it; nil under TLS, and when the channel is not active any more.
    var socket: DirectSocket? { context?.channel.isActive == true ? directSocket : nil }
}
