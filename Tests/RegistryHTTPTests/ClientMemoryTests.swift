import Foundation
import ImageBuilder
import NIOCore
import NIOHTTP1
import OCI
import Patience
import RegistryCore
import Synchronization
import Testing

@testable import RegistryHTTP

/// What many clients together make the registry hold is bounded, and those that hold it for nothing make room for others.
@Suite(.timeLimit(.minutes(2))) struct ClientMemoryTests {
    private let name: RepositoryName

    init() throws { name = try RepositoryName("a/b") }

    /// Manifests of which the last bytes never come: the registry takes in no more than its budget, tells some that they were
    /// too slow, and an ordinary push gets through meanwhile.
    @Test func manifestsThatAreHeldBackMakeRoom() async throws {
        let most = 1 << 20
        var registry = Registry.Configuration()
        registry.manifestBytesMax = most
        let change = { (server: inout RegistryServer.Configuration) in server.limits.memoryBytesMax = 4 * most }
        try await Harbour.open(.fileSystem, registry: registry, server: change) { harbour in
            let image = try SampleImage(layers: [SampleImage.noise(100, seed: 1)])
            for blob in image.blobs { try await harbour.registry.push(blob: blob, to: name) }
            let part = [UInt8](repeating: 0x20, count: most - 100)
            var held: [WireClient] = []
            for number in 0..<16 {
                let client = try await harbour.connect()
                client.sendLater(Array(client.head("PUT", "/v2/a/b/manifests/h\(number)", length: most).utf8) + part)
                held.append(client)
            }
            let type = [("Content-Type", image.manifest.mediaType.text)]
            let answer = try await harbour.exchange("PUT", "/v2/a/b/manifests/v1", type, body: image.manifest.bytes)
            #expect(answer.status == 201)
            // Sixteen do not fit into four: three in four of them end, and are told why.
            let told = await withTaskGroup(of: Int?.self) { group in
                for client in held { group.addTask { try? await client.answer().status } }
                var told = 0
                while told < 12, let status = await group.next() { told += status == 503 ? 1 : 0 }
                for client in held { await client.close() }
                return told
            }
            #expect(told == 12)
        }
    }

    /// Streams whose window stays shut, more than there is room for: others get in on a connection of their own.
    @Test func streamsWithShutWindowsMakeRoom() async throws {
        var registry = Registry.Configuration()
        registry.manifestBytesMax = 64 << 10
        let change = { (server: inout RegistryServer.Configuration) in server.limits.memoryBytesMax = 2 << 20 }
        try await Harbour.open(.fileSystemOverTLS, registry: registry, server: change) { harbour in
            let blob = SampleImage.Blob(SampleImage.noise(1 << 20, seed: 2))
            try await harbour.registry.push(blob: blob, to: name)
            // Sixty-four fit.
            var shut: [StreamClient] = []
            let ended = Atomic(0)
            for _ in 0..<2 {
                let client = try await StreamClient.connect(harbour.address, tls: true, windowBytes: 0)
                for _ in 0..<50 {
                    let (_, answer) = try await client.begin("GET", "/v2/a/b/blobs/\(blob.digest)", ends: true)
                    answer.whenComplete { _ in ended.wrappingAdd(1, ordering: .relaxed) }
                }
                shut.append(client)
            }
            // Else the next one may come before them, and take a place that was still free.
            try await until { ended.load(ordering: .relaxed) >= 100 - 64 }
            var body: [UInt8]?
            // A stream that found no room was not looked at: it is for the client to send it again.
            try await until {
                let client = try await StreamClient.connect(harbour.address, tls: true)
                body = try? await client.exchange("GET", "/v2/a/b/blobs/\(blob.digest)").body
                await client.close()
                return body != nil
            }
            #expect(body == blob.bytes)
            // Those that found no room, and one that was displaced; their clients may hear of it later than this one was served.
            try await until { ended.load(ordering: .relaxed) > 100 - 64 }
            for client in shut { await client.close() }
            try await until { ended.load(ordering: .relaxed) >= 100 }
            try await until { harbour.registry.transfers.count == 0 }
        }
    }

    /// Longer than one part: without a length, by chunks or to the end of the connection, and the same list either way.
    @Test(arguments: [Medium.memory, .fileSystem, .fileSystemOverTLS])
    func aLongListIsWrittenInParts(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let image = try SampleImage(layers: [])
            let tags = try (0..<3000).map { try OCI.Tag("build-\($0 + 10_000)") }
            try await harbour.registry.push(image, to: name, tag: nil)
            for start in stride(from: 0, to: tags.count, by: 500) {
                _ = try await harbour.registry.putManifest(
                    image.manifest.bytes, contentType: image.manifest.mediaType, reference: .tag(tags[start]),
                    tags: Array(tags[start..<start + 500]), in: name, by: .test)
            }
            let list = #"{"name":"a/b","tags":[""# + tags.map(\.text).joined(separator: #"",""#) + "\"]}\n"
            let client = try await StreamClient.connect(harbour.address, tls: medium.isTLS)
            if medium.isTLS {
                let answer = try await client.exchange("GET", "/v2/a/b/tags/list")
                #expect(answer.text == list, Comment(rawValue: "\(answer.body.count) bytes"))
            }
            await client.close()
            let chunked = try await harbour.connect()
            try await chunked.send(chunked.head("GET", "/v2/a/b/tags/list"))
            let head = try await chunked.receiveHead()
            #expect(head.headers.first(name: "transfer-encoding") == "chunked")
            #expect(head.headers.first(name: "content-length") == nil)
            #expect(try await Self.chunks(chunked) == list)
            // The connection is good for another request.
            #expect(try await chunked.exchange("HEAD", "/v2/a/b/tags/list").status == 200)
            await chunked.close()

            let old = try await harbour.connect()
            try await old.send("GET /v2/a/b/tags/list HTTP/1.0\r\n\r\n")
            var bytes: [UInt8] = []
            while let more = await old.receive() { bytes += more }
            let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n\r\n", maxSplits: 1)
            #expect(parts.first?.lowercased().contains("chunked") == false)
            #expect(parts.last.map { $0 == list } == true)
        }
    }

    private static func chunks(_ client: WireClient) async throws -> String {
        var text = ""
        while true {
            var line = ""
            while !line.hasSuffix("\r\n") { line += String(decoding: try await client.receive(1), as: UTF8.self) }
            let count = try #require(Int(line.dropLast(1), radix: 16))
            text += String(decoding: try await client.receive(count + 2).dropLast(2), as: UTF8.self)
            if count == 0 { return text }
        }
    }

    /// A page of referrers ends before it is too large for who reads it; each is on one of the pages.
    @Test func aPageOfReferrersIsBoundedInBytes() async throws {
        try await Harbour.open(.memory) { harbour in
            let subject = try SampleImage(layers: [])
            try await harbour.registry.push(subject, to: name, tag: nil)
            var digests: Set<String> = []
            for number in 0..<9 {
                let text = String(repeating: "\(number)", count: 1_000_000)
                let manifest = try Manifest(
                    bytes: Array(
                        """
                        {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[],\
                        "annotations":{"a":"\(text)"},"subject":{"mediaType":"\(subject.manifest.mediaType)",\
                        "digest":"\(subject.manifest.digest)","size":\(subject.manifest.bytes.count)}}
                        """.utf8))
                try await harbour.registry.push(manifest, to: name, tag: nil)
                digests.insert(manifest.digest.description)
            }
            var target: String? = "/v2/a/b/referrers/\(subject.manifest.digest)"
            var (found, pages) = (Set<String>(), 0)
            while let here = target {
                let answer = try await harbour.exchange("GET", here)
                #expect(answer.body.count < 5 << 20)
                struct Index: Decodable {
                    struct Entry: Decodable { var digest: String }
                    var manifests: [Entry]
                }
                for entry in try JSONDecoder().decode(Index.self, from: Data(answer.body)).manifests {
                    #expect(found.insert(entry.digest).inserted)
                }
                pages += 1
                target = answer.header("link")?.split(separator: ">").first.map { String($0.dropFirst()) }
            }
            #expect(found == digests)
            #expect(pages == 3)
        }
    }

    /// How long a page may be is for the configuration to say, whatever a page of that length could take.
    @Test func aLongPageIsServedWhereItIsAllowed() async throws {
        let change = { (server: inout RegistryServer.Configuration) in
            server.limits.catalogEntriesMax = Int(Int32.max)
        }
        try await Harbour.open(.memory, server: change) { harbour in
            try await harbour.registry.push(try SampleImage(layers: []), to: name, tag: nil)
            let answer = try await harbour.exchange("GET", "/v2/_catalog?n=1000000")
            #expect(answer.status == 200)
            #expect(answer.text == #"{"repositories":["a/b"]}"# + "\n")
        }
    }

    /// Few connections may have as many streams as others.
    @Test func aSingleConnectionHasItsStreams() async throws {
        let change = { (server: inout RegistryServer.Configuration) in server.limits.connectionsMax = 1 }
        try await Harbour.open(.fileSystemOverTLS, server: change) { harbour in
            let client = try await StreamClient.connect(harbour.address, tls: true)
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 { group.addTask { try await client.exchange("GET", "/v2/").status } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(answers == [Int](repeating: 200, count: 20))
            await client.close()
        }
    }
}
