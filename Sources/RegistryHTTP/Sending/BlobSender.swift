import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import RegistryCore

/// Sends parts of a blob to a connection with a bounded buffer: by `sendfile(2)` where the bytes lie in a local file and
/// nothing has to look at them, else through a buffer of its own.
///
/// All of it happens on the event loop except reading what is in no file.
final class BlobSender {
    /// Bytes handed to the kernel at once; it reads them when it wants them.
    static let bytesSliceRange = 64 << 10...4 << 20

    private let context: ChannelHandlerContext
    private let blob: BlobContent
    private let transfer: RunningTransfer?
    private let executor: BlockingExecutor
    /// Of the peer, where the bytes pass through memory.
    private let holding: Holding?
    /// What is not out yet; the first is being sent from `offset`.
    private var parts: ArraySlice<Response.BlobParts.Part>
    private var trailer: ByteBuffer
    private var offset: Int64 = 0
    private var pacing: Pacing
    /// Bytes of the body that the socket has taken.
    private(set) var bytesSent: Int64 = 0
    /// Bytes of the body that were written to the channel, and are not known to be with the socket.
    private var bytesPending: Int64 = 0
    /// The channel is one stream of several on a connection: what is under way there is of all of them.
    private let isStream: Bool
    /// Called on the event loop whenever something of it has gone out.
    private let moved: () -> Void
    /// Called once, on the event loop: nil when every byte went out.
    private let completed: ((any Error)?) -> Void
    private var file: NIOFileHandle?
    /// What is read of a file whose bytes pass through us.
    private var buffer = ByteBuffer()

    /// - Parameter sent: bytes of the body that are out already, and not in `body` any more.
    init(
        _ blob: BlobContent, _ body: Response.BlobParts, sent: Int64, transfer: RunningTransfer?,
        executor: BlockingExecutor, holding: Holding?, isStream: Bool, to context: ChannelHandlerContext,
        moved: @escaping () -> Void, completed: @escaping ((any Error)?) -> Void
    ) {
        self.blob = blob
        self.transfer = transfer
        self.executor = executor
        self.holding = holding
        self.isStream = isStream
        self.context = context
        self.moved = moved
        self.completed = completed
        pacing = Pacing(Self.bytesSliceRange, first: Self.bytesSliceRange.upperBound, holding: nil)
        parts = body.parts[...]
        trailer = body.trailer
        bytesSent = sent
    }

    /// - Parameter copying: the bytes must pass through us: they are encrypted, or framed.
    func run(copying: Bool) {
        if let descriptor = blob.fileDescriptor, !copying {
            // The blob owns the descriptor; the handle only lends it to the channel and is emptied before it goes.
            file = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        } else {
            let range = PartSender.bytesPieceRange
            pacing = Pacing(range, first: range.lowerBound, holding: holding)
        }
        watch()
        beginPart()
    }

    /// Whoever looks at the transfers has this find out what the peer has taken by then.
    private func watch() {
        struct Sender { weak var value: BlobSender? }
        let loop = context.eventLoop
        let bound = NIOLoopBound(Sender(value: self), eventLoop: loop)
        transfer?.watch { done in
            loop.execute {
                bound.value.value?.look()
                done()
            }
        }
    }

    private func look() { transfer?.reached(bytesTaken) }

    /// Bytes of the body that the peer's system has. Of a stream, what its connection has taken: the peer's windows let no
    /// more through than it reads.
    private var bytesTaken: Int64 {
        guard !isStream else { return bytesSent }
        let channel = context.channel
        let written = bytesSent + max(0, bytesPending - PeerProgress.bytesWaiting(on: channel))
        return max(0, written - PeerProgress.bytesUnderWay(on: channel))
    }

    private func finish(_ error: (any Error)?) {
        _ = try? file?.takeDescriptorOwnership()
        file = nil
        pacing.close()
        completed(error)
    }

