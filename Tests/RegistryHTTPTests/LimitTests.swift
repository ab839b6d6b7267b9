import BriefText
import Foundation
import ImageBuilder
import NIOCore
import OCI
import Patience
import RegistryCore
import RegistryHTTP
import Testing

/// What one client may take, on the wire: it is cut off in words where words still reach it, and leaves nothing.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
    /// Seconds: short, for the test waits for them.
    private static let short = 0.3

    @Test(arguments: [
        ("a header of a megabyte", Brief([("X-Large", String(repeating: "a", count: 1 << 20))])),
        ("ten thousand headers", Brief((0..<10_000).map { ("X-\($0)", "a") })),
        (
            "many headers that are large together",
            Brief((0..<100).map { ("X-\($0)", String(repeating: "a", count: 1000)) })
        ),
    ])
    func headersBeyondTheLimitAreRefusedAndTheConnectionCloses(
        what: String, headers: Brief<[(String, String)]>
    ) async throws {
        try await Harbour.open(.memory) { harbour in
            let client = try await harbour.connect()
            client.sendLater(Array(client.head("GET", "/v2/", headers.value).utf8))
            let answer = try await client.answer()
            #expect(answer.status == 431)
            #expect(answer.closes)
            #expect(answer.text.contains("headers of"))
            #expect(try await harbour.exchange("GET", "/v2/").status == 200)
        }
    }

    @Test func headersUpToTheLimitAreTaken() async throws {
        try await Harbour.open(.memory) { harbour in
            let many = (0..<120).map { ("X-\($0)", "a") }
            let large = [("X-Large", String(repeating: "a", count: 60_000))]
            let answer = try await harbour.exchange("GET", "/v2/", many)
            #expect(answer.status == 200)
            let other = try await harbour.exchange("GET", "/v2/", large)
            #expect(other.status == 200)
        }
    }

    @Test(arguments: [Medium.memory, .fileSystemOverTLS])
    func slowlorisOnHeadersIsCutOff(medium: Medium) async throws {
        try await Harbour.open(medium, server: { $0.limits.headSecondsMax = Self.short }) { harbour in
            let client = try await harbour.connect()
            try await client.send("GET /v2/ HTTP/1.1\r\nHost: a\r\nX-")
            #expect(await client.isClosedByServer())
            // Whoever has not even spoken is no better.
            let silent = try await harbour.connect()
            #expect(await silent.isClosedByServer())
        }
    }

    /// The client is told, the session of a chunk keeps what came, that of a single POST goes.
    @Test(arguments: [Medium.fileSystem, .fileSystemOverTLS])
    func slowlorisOnABodyIsCutOff(medium: Medium) async throws {
        try await Harbour.open(medium, server: { $0.limits.bodySecondsMax = Self.short }) { harbour in
            let digest = Digest.of([1, 2, 3])
            let single = try await harbour.connect()
            try await single.send(single.head("POST", "/v2/a/blobs/uploads/?digest=\(digest)", length: 3) + "x")
            let told = try await single.answer()
            #expect(told.status == 408)
            #expect(told.closes)
            #expect(await single.isClosedByServer())

            let started = try await harbour.exchange("POST", "/v2/a/blobs/uploads/")
            let location = try #require(started.location)
            let chunk = try await harbour.connect()
            try await chunk.send(chunk.head("PATCH", location, length: 3) + "x")
            #expect(try await chunk.answer().status == 408)
            let id = try #require(started.header("docker-upload-uuid"))
            let status = try await harbour.exchange("GET", "/v2/a/blobs/uploads/\(id)")
            #expect(status.header("range") == "0-0")
            #expect(harbour.registry.transfers.count == 0)
            let root = try #require(harbour.root)
            let sessions = try FileManager.default.contentsOfDirectory(
                atPath: "\(root)/docker/registry/v2/repositories/a/_uploads")
            #expect(sessions == [id])
        }
    }

    @Test func slowlorisOnAStreamIsCutOffAndTheOthersGoOn() async throws {
        try await Harbour.open(.fileSystemOverTLS, server: { $0.limits.bodySecondsMax = Self.short }) { harbour in
            let client = try await StreamClient.connect(harbour.address, tls: true)
            let digest = Digest.of([1, 2, 3])
            let (_, slow) = try await client.begin(
                "POST", "/v2/a/blobs/uploads/?digest=\(digest)", [("content-length", "3")], body: [1], ends: false)
            #expect(try await client.exchange("GET", "/v2/").status == 200)
            #expect(try await slow.get().status == 408)
            #expect(try await client.exchange("GET", "/v2/").status == 200)
            await client.close()
        }
    }

    /// Ten times the limit in all, never the limit at once.
    @Test func aSlowUploadThatMovesIsNotCutOff() async throws {
        try await Harbour.open(.memory, server: { $0.limits.bodySecondsMax = 1 }) { harbour in
            let blob = SampleImage.Blob(SampleImage.noise(20, seed: 1))
            let client = try await harbour.connect()
            try await client.send(client.head("POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", length: 20))
            for byte in blob.bytes {
                // The slowness is what is tried.
                try await Task.sleep(for: .milliseconds(100))
                try await client.send([byte])
            }
            #expect(try await client.answer().status == 201)
            await client.close()
        }
    }

    @Test(arguments: [Medium.memory, .fileSystem, .fileSystemOverTLS])
    func aClientThatTakesNothingOfItsAnswerIsCutOff(medium: Medium) async throws {
        try await Harbour.open(medium, server: { $0.limits.answerSecondsMax = Self.short }) { harbour in
            let blob = SampleImage.Blob(SampleImage.noise(32 << 20, seed: 1))
            try await harbour.registry.push(blob: blob, to: try RepositoryName("a"))
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(blob.digest)"))
            #expect(try await client.receiveHead().status == 200)
            try await until { harbour.registry.transfers.count == 0 }
            try await until { harbour.server.connectionCount == 0 }
            await client.close()
        }
    }

    /// Slower than the limit would have it for what the server hands over at once, yet never still.
    @Test(arguments: Medium.allCases) func aClientThatTakesItsAnswerSlowlyIsNotCutOff(medium: Medium) async throws {
        try await Harbour.open(medium, server: { $0.limits.answerSecondsMax = 0.5 }) { harbour in
            let blob = SampleImage.Blob(SampleImage.noise(12 << 20, seed: 1))
            try await harbour.registry.push(blob: blob, to: try RepositoryName("a"))
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(blob.digest)"))
            #expect(try await client.receiveHead().status == 200)
            var left = blob.bytes.count
            while left > 0 {
                // The slowness is what is tried.
                try await Task.sleep(for: .milliseconds(60))
                let part = try await client.receive(min(left, 256 << 10))
                left -= part.count
            }
            await client.close()
        }
    }

    @Test(arguments: Transport.allCases.filter { $0 != .direct })
    func aConnectionThatRestsTooLongIsClosed(transport: Transport) async throws {
        let change = { (server: inout RegistryServer.Configuration) in
            transport.prepare(&server)
            server.limits.idleSecondsMax = Self.short
        }
        try await Harbour.open(transport.medium, server: change) { harbour in
            let voice = try await transport.connect(harbour)
            #expect(try await voice.exchange("GET", "/v2/", [], body: nil).status == 200)
            #expect(await voice.isClosedByServer())
        }
    }

    /// The third is not refused: it waits in the kernel's queue.
    @Test func aConnectionBeyondTheLimitWaitsForOneToGo() async throws {
        try await Harbour.open(.memory, server: { $0.limits.connectionsMax = 2 }) { harbour in
            let (first, second) = (try await harbour.connect(), try await harbour.connect())
            #expect(try await first.exchange("GET", "/v2/").status == 200)
            #expect(try await second.exchange("GET", "/v2/").status == 200)
            var waiting: [WireClient] = []
            for _ in 0..<5 {
                let client = try await harbour.connect()
                try await client.send(client.head("GET", "/v2/", [("Connection", "close")]))
                waiting.append(client)
            }
            #expect(try await first.exchange("GET", "/v2/").status == 200)
            #expect(harbour.server.connectionCount == 2)
            await second.close()
            for client in waiting { #expect(try await client.answer().status == 200) }
            #expect(try await first.exchange("GET", "/v2/").status == 200)
            await first.close()
        }
    }

    /// One call of the system accepts several.
    @Test func oneThatGoesMakesRoomForOne() async throws {
        try await Harbour.open(.memory, server: { $0.limits.connectionsMax = 2 }) { harbour in
            let (first, second) = (try await harbour.connect(), try await harbour.connect())
            for client in [first, second] { #expect(try await client.exchange("GET", "/v2/").status == 200) }
            var clients = [second]
            for _ in 0..<6 {
                let client = try await harbour.connect()
                try await client.send(client.head("GET", "/v2/"))
                clients.append(client)
            }
            for (gone, next) in zip(clients, clients.dropFirst()) {
                await gone.close()
                #expect(try await next.answer().status == 200)
                for _ in 0..<20 { #expect(try await first.exchange("GET", "/v2/").status == 200) }
                #expect(harbour.server.connectionCount == 2)
            }
            await clients.last?.close()
            await first.close()
        }
    }

    @Test func pagesFollowTheConfiguration() async throws {
        let change = { (server: inout RegistryServer.Configuration) in
            server.limits.catalogEntriesMax = 2
            server.limits.tagsMax = 2
        }
        try await Harbour.open(.memory, server: change) { harbour in
            try await Cargo.shared.get().load(into: harbour.registry)
            #expect(try await harbour.exchange("GET", "/v2/_catalog?n=3").status == 400)
            let page = try await harbour.exchange("GET", "/v2/_catalog")
            #expect(page.header("link") == "</v2/_catalog?last=spare&n=2>; rel=\"next\"")
            let tags = try await harbour.exchange("GET", "/v2/team/app/tags/list?n=1000")
            #expect(tags.header("link") == "</v2/team/app/tags/list?last=v1&n=2>; rel=\"next\"")
        }
    }
}
