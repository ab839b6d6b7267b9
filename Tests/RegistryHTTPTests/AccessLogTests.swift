import ImageBuilder
import OCI
import Patience
import RegistryCore
import RegistryHTTP
import Synchronization
import Testing

/// What the server says of its answers: one line each, of the request that was answered.
@Suite(.timeLimit(.minutes(1))) struct AccessLogTests {
    private final class Lines: Sendable {
        private let records = Mutex<[AccessRecord]>([])
        func add(_ record: AccessRecord) { records.withLock { $0.append(record) } }
        var all: [AccessRecord] { records.withLock { $0 } }
    }

    @Test(arguments: Medium.allCases) func everyAnswerIsALine(medium: Medium) async throws {
        let (lines, cargo) = (Lines(), try Cargo.shared.get())
        try await Harbour.open(medium, server: { $0.accessLog = { lines.add($0) } }) { harbour in
            try await cargo.load(into: harbour.registry)
            let client = try await harbour.connect()
            // In one packet: a line is of the request that was answered, not of the one that came in since.
            let requests = [
                ("GET", "/v2/team/app/manifests/v1?x=1", 200, "manifest"), ("GET", "/v2/team/app/tags/nope", 404, nil),
                ("HEAD", "/v2/team/app/blobs/{large}", 200, nil), ("GET", "/v2/team/app/blobs/{large}", 200, "large"),
                ("DELETE", "/v2/_catalog", 405, nil),
            ]
            try await client.send(
                requests.map { client.head($0.0, cargo.resolve($0.1), [("User-Agent", "a/1")]) }.joined())
            for request in requests { _ = try await client.answer(toHead: request.0 == "HEAD") }
            // One more answer comes after the line of the one before.
            _ = try await client.exchange("GET", "/v2/")
            let records = lines.all.prefix(requests.count)
            #expect(records.map(\.method) == requests.map(\.0))
            #expect(records.map(\.uri) == requests.map { cargo.resolve($0.1) })
            #expect(records.map(\.status) == requests.map(\.2))
            #expect(records.allSatisfy { $0.userAgent == "a/1" && $0.version == "HTTP/1.1" && $0.seconds >= 0 })
            #expect(records.allSatisfy { $0.address.hasPrefix("127.0.0.1:") })
            for (record, request) in zip(records, requests) {
                guard let name = request.3 else { continue }
                #expect(record.bytes == Int64(cargo.contents[name]?.count ?? -1))
            }
            let counters = harbour.registry.counters()
            #expect(counters.requests >= 5)
            #expect(counters.errors == 2)
            await client.close()
        }
    }

    /// Who broke off is seen too, with what went out.
    @Test(arguments: Medium.allCases) func aDownloadGivenUpIsALine(medium: Medium) async throws {
        let lines = Lines()
        let blob = SampleImage.Blob([UInt8](repeating: 7, count: 24 << 20))
        try await Harbour.open(medium, server: { $0.accessLog = { lines.add($0) } }) { harbour in
            try await harbour.registry.push(blob: blob, to: try RepositoryName("a"))
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(blob.digest)"))
            #expect(try await client.receiveHead().status == 200)
            await client.close()
            try await until { !lines.all.isEmpty }
            #expect(lines.all.map(\.status) == [200])
            #expect(lines.all.allSatisfy { $0.bytes < 24 << 20 })
        }
    }

    /// What one request did has its number, and no other has it.
    @Test func eventsSayWhichRequestTheyAreOf() async throws {
        let cargo = try Cargo.shared.get()
        try await Harbour.open(.memory) { harbour in
            try await cargo.load(into: harbour.registry)
            let events = harbour.registry.events.subscribe(by: .test)
            for _ in 0..<2 { _ = try await harbour.exchange("GET", "/v2/team/app/manifests/v1") }
            _ = try await harbour.exchange("DELETE", cargo.resolve("/v2/team/app/manifests/{manifest}"))
            let told = events.take().events
            // Its tags go with the manifest, each an event of its own.
            let requests = told.map(\.client.request)
            let deletions = told.filter { event in
                switch event.action {
                case .tagDeleted, .manifestDeleted: true
                default: false
                }
            }
            #expect(deletions.count >= 2 && Set(deletions.map(\.client.request)).count == 1)
            #expect(!requests.contains(nil) && Set(requests).count == 3)
        }
    }
}
