import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import RegistryCore

/// Sends a part of a blob to a connection with a bounded buffer: by `sendfile(2)` where the bytes lie in a local file and
/// nothing has to look at them, else through a buffer of its own.
///
/// All of it happens on the event loop except reading for the buffered way.
final class BlobSender {
    /// Bytes handed to the kernel at once. Slices cost nothing measurable and give a person a moving figure.
    private static let bytesSlice: Int64 = 4 << 20
    /// Bytes of the buffer where they must pass through us.
    private static let bytesBuffer: Int64 = 256 << 10

    private let context: ChannelHandlerContext
    private let blob: BlobContent
    private let transfer: RunningTransfer?
    private let executor: BlockingExecutor
    private var offset: Int64
    private let end: Int64
    private let start: Int64
    /// Called once, on the event loop: nil when every byte went out.
    private let completed: ((any Error)?) -> Void
    private var file: NIOFileHandle?

    init(
        _ blob: BlobContent, _ range: Range<Int64>, transfer: RunningTransfer?, executor: BlockingExecutor,
        to context: ChannelHandlerContext, completed: @escaping ((any Error)?) -> Void
    ) {
        self.blob = blob
        self.transfer = transfer
        self.executor = executor
        self.context = context
        self.completed = completed
        offset = range.lowerBound
        start = range.lowerBound
        end = range.upperBound
    }

    var bytesSent: Int64 { offset - start }

    func run(copying: Bool) {
        if let descriptor = blob.fileDescriptor, !copying {
            // The blob owns the descriptor; the handle only lends it to the channel and is emptied before it goes.
            file = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
            sendSlice()
        } else {
            sendBuffer()
        }
    }

    private func finish(_ error: (any Error)?) {
        _ = try? file?.takeDescriptorOwnership()
        file = nil
        completed(error)
    }

    private func sent(_ count: Int64, _ result: Result<Void, any Error>, then next: () -> Void) {
        switch result {
        case .success:
            offset += count
            transfer?.advance(Int(count))
            if offset >= end { finish(nil) } else { next() }
        case .failure(let error): finish(error)
        }
    }

    private func sendSlice() {
        guard let file else { return }
        let count = min(Self.bytesSlice, end - offset)
        let region = FileRegion(fileHandle: file, readerIndex: Int(offset), endIndex: Int(offset + count))
        write(.fileRegion(region)) { $0.sent(count, $1) { self.sendSlice() } }
    }

    private func write(_ data: IOData, _ then: @escaping (BlobSender, Result<Void, any Error>) -> Void) {
        let promise = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, then), eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { result in
            let (sender, then) = bound.value
            then(sender, result)
        }
        context.writeAndFlush(NIOAny(HTTPServerResponsePart.body(data)), promise: promise)
    }

    private func sendBuffer() {
        let count = min(Self.bytesBuffer, end - offset)
        let buffer = context.channel.allocator.buffer(capacity: Int(count))
        let promise = context.eventLoop.makePromise(of: ByteBuffer.self)
        let (blob, offset) = (blob, self.offset)
        promise.completeWithTask { [executor] in
            try await withTaskExecutorPreference(executor) {
                try await Self.read(blob, at: offset, count: Int(count), into: buffer)
            }
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { result in
            let sender = bound.value
            switch result {
            case .success(let buffer) where buffer.readableBytes > 0:
                let count = Int64(buffer.readableBytes)
                sender.write(.byteBuffer(buffer)) { $0.sent(count, $1) { sender.sendBuffer() } }
            // The file is shorter than it was when it was opened: the length that was promised cannot be kept.
            case .success: sender.finish(ChannelError.eof)
            case .failure(let error): sender.finish(error)
            }
        }
    }

    private static func read(
        _ blob: BlobContent, at offset: Int64, count: Int, into target: ByteBuffer
    ) async throws -> ByteBuffer {
        var buffer = target
        guard let descriptor = blob.fileDescriptor else {
            buffer.writeBytes(try await blob.read(at: offset, count: count))
            return buffer
        }
        var code: CInt = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            let got = pread(descriptor, space.baseAddress, min(count, space.count), off_t(offset))
            if got < 0 { code = errno }
            return max(0, got)
        }
        // The descriptor is the blob's: it must not go while the call runs.
        withExtendedLifetime(blob) {}
        guard code == 0 else { throw IOError(errnoCode: code, reason: "pread") }
        return buffer
    }
}
