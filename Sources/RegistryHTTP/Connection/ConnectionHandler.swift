import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// One connection of HTTP/1, or one stream of HTTP/2: gathers a request, lets `RequestHandler` answer it, sends the answer.
///
/// What can be answered without waiting is answered on the event loop; for the rest one task runs off it, and the body
/// reaches it through a bounded `RequestBody`. One request at a time: `HTTPServerPipelineHandler` in front sees to it, and
/// a stream has but one.
///
/// It tells `ConnectionState` what comes in and does what that says; it decides nothing itself.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What all connections of a server share.
    struct Shared: Sendable {
        let handler: RequestHandler
        let executor: BlockingExecutor
        let budget: MemoryBudget
        /// Bytes of the budget that a stream takes for being there: what NIO keeps for it, a small answer, and its share of
        /// the files that may be open.
        let bytesStream: Int
        let limits: ConnectionLimits
        /// Added to every answer under `/v2/`.
        let headers: [(String, String)]
        /// Of answers that carry content; nil where `headers` do not allow it.
        let heads: HeadWriter?
        let isTLS: Bool
        let accessLog: (@Sendable (AccessRecord) -> Void)?
    }

    /// What a stream has beside its connection.
    struct Stream {
        /// What it was let in with.
        let holding: Holding
        /// Of the connection.
        let gate: ReadGate
    }

    let shared: Shared
    private let watch: ConnectionWatch
    /// Of an HTTP/2 stream.
    private let stream: Stream?
    var isStream: Bool { stream != nil }
    /// Of a connection of HTTP/1.
    let encoder: AnswerEncoder?
    private var peer: IPAddress?
    private var peerText = ""

    var state: ConnectionState
    /// Of the request that is under way; after `peerWent` too, for the line in the log of an answer that was going out.
    var exchange: Exchange?
    var countdown: Countdown?
    /// Of the answer that is going out, where that takes more than one piece.
    var sender: Sender?
    /// Of the answer before, which the peer has not all of.
    var delivery: Delivery?
    private var deliveryCountdown: Countdown?
    var date = DateField()
    /// The end of an answer is being written, which lets in the next request.
    var isEnding = false

    /// A connection of HTTP/1.
    init(_ shared: Shared, _ watch: ConnectionWatch, _ encoder: AnswerEncoder) {
        self.shared = shared
        self.watch = watch
        self.encoder = encoder
        stream = nil
        state = ConnectionState(isStream: false)
    }

    /// A stream of HTTP/2.
    init(_ shared: Shared, _ watch: ConnectionWatch, stream: Stream) {
        self.shared = shared
        self.watch = watch
        self.stream = stream
        encoder = nil
        state = ConnectionState(isStream: true)
    }

    func channelActive(context: ChannelHandlerContext) {
        learnPeer(context)
        context.fireChannelActive()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        learnPeer(context)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        countdown = Countdown(on: context.eventLoop) {
            let (handler, context) = bound.value
            handler.perform(handler.state.timeIsUp(), context)
        }
    }

    /// Not known before the connection is there; on a Unix socket nobody has an address.
    private func learnPeer(_ context: ChannelHandlerContext) {
        // A stream of NIO's must not be asked; it is its connection that has a peer.
        let address = isStream ? context.channel.parent?.remoteAddress : context.remoteAddress
        guard let address, let ip = address.ipAddress, let port = address.port else {
            peerText = "local"
            return
        }
        peer = IPAddress(ip)
        peerText = ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let buffer): receive(buffer, context)
        case .end: perform(state.requestEnded(), context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let request = Request(
            head, peer: peer, peerText: peerText, isTLS: shared.isTLS, addressing: shared.handler.addressing,
            id: shared.handler.registry.requests.next())
        let action = state.requestBegan(.init(request, head.version))
        guard action != .ignore else { return }
        delivery?.complete()
        exchange = Exchange(request: request, match: RouteMatch(path: request.path), version: head.version)
        exchange?.holding = stream?.holding
        watch.requestBegan()
        countdown?.start(shared.limits.bodySecondsMax)
        if action == .answerOrTakeBody { answerOrTakeBody(context) }
    }

    private func receive(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        exchange?.holding?.move(buffer.readableBytes)
        switch state.bodyCame(bytes: buffer.readableBytes) {
        case .ignore: break
        case .append:
            countdown?.start(shared.limits.bodySecondsMax)
            exchange?.body?.append(buffer)
        case .discard(.body): countdown?.start(shared.limits.bodySecondsMax)
        case .discard(.answer): countdown?.start(shared.limits.answerSecondsMax)
        case .close: context.close(promise: nil)
        }
    }

    func read(context: ChannelHandlerContext) {
        let body = exchange?.body
        perform(state.readWanted { body?.holdsBack() ?? false }, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Displacement else { return context.fireUserInboundEventTriggered(event) }
        perform(state.wasDisplaced(), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let departure = state.peerWent()
        if departure.isReadHeld { stream?.gate.release() }
        if departure.isBroken { delivery?.breakOff() } else { delivery?.complete() }
        exchange?.body?.interrupt(.disconnected)
        exchange?.task?.cancel()
        if departure.hadRequest { watch.requestEnded() }
        countdown?.cancel()
        countdown = nil
        deliveryCountdown?.cancel()
        deliveryCountdown = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let unreadable = error as? HTTPParserError
        let action = state.failed(unreadable != nil ? .noHTTP : error is IOError ? .broken : .other)
        if action == .refuse, let unreadable { refuse(unreadable, context) }
        context.close(promise: nil)
    }

    // MARK: What is done

    func perform(_ action: ConnectionState.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none: break
        case .close: context.close(promise: nil)
        case .read: context.read()
        case .holdRead:
            stream?.gate.hold()
            exchange?.holding?.isPeerOwing = false
            countdown?.stop()
        case .readOn: readOn(context)
        case .answer:
            stopWaiting()
            answer(context)
        case .endBody:
            stopWaiting()
            exchange?.body?.finish()
        case .timeOutBody:
            countdown?.start(shared.limits.bodySecondsMax)
            exchange?.body?.interrupt(.timedOut)
        case .displaceBody: exchange?.body?.interrupt(.displaced)
        case .lookAtPeer: lookAtPeer(context)
        case .awaitPeer: countdown?.start(shared.limits.answerSecondsMax)
        }
    }

    /// The request is there as a whole: it is not the peer who is waited for.
    private func stopWaiting() {
        countdown?.stop()
        exchange?.holding?.isPeerOwing = false
    }

    func readOn(_ context: ChannelHandlerContext) {
        stream?.gate.release()
        exchange?.holding?.isPeerOwing = true
        countdown?.start(shared.limits.bodySecondsMax)
        context.read()
    }

    /// A peer that takes little at a time takes nothing from us for long, for the kernel has megabytes for it. Of a stream its
    /// connection tells, which others share: one that nobody takes from lasts with them, and goes first when memory is short.
    private func lookAtPeer(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let connection = isStream ? context.channel.parent ?? context.channel : context.channel
        PeerProgress.bytesTaken(on: connection).whenComplete { outcome in
            let (handler, context) = bound.value
            handler.perform(handler.state.peerWasSeen(bytesTaken: try? outcome.get()), context)
        }
    }

    /// What the request that is under way holds. As long as nothing else is said it is the peer who owes.
    func holding(_ context: ChannelHandlerContext) -> Holding {
        if let holding = exchange?.holding { return holding }
        let channel = context.channel
        let holding =
            stream?.holding
            ?? shared.budget.open { channel.pipeline.fireUserInboundEventTriggered(Displacement()) }
        exchange?.holding = holding
        return holding
    }

    /// Of the deliveries of the connection, one after the other.
    func countdownOfDelivery(_ loop: any EventLoop) -> Countdown {
        if let deliveryCountdown { return deliveryCountdown }
        let countdown = Countdown(on: loop) { [weak self] in self?.delivery?.check() }
        deliveryCountdown = countdown
        return countdown
    }

    /// What was asked is answered.
    func endExchange() {
        exchange = nil
        countdown?.stop()
        watch.requestEnded()
    }
}

/// Told to a connection or a stream that is to make room, see `MemoryBudget.open`.
struct Displacement {}
