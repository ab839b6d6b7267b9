import NIOCore
import NIOHTTP1

/// How an answer is made: on the event loop where it can be, else in a task.
extension ConnectionHandler {
    /// Answers a request that is there as a whole, and of which no body was taken.
    func answer(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        if let response = answerNow(exchange.request, exchange.match, context) {
            respond(response, context)
        } else {
            runTask(context)
        }
    }

    /// Answers a request whose body is still to come: before it, or with it.
    func answerOrTakeBody(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        if let response = answerNow(exchange.request, exchange.match, context) { return respond(response, context) }
        if exchange.request.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: exchange.version, status: .continue))), promise: nil)
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        self.exchange?.body = RequestBody(shared.budget) {
            loop.execute {
                let (handler, context) = bound.value
                handler.perform(handler.state.roomWasMade(), context)
            }
        }
        state.bodyIsTaken()
        runTask(context)
        self.exchange?.holding?.isPeerOwing = true
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
}

extension ConnectionState.Terms {
    init(_ request: Request, _ version: HTTPVersion) {
        self.init(
            hasBody: request.hasBody, isHead: request.isHead, isKeepAlive: request.isKeepAlive,
            hasFault: request.fault != nil, knowsChunks: version != .http1_0)
    }
}
