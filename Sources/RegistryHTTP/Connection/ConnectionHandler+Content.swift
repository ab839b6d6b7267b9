import NIOCore
import NIOHTTP1
import RegistryCore

/// How manifests and blobs go out in HTTP/1: the head as bytes, and at once what the socket takes of both.
extension ConnectionHandler {
    /// What stands for the head of an answer where others in the pipeline look at it.
    private enum Mark {
        static let closing = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Connection": "close"])
        static let new = HTTPResponseHead(version: .http1_1, status: .ok)
        static let old = HTTPResponseHead(version: .http1_0, status: .ok)
    }

    /// Sends an answer that carries content, or only says of it; false where it must go the way of all others.
    func sendContent(
        _ response: Response, to exchange: Exchange, withBody: Bool, closes: Bool, _ context: ChannelHandlerContext
    ) -> Bool {
        guard let encoder, let heads = shared.heads, exchange.request.isOfRegistry,
            case .content(let content) = response.fields, HeadWriter.canWrite(content, exchange.version)
        else { return false }
        encoder.expectHead()
        let mark = closes ? Mark.closing : exchange.version == .http1_1 ? Mark.new : Mark.old
        context.write(wrapOutboundOut(.head(mark)), promise: nil)
        let head = heads.head(
            response.status, exchange.version, content,
            length: response.status.mayHaveResponseBody ? response.contentLength : nil, date: date.now(),
            closes: encoder.closes)
        // Inside the end of the answer before, NIO has to do it: it does not begin within what it does, where each of a
        // thousand requests that came together would begin within the one before.
        let socket = isEnding ? nil : encoder.socketToWrite()
        guard withBody else {
            send(head, [], socket, response, context)
            return true
        }
        switch response.body {
        case .shared(let bytes) where bytes.count <= PartSender.bytesPieceRange.lowerBound:
            send(head, bytes, socket, response, context)
        case .shared(let bytes):
            context.write(wrapOutboundOut(.body(.byteBuffer(head))), promise: nil)
            send(.memory(bytes[...]), of: response, context)
        case .blob(let blob, let parts):
            if let socket, let file = blob.fileDescriptor, let range = parts.single {
                send(head, blob, file, range, socket, response, context)
            } else {
                context.write(wrapOutboundOut(.body(.byteBuffer(head))), promise: nil)
                send(blob, parts, sent: 0, of: response, context)
            }
        case .none, .bytes, .list, .unsent: send(head, [], socket, response, context)
        }
        return true
    }

    /// In one piece. What lies in memory anyhow is not copied where the socket takes it.
    private func send(
        _ head: ByteBuffer, _ body: [UInt8], _ socket: DirectSocket?, _ response: Response,
        _ context: ChannelHandlerContext
    ) {
        let length = Int64(body.count)
        let sent = head.withUnsafeReadableBytes { head in
            body.withUnsafeBytes { body in socket?.send(head, body) ?? 0 }
        }
        if sent == head.readableBytes + body.count { return finish(response, length, context) }
        let left = Self.left(of: head, body, after: sent)
        write(.body(.byteBuffer(left)), thenFinish: response, length, context)
    }

    /// What is not out of a head and a body of which so many bytes are.
    static func left(of head: ByteBuffer, _ body: [UInt8], after sent: Int) -> ByteBuffer {
        guard sent < head.readableBytes else { return ByteBuffer(bytes: body[(sent - head.readableBytes)...]) }
        var left = head
        left.moveReaderIndex(forwardBy: sent)
        left.writeBytes(body)
        return left
    }

    /// From a file. The head goes in one packet with the first bytes.
    private func send(
        _ head: ByteBuffer, _ blob: BlobContent, _ file: CInt, _ range: Range<Int64>, _ socket: DirectSocket,
        _ response: Response, _ context: ChannelHandlerContext
    ) {
        var head = head
        head.moveReaderIndex(forwardBy: head.withUnsafeReadableBytes { socket.send($0, more: true) })
        guard head.readableBytes == 0 else {
            context.write(wrapOutboundOut(.body(.byteBuffer(head))), promise: nil)
            return send(blob, .init(parts: [.init(range: range)]), sent: 0, of: response, context)
        }
        let sliceMax = range.lowerBound + Int64(BlobSender.bytesSliceRange.upperBound)
        guard let sent = socket.sendFile(file, range.lowerBound..<min(range.upperBound, sliceMax)) else {
            return fail(response, 0, ShortBlob(offset: range.lowerBound), context)
        }
        let left = range.lowerBound + sent..<range.upperBound
        if left.isEmpty { return finish(response, sent, context) }
        send(blob, .init(parts: [.init(range: left)]), sent: sent, of: response, context)
    }
}

extension Response.BlobParts {
    /// The range where it is one, and nothing stands around it.
    var single: Range<Int64>? {
        guard parts.count == 1, parts[0].lead.readableBytes == 0, trailer.readableBytes == 0 else { return nil }
        return parts[0].range
    }
}
