import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import RegistryHTTP

/// An answer whose head is made already passes between two that are not, on one connection.
@Suite struct AnswerEncoderTests {
    private let encoder = AnswerEncoder(isTLS: false)
    private let channel: EmbeddedChannel

    init() throws {
        channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandlers([encoder, HTTPServerPipelineHandler()])
    }

    private func ask(_ version: HTTPVersion = .http1_1) throws {
        let head = HTTPRequestHead(version: version, method: .GET, uri: "/", headers: ["Host": "a"])
        try channel.writeInbound(HTTPServerRequestPart.head(head))
    }

    private func write(_ part: HTTPServerResponsePart) throws { try channel.writeOutbound(part) }

    private func written() throws -> String {
        var text = ""
        while let data = try channel.readOutbound(as: IOData.self) {
            if case .byteBuffer(let buffer) = data { text += String(buffer: buffer) }
        }
        return text
    }

    /// The end of the one would else be written by the rules of the other: a list without a length is framed in chunks.
    @Test func eachAnswerIsFramedByItsOwnHead() throws {
        for _ in 1...2 {
            try ask()
            try channel.writeInbound(HTTPServerRequestPart.end(nil))
            try write(.head(HTTPResponseHead(version: .http1_1, status: .ok)))
            try write(.body(.byteBuffer(ByteBuffer(string: "list"))))
            try write(.end(nil))
            #expect(try written() == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nlist\r\n0\r\n\r\n")
            try ask()
            try channel.writeInbound(HTTPServerRequestPart.end(nil))
            encoder.expectHead()
            try write(.head(HTTPResponseHead(version: .http1_1, status: .ok)))
            try write(.body(.byteBuffer(ByteBuffer(string: "head and body"))))
            try write(.body(.byteBuffer(ByteBuffer(string: ", more"))))
            try write(.end(nil))
            #expect(try written() == "head and body, more" && !encoder.closes)
        }
        #expect(encoder.socketToWrite() == nil)
    }

    @Test(arguments: [(HTTPVersion.http1_1, true), (.http1_0, false)])
    func aServerThatStopsSaysSoInTheHead(version: HTTPVersion, closes: Bool) throws {
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/unused")).wait()
        try ask(version)
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        encoder.expectHead()
        try write(.head(HTTPResponseHead(version: version, status: .ok)))
        #expect(encoder.closes == closes)
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        try write(.body(.byteBuffer(ByteBuffer(string: "answer"))))
        try write(.end(nil))
        #expect(try written() == "answer")
        #expect(!channel.isActive)
    }
}
