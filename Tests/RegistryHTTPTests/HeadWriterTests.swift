import NIOCore
import NIOEmbedded
import NIOHTTP1
import OCI
import Testing

@testable import RegistryHTTP

/// A head that is written as bytes is the one that NIO's encoder makes of the same answer.
@Suite struct HeadWriterTests {
    private static let digest = Digest.of(Array("content".utf8))
    private static let extras: [[(String, String)]] = [
        [], [("X-Content-Type-Options", "nosniff"), ("Vary", "Accept"), ("Vary", "Origin"), ("X-Empty", "")],
    ]
    private static let contents = [
        ContentFields.blob(digest), ContentFields(kind: .manifest, mediaType: .ociIndex, digest: digest),
        ContentFields(kind: .manifest, mediaType: MediaType("application/x.\u{FC}"), digest: digest),
        ContentFields(kind: .blob, mediaType: MediaType(""), digest: Digest.of([1], .sha512)),
    ]

    private func request(_ version: HTTPVersion) -> Request {
        Request(
            HTTPRequestHead(version: version, method: .GET, uri: "/v2/a/manifests/1", headers: ["Host": "a"]),
            peer: nil,
            peerText: "local", isTLS: false, addressing: Addressing())
    }

    private func encoded(
        _ response: Response, _ version: HTTPVersion, _ extra: [(String, String)], closes: Bool
    ) throws -> String {
        var head = response.head(to: request(version), version: version, extra: extra, date: DateField.text(0))
        if closes { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        let channel = EmbeddedChannel(handlers: [NIOHTTPResponseHeadersValidator(), HTTPResponseEncoder()].reversed())
        try channel.writeOutbound(HTTPServerResponsePart.head(head))
        return String(buffer: try #require(try channel.readOutbound(as: ByteBuffer.self)))
    }

    @Test(arguments: contents, [HTTPVersion.http1_1, .http1_0])
    func isAsTheEncoderWritesIt(content: ContentFields, version: HTTPVersion) throws {
        for extra in Self.extras {
            let writer = try #require(HeadWriter(extra: extra))
            for status in [
                HTTPResponseStatus.ok, .notModified, .partialContent, .custom(code: 299, reasonPhrase: "So"),
            ] {
                for (length, closes) in [(Int64(0), false), (71, true), (.max, false)] {
                    let response = Response(status, content, body: .unsent(length))
                    let head = writer.head(
                        status, version, content, length: status.mayHaveResponseBody ? length : nil,
                        date: DateField.text(0), closes: closes)
                    #expect(try String(buffer: head) == encoded(response, version, extra, closes: closes))
                }
            }
        }
    }

    @Test(arguments: ["application/x\r\nSet-Cookie: a", "application/x\0", "application/\u{7F}"])
    func aTypeThatCouldEndALineIsNotWritten(type: String) throws {
        let content = ContentFields(kind: .manifest, mediaType: MediaType(type), digest: Self.digest)
        #expect(!HeadWriter.canWrite(content, .http1_1))
        #expect(HeadWriter.canWrite(.blob(Self.digest), .http1_1) && HeadWriter.canWrite(.blob(Self.digest), .http1_0))
        #expect(!HeadWriter.canWrite(.blob(Self.digest), .http2) && !HeadWriter.canWrite(.blob(Self.digest), .http0_9))
    }

    @Test(
        "what the configuration says in place of ours, or may not say, is left to the encoder",
        arguments: [
            ("content-TYPE", "a/b"), ("Cache-Control", "no-store"), ("Connection", "close"), ("Content-Length", "1"),
            ("ETag", "x"), ("Date", "never"), ("Transfer-Encoding", "chunked"), ("X Y", "z"), ("X", "a\r\nb"), ("", ""),
        ]) func aHeadThatNeedsALook(name: String, value: String)
    {
        #expect(HeadWriter(extra: [("X-Good", "1"), (name, value)]) == nil)
    }
}
