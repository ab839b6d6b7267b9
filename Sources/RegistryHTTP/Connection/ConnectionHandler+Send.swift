import NIOCore
import NIOHTTP1
import RegistryCore

/// How an answer goes out, from its head to its last byte, and what becomes of the connection then.
extension ConnectionHandler {
    /// What sends an answer that does not go out in one piece.
    enum Sender {
        case parts(PartSender)
        case blob(BlobSender)

        /// Of the body, with the socket.
        var bytesSent: Int64 {
            switch self {
            case .parts(let sender): sender.bytesSent
            case .blob(let sender): sender.bytesSent
            }
        }
    }

    /// An answer was made. To be called on the event loop, with every answer: one that nobody waits for is ended here.
    func respond(_ response: Response, _ context: ChannelHandlerContext) {
        let length = response.contentLength
        let action = state.answerIsReady(
            hasLength: length != nil, hasBody: response.status.mayHaveResponseBody && length != 0,
            isActive: context.channel.isActive)
        guard case .send(let withBody, let closes, let readsOn) = action, let exchange else {
            response.ended?(0)
            forgetBody()
            return
        }
        if readsOn { readOn(context) }
        countdown?.start(shared.limits.answerSecondsMax)
        exchange.holding?.isPeerOwing = true
        if sendContent(response, to: exchange, withBody: withBody, closes: closes, context) { return }
        var head = response.head(
            to: exchange.request, version: exchange.version, extra: shared.headers, date: date.now())
        if closes { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        send(head, of: response, withBody: withBody, context)
    }

    /// The body knows the connection, to let it read on: without this each would keep the other for ever.
    private func forgetBody() { exchange?.body = nil }

    private func send(
        _ head: HTTPResponseHead, of response: Response, withBody: Bool, _ context: ChannelHandlerContext
    ) {
        guard withBody else { return write(.head(head), thenFinish: response, 0, context) }
        switch response.body {
        case .none, .unsent: write(.head(head), thenFinish: response, 0, context)
        case .bytes(let buffer):
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            write(.body(.byteBuffer(buffer)), thenFinish: response, Int64(buffer.readableBytes), context)
        case .shared(let bytes) where bytes.count <= PartSender.bytesPieceRange.lowerBound:
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            write(
                .body(.byteBuffer(ByteBuffer(bytes: bytes))), thenFinish: response, Int64(bytes.count), context)
        case .shared(let bytes):
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            send(.memory(bytes[...]), of: response, context)
        case .list(let parts):
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            send(.list(parts), of: response, context)
        case .blob(let blob, let parts):
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            send(blob, parts, sent: 0, of: response, context)
        }
    }

    // MARK: In one piece

    /// Writes the last part and ends the answer when the socket has taken it: what is closed then is not cut off, and a
    /// client that sends requests without reading is owed one answer, not all of them.
    func write(
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

    // MARK: In pieces

    func send(_ source: PartSender.Source, of response: Response, _ context: ChannelHandlerContext) {
        let parts = PartSender(
            source, executor: shared.executor, holding: holding(context), to: context,
            moved: { [unowned self] in countdown?.start(shared.limits.answerSecondsMax) }
        ) { [unowned self] error in
            end(response, error, context)
        }
        sender = .parts(parts)
        parts.run()
    }

    /// - Parameter sent: bytes of the body that are out already.
    func send(
        _ blob: BlobContent, _ parts: Response.BlobParts, sent: Int64, of response: Response,
        _ context: ChannelHandlerContext
    ) {
        let isCopied = shared.isTLS || isStream
        let blob = BlobSender(
            blob, parts, sent: sent, transfer: response.transfer, executor: shared.executor,
            holding: isCopied ? holding(context) : nil, isStream: isStream, to: context,
            moved: { [unowned self] in countdown?.start(shared.limits.answerSecondsMax) }
        ) { [unowned self] error in
            end(response, error, context)
        }
        sender = .blob(blob)
        blob.run(copying: isCopied)
    }

    /// The sender is through, or could not go on.
    private func end(_ response: Response, _ error: (any Error)?, _ context: ChannelHandlerContext) {
        let bytes = sender?.bytesSent ?? 0
        sender = nil
        if let error { fail(response, bytes, error, context) } else { finish(response, bytes, context) }
    }

    // MARK: Ends

    /// Every byte is with the socket. The end goes last: it lets in the next request of the pipeline, which begins inside
    /// that call; and not at all where none may follow.
    func finish(_ response: Response, _ bytes: Int64, _ context: ChannelHandlerContext) {
        if let exchange { shared.record(response, to: exchange, bytes: bytes) }
        let isUnderWay = deliver(response, bytes, context)
        if !isUnderWay { response.ended?(bytes) }
        forgetBody()
        switch state.answerIsOut(isUnderWay: isUnderWay) {
        case .admitNext:
            endExchange()
            writeEnd(context)
        case .awaitRest:
            countdown?.start(shared.limits.bodySecondsMax)
            writeEnd(context)
        case .close:
            endExchange()
            context.close(promise: nil)
        case .awaitDelivery: endExchange()
        case .forget: exchange = nil
        }
    }

    private func writeEnd(_ context: ChannelHandlerContext) {
        let wasEnding = isEnding
        isEnding = true
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        isEnding = wasEnding
    }

    /// Waits until the peer has what is under way of a blob, where that is much; true when it does. A stream's peer has it as
    /// soon as its windows let it through.
    private func deliver(_ response: Response, _ bytes: Int64, _ context: ChannelHandlerContext) -> Bool {
        guard let transfer = response.transfer, !isStream, context.channel.isActive,
            Delivery.isUnderWay(of: bytes, on: context.channel, encoder?.socket)
        else { return false }
        let ended = response.ended
        delivery = Delivery(
            of: bytes, transfer, on: context.channel, encoder?.socket, countdownOfDelivery(context.eventLoop),
            patience: shared.limits.answerSecondsMax
        ) { [unowned self] bytes in
            delivery = nil
            ended?(bytes)
            perform(state.answerWasDelivered(), context)
        }
        delivery?.begin()
        return true
    }

    /// The body broke off: what was promised in the head cannot be kept.
    func fail(
        _ response: Response, _ bytes: Int64, _ error: any Error, _ context: ChannelHandlerContext
    ) {
        if let exchange {
            if let cause = AnswerFault.cause(error) {
                shared.handler.logger.failed(exchange.request, cause, status: nil)
            }
            shared.record(response, to: exchange, bytes: bytes)
        }
        // What the peer was last seen to have; where nobody can see it, what went out.
        response.ended?(response.transfer?.bytesDone ?? bytes)
        forgetBody()
        perform(state.answerFailed(), context)
    }

    /// Answers what is no HTTP, or more than is taken of it.
    func refuse(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
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
