import NIOCore
import NIOEmbedded
import Testing

@testable import RegistryHTTP

/// Which protocol a client without TLS begins with.
@Suite struct PrefaceDetectorTests {
    private static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    /// What was decided, and how often.
    private final class Decisions {
        var made: [Bool] = []
    }

    private func channel(_ decisions: Decisions, then more: String? = nil) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            PrefaceDetector { isHTTP2, channel in
                decisions.made.append(isHTTP2)
                // As NIO does when what the new pipeline writes at once fails: it reads what the peer left behind.
                if let more { channel.pipeline.fireChannelRead(ByteBuffer(string: more)) }
            })
        return channel
    }

    private func passed(_ channel: EmbeddedChannel) throws -> String {
        var text = ""
        while let buffer = try channel.readInbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    @Test func aPrefaceInPiecesIsOne() throws {
        let decisions = Decisions()
        let channel = try channel(decisions)
        for byte in Self.preface.utf8 { try channel.writeInbound(ByteBuffer(bytes: [byte])) }
        #expect(decisions.made == [true])
        try channel.writeInbound(ByteBuffer(string: "more"))
        #expect(try passed(channel) == Self.preface + "more")
    }

    @Test func anythingElseIsHTTP1() throws {
        let decisions = Decisions()
        let channel = try channel(decisions)
        try channel.writeInbound(ByteBuffer(string: "PRI * HTTP/1"))
        #expect(decisions.made == [false])
        #expect(try passed(channel) == "PRI * HTTP/1")
    }

    /// A second pipeline behind the first ended the process.
    @Test func whatComesWhileThePipelineIsMadeWaits() throws {
        let decisions = Decisions()
        let channel = try channel(decisions, then: "more")
        try channel.writeInbound(ByteBuffer(string: Self.preface))
        #expect(decisions.made == [true])
        #expect(try passed(channel) == Self.preface + "more")
    }
}