    /// What stands before the next part goes out together with its first bytes.
    private func beginPart() {
        guard let part = parts.first else {
            guard trailer.readableBytes > 0 else { return finish(nil) }
            let last = trailer
            trailer = ByteBuffer()
            return write(.byteBuffer(last)) { $0.sent(last.readableBytes, $1) { self.beginPart() } }
        }
        offset = part.range.lowerBound
        if part.lead.readableBytes > 0 {
            context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(part.lead))), promise: nil)
            bytesSent += Int64(part.lead.readableBytes)
        }
        sendMore()
    }

    private func sendMore() {
        guard let end = parts.first?.range.upperBound else { return }
        guard offset < end else {
            parts.removeFirst()
            return beginPart()
        }
        if file != nil { sendSlice(before: end) } else { sendBuffer(before: end) }
    }

    private func sent(_ count: Int, _ result: Result<Void, any Error>, then next: () -> Void) {
        switch result {
        case .success:
            bytesSent += Int64(count)
            holding?.move(count)
            look()
            moved()
            next()
        case .failure(let error): finish(error)
        }
    }

    private func sendSlice(before end: Int64) {
        guard let file else { return }
        let count = min(Int64(pacing.next()), end - offset)
        // A file that became shorter would be asked for its missing bytes for ever.
        guard hasBytes(before: offset + count) else { return finish(ShortBlob(offset: offset)) }
        let region = FileRegion(fileHandle: file, readerIndex: Int(offset), endIndex: Int(offset + count))
        let began = NIODeadline.now()
        write(.fileRegion(region)) { sender, result in
            sender.pacing.sent(in: NIODeadline.now() - began)
            sender.offset += count
            sender.sent(Int(count), result) { sender.sendMore() }
        }
    }

    private func hasBytes(before end: Int64) -> Bool {
        guard let descriptor = blob.fileDescriptor else { return false }
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_size >= end
    }

    private func write(_ data: IOData, _ then: @escaping (BlobSender, Result<Void, any Error>) -> Void) {
        bytesPending = Int64(data.readableBytes)
        let promise = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, then), eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { result in
            let (sender, then) = bound.value
            sender.bytesPending = 0
            then(sender, result)
        }
        context.writeAndFlush(NIOAny(HTTPServerResponsePart.body(data)), promise: promise)
    }

    /// Others of the loop have their turn before the next piece: a peer that takes each at once would else keep it for all of
    /// the blob.
    private func sendMoreLater() {
        let hasMore = parts.first.map { offset < $0.range.upperBound } ?? false
        guard hasMore, blob.fileDescriptor != nil else { return sendMore() }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.sendMore() }
    }

    private func sendBuffer(before end: Int64) {
        let count = min(pacing.next(), Int(clamping: end - offset))
        if let descriptor = blob.fileDescriptor {
            return send(Result { try read(descriptor, count) })
        }
        let buffer = context.channel.allocator.buffer(capacity: count)
        let promise = context.eventLoop.makePromise(of: ByteBuffer.self)
        let (blob, offset) = (blob, self.offset)
        promise.completeWithTask { [executor] in
            try await withTaskExecutorPreference(executor) {
                var buffer = buffer
                buffer.writeBytes(try await blob.read(at: offset, count: count))
                return buffer
            }
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { bound.value.send($0) }
    }

    /// Reads from a file on the event loop, as `sendfile(2)` does, and no more at once than that.
    private func read(_ descriptor: CInt, _ count: Int) throws -> ByteBuffer {
        // The same memory again: nobody has it any more when what was in it is out.
        if buffer.capacity == 0 { buffer = context.channel.allocator.buffer(capacity: count) }
        buffer.clear(minimumCapacity: count)
        var code: CInt = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            let got = pread(descriptor, space.baseAddress, min(count, space.count), off_t(offset))
            if got < 0 { code = errno }
            return max(0, got)
        }
        guard code == 0 else { throw IOError(errnoCode: code, reason: "pread") }
        return buffer
    }

    private func send(_ read: Result<ByteBuffer, any Error>) {
        switch read {
        case .success(let buffer) where buffer.readableBytes > 0:
            let (count, began) = (buffer.readableBytes, NIODeadline.now())
            offset += Int64(count)
            write(.byteBuffer(buffer)) { sender, result in
                sender.pacing.sent(in: NIODeadline.now() - began)
                sender.sent(count, result) { sender.sendMoreLater() }
            }
        // The file is shorter than it was when it was opened: the length that was promised cannot be kept.
        case .success: finish(ShortBlob(offset: offset))
        case .failure(let error): finish(error)
        }
    }
}
