import NIOCore
import NIOHTTP1
import RegistryCore

/// An answer as a value; the connection turns it into bytes.
struct Response: Sendable {
    enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// A part of a blob. Bounded memory, whatever its length.
        case blob(BlobContent, Range<Int64>)
    }

    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body: Body
    /// Called once, when the last byte was handed to the socket or the connection broke, with the bytes of the body that
    /// went out.
    var ended: (@Sendable (Int64) -> Void)?
    /// Where the body's progress is counted.
    var transfer: RunningTransfer?

    init(_ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(_ error: ErrorAnswer) {
        self.init(error.status, error.headers, body: .bytes(error.body))
        headers.replaceOrAdd(name: "Content-Type", value: "application/json")
    }

    init(json value: some Encodable, type: String = "application/json") {
        self.init(.ok, ["Content-Type": type], body: .bytes(JSONBody.encode(value)))
    }

    /// Bytes of the body; for an answer to HEAD, of the body it would have had.
    var contentLength: Int64 {
        switch body {
        case .none: 0
        case .bytes(let buffer): Int64(buffer.readableBytes)
        case .blob(_, let range): range.upperBound - range.lowerBound
        }
    }
}
