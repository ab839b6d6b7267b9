import NIOCore
import NIOHTTP1

/// Sends an answer that lies in memory, or is made while it goes out, in pieces: the next is not made before the one before
/// has left. All of it happens on the event loop except making the parts of a list.
final class PartSender {
    enum Source {
        case memory(ArraySlice<UInt8>)
        case list(ListParts)
    }

    /// Bytes of a piece.
    static let bytesPieceRange = 16 << 10...256 << 10

    private let context: ChannelHandlerContext
    private let executor: BlockingExecutor
    private let holding: Holding
    private var source: Source
    private var pacing: Pacing
    /// Bytes of the body that went out.
    private(set) var bytesSent: Int64 = 0
    /// Called on the event loop whenever something of it has gone out.
    private let moved: () -> Void
    /// Called once, on the event loop: nil when every byte went out.
    private let completed: ((any Error)?) -> Void

    init(
        _ source: Source, executor: BlockingExecutor, holding: Holding, to context: ChannelHandlerContext,
        moved: @escaping () -> Void, completed: @escaping ((any Error)?) -> Void
    ) {
        self.source = source
        self.executor = executor
        self.holding = holding
        self.context = context
        self.moved = moved
        self.completed = completed
        pacing = Pacing(Self.bytesPieceRange, first: Self.bytesPieceRange.lowerBound, holding: holding)
    }

    func run() { sendMore() }

    private func finish(_ error: (any Error)?) {
        pacing.close()
        completed(error)
    }

    private func sendMore() {
        let count = pacing.next()
        switch source {
        case .memory(let bytes):
            source = .memory(bytes.dropFirst(count))
            send(.success(bytes.isEmpty ? nil : ByteBuffer(bytes: bytes.prefix(count))))
        case .list(let parts):
            let promise = context.eventLoop.makePromise(of: ByteBuffer?.self)
            promise.completeWithTask { [executor] in
                try await withTaskExecutorPreference(executor) { try await parts.next(bytes: count) }
            }
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            promise.futureResult.whenComplete { bound.value.send($0) }
        }
    }

    private func send(_ part: Result<ByteBuffer?, any Error>) {
        switch part {
        case .success(let buffer?):
            let (count, began) = (buffer.readableBytes, NIODeadline.now())
            let promise = context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            promise.futureResult.whenComplete { bound.value.sent(count, since: began, $0) }
            context.writeAndFlush(NIOAny(HTTPServerResponsePart.body(.byteBuffer(buffer))), promise: promise)
        case .success: finish(nil)
        case .failure(let error): finish(error)
        }
    }

    private func sent(_ count: Int, since began: NIODeadline, _ result: Result<Void, any Error>) {
        switch result {
        case .success:
            bytesSent += Int64(count)
            pacing.sent(in: NIODeadline.now() - began)
            holding.move(count)
            moved()
            sendMore()
        case .failure(let error): finish(error)
        }
    }
}
