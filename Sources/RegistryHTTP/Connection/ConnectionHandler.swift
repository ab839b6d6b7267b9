import Foundation
import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// One connection of HTTP/1, or one stream of HTTP/2: gathers a request, lets `RequestHandler` answer it, sends the answer.
///
/// What can be answered without waiting is answered on the event loop; for the rest one task runs off it, and the body
/// reaches it through a bounded `RequestBody`. One request at a time: `HTTPServerPipelineHandler` in front sees to it, and
/// a stream has but one.
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
        let isTLS: Bool
        let accessLog: (@Sendable (AccessRecord) -> Void)?
    }

    /// Bytes of a body nobody wants that are still read, so that the client sees the answer and not a reset.
    private static let bytesDiscardedMax = 8 << 20

    private let shared: Shared
    private let watch: ConnectionWatch
    /// Of an HTTP/2 stream, which ends by itself when both sides have said all, and on which `Connection` means nothing.
    private let stream: Stream?
    private var isStream: Bool { stream != nil }
    private var peer: IPAddress?
    private var peerText = ""
    private var countdown: Countdown?
    private var isGone = false
    private var exchange: Exchange?
    private var blobSender: BlobSender?
    private var partSender: PartSender?
    /// Of the answer before, which the peer has not all of.
    private var delivery: Delivery?
    /// The peer has ended the connection with something left in it.
    private var isBroken = false
    /// Bytes that the peer had acknowledged when time was up last.
    private var bytesTaken: UInt64 = 0
    /// The client's reads that were held back because the body is full.
    private var isReadHeld = false
    private var date = DateField()

    /// What a stream has beside its connection.
    struct Stream {
        /// What it was let in with.
        let holding: Holding
        /// Of the connection.
        let gate: ReadGate
    }

    init(_ shared: Shared, _ watch: ConnectionWatch, stream: Stream?) {
        self.shared = shared
        self.watch = watch
        self.stream = stream
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
            handler.timeIsUp(context)
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

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let buffer): receive(buffer, context)
        case .end: endBody(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        delivery?.complete()
        let request = Request(
            head, peer: peer, peerText: peerText, isTLS: shared.isTLS, addressing: shared.handler.addressing,
            id: shared.handler.registry.requests.next())
        let match = RouteMatch(path: request.path)
        exchange = Exchange(request: request, match: match, version: head.version)
        exchange?.holding = stream?.holding
        watch.requestBegan()
        countdown?.start(shared.limits.bodySecondsMax)
        // Without a body the end follows at once, and the answer with it.
        guard request.hasBody else { return }
        if let response = answerNow(request, match, context) { return respond(response, context) }
        if request.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        exchange?.body = RequestBody(shared.budget) {
            loop.execute {
                let (handler, context) = bound.value
                handler.resumeReading(context)
            }
        }
        runTask(context)
        exchange?.holding?.isPeerOwing = true
    }

    private func receive(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        exchange?.holding?.move(buffer.readableBytes)
        let isAnswering = exchange?.responded == true && exchange?.answered == false
        countdown?.start(isAnswering ? shared.limits.answerSecondsMax : shared.limits.bodySecondsMax)
        if let body = exchange?.body, exchange?.responded == false { return body.append(buffer) }
        exchange?.discarded += buffer.readableBytes
        if let discarded = exchange?.discarded, discarded > Self.bytesDiscardedMax { context.close(promise: nil) }
    }

    private func endBody(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        self.exchange?.bodyEnded = true
        if exchange.responded {
            // The answer was out before all of what it refused; no other request follows it.
            if exchange.answered, !isStream { context.close(promise: nil) }
            return
        }
        countdown?.stop()
        exchange.holding?.isPeerOwing = false
        if let body = exchange.body {
            body.finish()
        } else if let response = answerNow(exchange.request, exchange.match, context) {
            respond(response, context)
        } else {
            runTask(context)
        }
    }

    /// An answer that can be given without waiting, and for which there is room.
    private func answerNow(_ request: Request, _ match: RouteMatch, _ context: ChannelHandlerContext) -> Response? {
        guard let response = shared.handler.answerNow(request, match) else { return nil }
        // What is small goes out at once; of what is not, a peer that does not read it keeps the rest in memory.
        guard case .shared(let bytes) = response.body, bytes.count > PartSender.bytesPieceRange.lowerBound else {
            return response
        }
        return holding(context).takeNow(bytes.count) ? response : nil
    }

    /// Answers in a task of its own, off the event loop.
    private func runTask(_ context: ChannelHandlerContext) {
        let holding = holding(context)
        holding.isPeerOwing = false
        guard let exchange, case .route(let route) = exchange.match else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let (loop, handler, request, body) = (context.eventLoop, shared.handler, exchange.request, exchange.body)
        self.exchange?.task = Task(executorPreference: shared.executor) {
            let response = await handler.answer(request, route, body, holding)
            loop.execute {
                let (connection, context) = bound.value
                connection.respond(response, context)
            }
        }
    }

    // MARK: Memory and backpressure

    /// What the request that is under way holds. As long as nothing else is said it is the peer who owes.
    private func holding(_ context: ChannelHandlerContext) -> Holding {
        if let holding = exchange?.holding { return holding }
        let channel = context.channel
        let holding =
            stream?.holding
            ?? shared.budget.open { channel.pipeline.fireUserInboundEventTriggered(Displacement()) }
        exchange?.holding = holding
        return holding
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Displacement else { return context.fireUserInboundEventTriggered(event) }
        // A body that is waited for ends with an answer that says why, anything else at once.
        if let body = exchange?.body, exchange?.responded == false {
            body.interrupt(.displaced)
        } else if exchange != nil {
            context.close(promise: nil)
        }
    }

    func read(context: ChannelHandlerContext) {
        if let body = exchange?.body, exchange?.responded == false, body.holdsBack() {
            guard !isReadHeld else { return }
            isReadHeld = true
            stream?.gate.hold()
            // It is we who do not read.
            exchange?.holding?.isPeerOwing = false
            countdown?.stop()
        } else if isReadHeld {
            resumeReading(context)
        } else {
            context.read()
        }
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard isReadHeld else { return }
        isReadHeld = false
        stream?.gate.release()
        exchange?.holding?.isPeerOwing = true
        countdown?.start(shared.limits.bodySecondsMax)
        context.read()
    }

    // MARK: Answers

    private func respond(_ response: Response, _ context: ChannelHandlerContext) {
        guard let exchange, !exchange.responded, context.channel.isActive else { return abandon(response) }
        let request = exchange.request
        // A client that is still sending what nobody will read cannot use the connection again, nor one whose next
        // request may be the end of this one.
        // A list of unknown length ends with the connection for a client that knows no chunks.
        let closes =
            !isStream
            && (!request.isKeepAlive || !exchange.bodyEnded || request.fault != nil
                || (response.contentLength == nil && exchange.version == .http1_0))
        self.exchange?.responded = true
        self.exchange?.closes = closes
        resumeReading(context)
        countdown?.start(shared.limits.answerSecondsMax)
        exchange.holding?.isPeerOwing = true

        var head = response.head(to: request, version: exchange.version, extra: shared.headers, date: date.now())
        if closes { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        guard !request.isHead, response.status.mayHaveResponseBody, response.contentLength != 0 else {
            return write(.head(head), thenFinish: response, 0, context)
        }
        switch response.body {
        case .none: write(.head(head), thenFinish: response, 0, context)
        case .bytes(let buffer):
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            write(.body(.byteBuffer(buffer)), thenFinish: response, Int64(buffer.readableBytes), context)
        case .shared(let bytes) where bytes.count <= PartSender.bytesPieceRange.lowerBound:
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            write(
                .body(.byteBuffer(ByteBuffer(bytes: bytes))), thenFinish: response, Int64(bytes.count), context)
        case .shared(let bytes): send(.memory(bytes[...]), head, of: response, context)
        case .list(let parts): send(.list(parts), head, of: response, context)
        case .blob(let blob, let parts): send(blob, parts, head, of: response, context)
        }
    }

    private func send(
        _ source: PartSender.Source, _ head: HTTPResponseHead, of response: Response, _ context: ChannelHandlerContext
    ) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let sender = PartSender(
            source, executor: shared.executor, holding: holding(context), to: context,
            moved: { [unowned self] in countdown?.start(shared.limits.answerSecondsMax) }
        ) { [unowned self] error in
            let bytes = partSender?.bytesSent ?? 0
            partSender = nil
            end(response, bytes, error, context)
        }
        partSender = sender
        sender.run()
    }

    private func send(
        _ blob: BlobContent, _ parts: Response.BlobParts, _ head: HTTPResponseHead, of response: Response,
        _ context: ChannelHandlerContext
    ) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let isCopied = shared.isTLS || isStream
        let sender = BlobSender(
            blob, parts, transfer: response.transfer, executor: shared.executor,
            holding: isCopied ? holding(context) : nil, isStream: isStream, to: context,
            moved: { [unowned self] in countdown?.start(shared.limits.answerSecondsMax) }
        ) { [unowned self] error in
            let bytes = blobSender?.bytesSent ?? 0
            blobSender = nil
            end(response, bytes, error, context)
        }
        blobSender = sender
        sender.run(copying: isCopied)
    }

    private func end(_ response: Response, _ bytes: Int64, _ error: (any Error)?, _ context: ChannelHandlerContext) {
        if let error { fail(response, bytes, error, context) } else { finish(response, bytes, context) }
    }

    /// An answer that nobody waits for any more.
    private func abandon(_ response: Response) {
        response.ended?(0)
        forgetBody()
    }

    /// The body knows the connection, to let it read on: without this each would keep the other for ever.
    private func forgetBody() { exchange?.body = nil }

    /// Writes the last part and ends the answer when the socket has taken it: what is closed then is not cut off, and a
    /// client that sends requests without reading is owed one answer, not all of them.
    private func write(
        _ part: HTTPServerResponsePart, thenFinish response: Response, _ bytes: Int64, _ context: ChannelHandlerContext
    ) {
        let promise = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { result in
            let (handler, context) = bound.value
            switch result {
            case .success: handler.finish(response, bytes, context)
            case .failure(let error): handler.fail(response, 0, error, context)
            }
        }
        context.writeAndFlush(wrapOutboundOut(part), promise: promise)
    }

    /// Every byte is with the socket. The end goes last: it lets in the next request of the pipeline, which begins inside
    /// that call; and not at all where none may follow.
    private func finish(_ response: Response, _ bytes: Int64, _ context: ChannelHandlerContext) {
        log(response, bytes)
        let closes = exchange?.closes ?? true
        let isThrough = exchange?.bodyEnded ?? true
        let isUnderWay = deliver(response, bytes, thenClose: closes && isThrough, context)
        if !isUnderWay { response.ended?(bytes) }
        forgetBody()
        exchange?.answered = true
        // The client still owes the rest of a body that was refused.
        if isThrough { endExchange() } else { countdown?.start(shared.limits.bodySecondsMax) }
        if closes, isThrough {
            if !isUnderWay { context.close(promise: nil) }
        } else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    /// Waits until the peer has what is under way of a blob, where that is much; true when it does. A stream's peer has it as
    /// soon as its windows let it through.
    private func deliver(
        _ response: Response, _ bytes: Int64, thenClose closes: Bool, _ context: ChannelHandlerContext
    ) -> Bool {
        guard let transfer = response.transfer, !isStream, context.channel.isActive,
            Delivery.isUnderWay(of: bytes, on: context.channel)
        else { return false }
        let ended = response.ended
        delivery = Delivery(
            of: bytes, transfer, on: context.channel, patience: shared.limits.answerSecondsMax
        ) { [unowned self] bytes in
            delivery = nil
            ended?(bytes)
            if closes { context.close(promise: nil) }
        }
        delivery?.begin()
        return true
    }

    /// What was asked is answered, or never will be.
    private func endExchange() {
        guard exchange != nil else { return }
        exchange = nil
        countdown?.stop()
        if !isGone { watch.requestEnded() }
    }

    /// The body broke off: what was promised in the head cannot be kept.
    private func fail(
        _ response: Response, _ bytes: Int64, _ error: any Error, _ context: ChannelHandlerContext
    ) {
        if let request = exchange?.request, let cause = AnswerFault.cause(error) {
            shared.handler.logger.failed(request, cause, status: nil)
        }
        log(response, bytes)
        // What the peer was last seen to have; where nobody can see it, what went out.
        response.ended?(response.transfer?.bytesDone ?? bytes)
        forgetBody()
        context.close(promise: nil)
    }

    private func log(_ response: Response, _ bytes: Int64) {
        guard let exchange else { return }
        let counts = shared.handler.registry.counts
        counts.add(.requests)
        // Whoever is about to push asks by HEAD what is not there yet.
        let isAnswerToAsking = exchange.request.isHead && response.status == .notFound
        if response.status.code >= 400, !isAnswerToAsking { counts.add(.errors) }
        guard let accessLog = shared.accessLog else { return }
        accessLog(
            AccessRecord(
                time: exchange.started, address: exchange.request.client.address,
                method: exchange.request.method.rawValue, uri: exchange.request.uri, version: "\(exchange.version)",
                status: Int(response.status.code), bytes: bytes, seconds: Date().timeIntervalSince(exchange.started),
                referer: exchange.request.headers.first(name: "referer") ?? "",
                userAgent: exchange.request.client.userAgent))
    }

    // MARK: Ends

    /// The client has sent nothing of its body, or taken nothing of the answer, for too long.
    private func timeIsUp(_ context: ChannelHandlerContext) {
        guard let exchange, !exchange.responded, let body = exchange.body else {
            return closeUnlessTaken(context)
        }
        // The task ends with what came, and tells the client why; if it does not listen, the next time is the last.
        countdown?.start(shared.limits.bodySecondsMax)
        body.interrupt(.timedOut)
    }

    /// A peer that takes little at a time takes nothing from us for long, for the kernel has megabytes for it: as long as it
    /// acknowledges more from one look to the next it is only slow. Of a stream its connection tells, which others share: one
    /// that nobody takes from lasts with them, and goes first when memory is short.
    private func closeUnlessTaken(_ context: ChannelHandlerContext) {
        guard exchange?.answered == false else { return context.close(promise: nil) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let connection = isStream ? context.channel.parent ?? context.channel : context.channel
        PeerProgress.bytesTaken(on: connection).whenComplete { outcome in
            let (handler, context) = bound.value
            guard case .success(let bytes) = outcome, bytes > handler.bytesTaken else {
                return context.close(promise: nil)
            }
            handler.bytesTaken = bytes
            handler.countdown?.start(handler.shared.limits.answerSecondsMax)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isReadHeld { stream?.gate.release() }
        isReadHeld = false
        if isBroken { delivery?.breakOff() } else { delivery?.complete() }
        exchange?.body?.interrupt(.disconnected)
        exchange?.task?.cancel()
        // The exchange stays: an answer that is still going out ends with its line in the log.
        if exchange != nil { watch.requestEnded() }
        isGone = true
        countdown?.cancel()
        countdown = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The decoder closes the connection when this returns, so that what is to be said is said now.
        if let error = error as? HTTPParserError, exchange?.responded != true { refuse(error, context) }
        isBroken = isBroken || error is IOError
        context.close(promise: nil)
    }

    /// Answers what is no HTTP, or more than is taken of it.
    private func refuse(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        exchange?.responded = true
        exchange?.body?.interrupt(.disconnected)
        let answer = ErrorAnswer(error, shared.limits)
        var response = Response(answer)
        response.headers.add(name: "Content-Length", value: String(response.contentLength ?? 0))
        response.headers.add(name: "Connection", value: "close")
        response.headers.add(name: "Date", value: date.now())
        // No answer of the registry, and not counted as one: clients look first whether this is TLS.
        let head = HTTPResponseHead(version: .http1_1, status: response.status, headers: response.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

/// Told to a connection or a stream that is to make room, see `MemoryBudget.open`.
struct Displacement {}
