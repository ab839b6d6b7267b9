import ImageBuilder
import NIOCore
import NIOHTTP2
import OCI
import Patience
import RegistryCore
import RegistryHTTP
import Testing

/// HTTP/2 as such; what is answered over it is in the conversations.
@Suite(.timeLimit(.minutes(1))) struct HTTP2Tests {
    private static let transports = [Transport.http2, .http2TLS]

    private func open(
        _ transport: Transport, _ change: @escaping (inout RegistryServer.Configuration) -> Void = { _ in },
        _ body: (Harbour, StreamClient) async throws -> Void
    ) async throws {
        let prepare = { (settings: inout RegistryServer.Configuration) in
            transport.prepare(&settings)
            change(&settings)
        }
        try await Harbour.open(transport.medium, server: prepare) { harbour in
            let client = try await StreamClient.connect(harbour.address, tls: harbour.isTLS)
            try await body(harbour, client)
            await client.close()
        }
    }

    /// Larger than all windows and buffers on the way, up and down, several at once on one connection.
    @Test(arguments: transports) func streamsDoNotRunIntoEachOther(transport: Transport) async throws {
        try await open(transport) { harbour, client in
            let blobs = (1...4).map { SampleImage.Blob(SampleImage.noise(3 << 20, seed: $0)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for blob in blobs {
                    group.addTask {
                        let pushed = try await client.exchange(
                            "POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", body: blob.bytes)
                        #expect(pushed.status == 201)
                        let pulled = try await client.exchange("GET", "/v2/a/blobs/\(blob.digest)")
                        let isSame = pulled.body == blob.bytes
                        #expect(isSame)
                    }
                    group.addTask {
                        let answer = try await client.exchange("GET", "/v2/")
                        #expect(answer.status == 200)
                    }
                }
                try await group.waitForAll()
            }
            #expect(harbour.registry.transfers.count == 0)
            #expect(harbour.server.connectionCount == 1)
        }
    }

    /// A client that says too early that it wants no more does not take the connection with it.
    @Test(arguments: transports) func aStreamThatIsCutLeavesTheOthers(transport: Transport) async throws {
        try await open(transport) { harbour, client in
            let (stream, answer) = try await client.begin(
                "POST", "/v2/a/blobs/uploads/?digest=\(Digest.of([1, 2]))", [("content-length", "2")], body: [1],
                ends: false)
            try await until { harbour.registry.transfers.count == 1 }
            stream.close(promise: nil)
            await #expect(throws: (any Error).self) { _ = try await answer.get() }
            try await until { harbour.registry.transfers.count == 0 }
            #expect(try await client.exchange("GET", "/v2/").status == 200)
        }
    }

    /// The kernel is asked what of the connection was taken, for a stream it does not know.
    @Test(arguments: transports) func aStreamThatStandsStillLastsWithItsConnection(transport: Transport) async throws {
        let secondsMax = 0.4
        try await open(transport, { $0.limits.answerSecondsMax = secondsMax }) { harbour, client in
            // More than the window of a stream.
            let blob = SampleImage.Blob(SampleImage.noise(300_000, seed: 1))
            try await harbour.registry.push(blob: blob, to: try RepositoryName("a"))
            let (stream, answer) = try await client.begin("GET", "/v2/a/blobs/\(blob.digest)", ends: true, takes: false)
            let end = ContinuousClock.now + .seconds(4 * secondsMax)
            while ContinuousClock.now < end { #expect(try await client.exchange("GET", "/v2/").status == 200) }
            try await stream.setOption(.autoRead, value: true).get()
            stream.read()
            let isWhole = try await answer.get().body == blob.bytes
            #expect(isWhole)
        }
    }

    /// It is answered at once; the rest of the body is let pass, and the connection serves on.
    @Test(arguments: transports) func anEarlyNoDoesNotEndTheConnection(transport: Transport) async throws {
        try await open(transport) { harbour, client in
            let body = [UInt8](repeating: 0, count: 200_000)
            let refused = try await client.exchange("PUT", "/v2/a/blobs/nonsense", body: body)
            #expect(refused.status == 400)
            #expect(try await client.exchange("GET", "/v2/").status == 200)
            #expect(harbour.server.connectionCount == 1)
        }
    }

    /// CVE-2023-44487: opening and resetting streams costs the client little and the server much.
    @Test(arguments: transports) func h2RapidResetIsBounded(transport: Transport) async throws {
        try await open(transport) { harbour, client in
            let closed = client.connection.closeFuture
            // Either side may be the first to see that the other has gone.
            for _ in 0..<500 {
                guard let (stream, answer) = try? await client.begin("GET", "/v2/_catalog", ends: false) else { break }
                stream.close(promise: nil)
                _ = try? await answer.get()
            }
            try await closed.get()
            #expect(try await harbour.connectAnew(transport).exchange("GET", "/v2/", [], body: nil).status == 200)
        }
    }

    /// In one frame: NIO's client does not send more. The time limit of a head would end it too, much later.
    @Test(arguments: transports) func headersBeyondTheLimitAreRefused(transport: Transport) async throws {
        let change = { (settings: inout RegistryServer.Configuration) in
            settings.limits.headerBytesMax = 4096
            settings.limits.headSecondsMax = 3600
        }
        try await open(transport, change) { harbour, client in
            // The limit holds once the client has heard of it (RFC 9113 §6.5.3).
            #expect(try await client.exchange("GET", "/v2/").status == 200)
            let headers = (0..<8).map { ("x-\($0)", String(repeating: "a", count: 1000)) }
            await #expect(throws: (any Error).self) { try await client.exchange("GET", "/v2/", headers) }
            let answer = try await harbour.connectAnew(transport).exchange("GET", "/v2/", [], body: nil)
            #expect(answer.status == 200)
        }
    }

    @Test func aStopLetsAStreamEnd() async throws {
        try await open(.http2TLS) { harbour, client in
            let blob = SampleImage.Blob(SampleImage.noise(100, seed: 1))
            let (stream, answer) = try await client.begin(
                "POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", [("content-length", "100")], ends: false)
            try await until { harbour.registry.transfers.count == 1 }
            async let stopped: Void = harbour.server.stop(drainingFor: 30)
            try await until { (try? await WireClient.connect(harbour.address)) == nil }
            stream.write(HTTPClientPart.body(blob.bytes), promise: nil)
            stream.writeAndFlush(HTTPClientPart.end, promise: nil)
            #expect(try await answer.get().status == 201)
            await stopped
            #expect(harbour.server.connectionCount == 0)
        }
    }

    /// A client without ALPN, and one that wants HTTP/1, are served as before.
    @Test func whoDoesNotAskForItIsServedHTTP1() async throws {
        try await Harbour.open(.fileSystemOverTLS) { harbour in
            let answer = try await harbour.exchange("GET", "/v2/")
            #expect(answer.status == 200)
        }
    }

    @Test func itCanBeTurnedOff() async throws {
        var files = try Certificate.files.get()
        files.offersHTTP2 = false
        let certificates = try TLSCertificates(files)
        try await Harbour.open(.fileSystemOverTLS, server: { $0.tls = certificates }) { harbour in
            let client = try await StreamClient.connect(harbour.address, tls: true)
            await #expect(throws: (any Error).self) { try await client.exchange("GET", "/v2/") }
            await client.close()
            #expect(try await harbour.exchange("GET", "/v2/").status == 200)
        }
    }

    @Test func withoutTLSItIsOffUnlessAskedFor() async throws {
        try await Harbour.open(.memory) { harbour in
            let client = try await harbour.connect()
            try await client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            #expect(try await client.answer().status == 400)
        }
    }

    /// Where HTTP/2 is looked for, a request that comes in pieces is still one.
    @Test(arguments: ["P", "PR", "PRI", "G"]) func aRequestThatBeginsLikeThePrefaceIsHTTP1(first: String) async throws {
        try await Harbour.open(.memory, server: { $0.http2WithoutTLSEnabled = true }) { harbour in
            let client = try await harbour.connect()
            try await client.send(first)
            let rest = first == "G" ? "ET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n" : "X /v2/ HTTP/1.1\r\nHost: a\r\n\r\n"
            try await client.send(rest)
            #expect(try await client.answer().status == (first == "G" ? 200 : 400))
        }
    }
}
