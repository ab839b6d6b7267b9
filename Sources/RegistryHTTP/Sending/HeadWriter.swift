import NIOCore
import NIOHTTP1
import OCI

/// Writes the heads of answers that carry content as the bytes of HTTP/1: those that NIO's encoder makes of the same answer,
/// without the list of texts in between. Made once for a server.
struct HeadWriter: Sendable {
    /// The lines that every answer under `/v2/` has beside its own.
    private let common: [UInt8]
    /// The lines that those of a blob have.
    private let ofBlobs: [UInt8]

    /// Bytes of a head without the media type and the common lines: measured, rounded up.
    private static let bytesBeside = 512

    /// Nil where these heads cannot be written without a look at each field: one of `extra` stands in place of what the
    /// answers say themselves, or is none that HTTP allows.
    init?(extra: [(String, String)]) {
        var lines = "Docker-Distribution-API-Version: registry/2.0\r\n"
        for (name, value) in extra {
            let isOurs = Self.own.contains(name.lowercased())
            guard !isOurs, Self.isToken(name), Self.isFieldValue(value) else { return nil }
            lines += "\(name): \(value)\r\n"
        }
        common = Array(lines.utf8)
        ofBlobs = Array(ContentFields.blobFields.map { "\($0.name): \($0.value)\r\n" }.joined().utf8)
    }

    /// Names that these heads have already, or that say how the body is carried.
    private static let own: Set<String> = [
        "accept-ranges", "cache-control", "connection", "content-length", "content-range", "content-type", "date",
        "docker-content-digest", "docker-distribution-api-version", "etag", "transfer-encoding",
    ]

    /// False for a media type that may not stand in a head, and for a version that is none of HTTP/1.
    static func canWrite(_ content: ContentFields, _ version: HTTPVersion) -> Bool {
        (version == .http1_1 || version == .http1_0) && isFieldValue(content.mediaType.text)
    }

    /// The head of what `canWrite` is true for, with the empty line behind it.
    ///
    /// - Parameters:
    ///   - length: bytes of the body, or of the body that an answer to GET would have; nil where there can be none.
    ///   - date: of the answer.
    func head(
        _ status: HTTPResponseStatus, _ version: HTTPVersion, _ content: ContentFields, length: Int64?, date: String,
        closes: Bool
    ) -> ByteBuffer {
        let type = content.mediaType.text
        let digest = content.digest.description
        var head = ByteBufferAllocator().buffer(capacity: Self.bytesBeside + type.utf8.count + common.count)
        head.writeString(version == .http1_0 ? "HTTP/1.0 " : "HTTP/1.1 ")
        if status == .ok { head.writeStaticString("200 OK") } else { Self.write(status, to: &head) }
        head.writeStaticString("\r\nContent-Type: ")
        head.writeString(type)
        head.writeStaticString("\r\nDocker-Content-Digest: ")
        head.writeString(digest)
        head.writeStaticString("\r\nETag: \"")
        head.writeString(digest)
        head.writeStaticString("\"\r\n")
        if content.kind == .blob { head.writeBytes(ofBlobs) }
        head.writeStaticString("Date: ")
        head.writeString(date)
        head.writeStaticString("\r\n")
        head.writeBytes(common)
        if let length {
            head.writeStaticString("Content-Length: ")
            head.writeString(String(length))
            head.writeStaticString("\r\n")
        }
        if closes { head.writeStaticString("Connection: close\r\n") }
        head.writeStaticString("\r\n")
        return head
    }

    private static func write(_ status: HTTPResponseStatus, to head: inout ByteBuffer) {
        head.writeString("\(status.code) \(status.reasonPhrase)")
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: tokenMarks.contains(byte)
                }
            }
    }

    private static let tokenMarks = Array("!#$%&'*+-.^_`|~".utf8)

    /// RFC 9110 §5.5: nothing in it can end a line.
    private static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
