import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// An answer as a value; the connection turns it into bytes.
struct Response: Sendable {
    enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// Bytes that the registry keeps too, sent in pieces of them.
        case shared([UInt8])
        /// A list of any length.
        case list(ListParts)
        /// Parts of a blob. Bounded memory, whatever their length.
        case blob(BlobContent, BlobParts)
        /// So many bytes that an answer to GET would have; this one goes without.
        case unsent(Int64)
    }

    /// What stands in the head beside what every answer carries.
    enum Fields: Sendable {
        case list(HTTPHeaders)
        case content(ContentFields)
    }

    /// What goes out of a blob, in order.
    struct BlobParts: Sendable {
        struct Part: Sendable {
            /// What stands before the bytes: empty, but for several parts.
            var lead = ByteBuffer()
            var range: Range<Int64>
        }
        var parts: [Part]
        /// What stands behind the last.
        var trailer = ByteBuffer()

        /// Bytes of all of it.
        var length: Int64 {
            parts.sumClamped { Int64($0.lead.readableBytes).addingClamped($0.range.upperBound - $0.range.lowerBound) }
                .addingClamped(Int64(trailer.readableBytes))
        }
    }

    var status: HTTPResponseStatus
    private(set) var fields: Fields
    var body: Body
    /// Called once, when the answer is out or the connection broke, with the bytes of the body that went out: of a blob, when
    /// the client's system has them.
    var ended: (@Sendable (Int64) -> Void)?
    /// Where the body's progress is counted.
    var transfer: RunningTransfer?

    init(_ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:], body: Body = .none) {
        self.status = status
        fields = .list(headers)
        self.body = body
    }

    init(_ status: HTTPResponseStatus, _ content: ContentFields, body: Body = .none) {
        self.status = status
        fields = .content(content)
        self.body = body
    }

    init(_ error: ErrorAnswer) {
        self.init(error.status, error.headers, body: .bytes(error.body))
        headers.replaceOrAdd(name: "Content-Type", value: "application/json")
    }

    init(json value: some Encodable, type: String = "application/json") {
        self.init(.ok, ["Content-Type": type], body: .bytes(JSONBody.encode(value)))
    }

    var headers: HTTPHeaders {
        get {
            switch fields {
            case .list(let headers): headers
            case .content(let content): content.headers
            }
        }
        set { fields = .list(newValue) }
    }

    /// The head with what every answer carries.
    ///
    /// - Parameters:
    ///   - extra: in answers under `/v2/`, in place of what they would say under the same names. A name may come more than
    ///     once, for each of its values in a line of its own, as distribution writes them.
    ///   - date: of the answer.
    func head(
        to request: Request, version: HTTPVersion, extra: [(String, String)], date: String
    ) -> HTTPResponseHead {
        var head = HTTPResponseHead(version: version, status: status, headers: headers)
        head.headers.replaceOrAdd(name: "Date", value: date)
        if request.isOfRegistry {
            head.headers.replaceOrAdd(name: "Docker-Distribution-API-Version", value: "registry/2.0")
            for (name, _) in extra { head.headers.remove(name: name) }
            head.headers.add(contentsOf: extra)
        }
        if status.mayHaveResponseBody, let contentLength, !head.headers.contains(name: "content-length") {
            head.headers.add(name: "Content-Length", value: String(contentLength))
        }
        return head
    }

    /// Bytes of the body; for an answer to HEAD, of the body it would have had. Nil where nobody knows before its end.
    var contentLength: Int64? {
        switch body {
        case .none: 0
        case .list: nil
        case .bytes(let buffer): Int64(buffer.readableBytes)
        case .shared(let bytes): Int64(bytes.count)
        case .blob(_, let parts): parts.length
        case .unsent(let length): length
        }
    }
}
