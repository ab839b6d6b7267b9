import ImageBuilder
import OCI
import Patience
import RegistryCore
import RegistryHTTP
import Testing

/// Manifests and blobs go out past NIO's encoder, in part past NIO: nobody who reads them sees a difference.
@Suite(.timeLimit(.minutes(2))) struct ContentWireTests {
    private let cargo: Cargo

    init() throws { cargo = try Cargo.shared.get() }

    /// What our own head would have to be looked at for, and which changes nothing in it: has the encoder write every head.
    private static let asEver = [("Docker-Distribution-API-Version", "registry/2.0")]

    private static let targets = [
        "manifests/v1", "manifests/{manifest}", "manifests/{index}", "blobs/{small}", "blobs/{large}", "blobs/{empty}",
        "blobs/{config}", "manifests/nope", "blobs/{absent}",
    ]

    private static let conditions: [[(String, String)]] = [
        [], [("If-None-Match", "\"{manifest}\", \"{small}\"")], [("Range", "bytes=5-20")], [("Range", "bytes=-7")],
        [("Range", "bytes=900000-")], [("Range", "bytes=0-"), ("If-Range", "\"{large}\"")],
    ]

    /// All of it on connections as they come: one with every request together, and those without a condition on one each
    /// that ends.
    private func answers(_ harbour: Harbour) async throws -> [String] {
        var (requests, plain): ([String], [String]) = ([], [])
        for target in Self.targets {
            for condition in Self.conditions {
                let fields = condition.map { "\($0.0): \(cargo.resolve($0.1))\r\n" }.joined()
                for method in ["GET", "HEAD"] {
                    requests.append("\(method) /v2/team/app/\(cargo.resolve(target)) HTTP/1.1\r\nHost: a\r\n\(fields)")
                    if condition.isEmpty { plain.append(requests[requests.count - 1]) }
                }
            }
        }
        let last = requests[0] + "Connection: close\r\n\r\n"
        let together = try await harbour.connect()
        together.sendLater(Array((requests.map { "\($0)\r\n" }.joined() + last).utf8))
        var received = [try await rest(of: together)]
        for request in plain {
            for (version, field) in [("1.1", "Connection: close\r\n"), ("1.0", "")] {
                let alone = try await harbour.connect()
                let text = "\(request.replacing("HTTP/1.1", with: "HTTP/\(version)"))\(field)\r\n"
                try await alone.send(text)
                received.append(try await rest(of: alone))
            }
        }
        return received
    }

    /// Latin letters, so that every byte is one, and no date.
    private func rest(of client: WireClient) async throws -> String {
        var bytes: [UInt8] = []
        while let more = await client.receive() { bytes += more }
        await client.close()
        let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        return text.replacing(/Date: [^\r]*\r\n/, with: "Date: \r\n")
    }

    @Test(arguments: Medium.allCases) func isByteForByteWhatTheEncoderSends(medium: Medium) async throws {
        var both: [[String]] = []
        for headers in [[], Self.asEver] {
            try await Harbour.open(medium, server: { $0.headers = headers }) { harbour in
                try await cargo.load(into: harbour.registry)
                // Once to have them in memory, once from there.
                _ = try await answers(harbour)
                both.append(try await answers(harbour))
            }
        }
        #expect(both[0].count == both[1].count)
        for (ours, theirs) in zip(both[0], both[1]) where ours != theirs {
            Issue.record("\(ours.prefix(2000))\n--- but the encoder:\n\(theirs.prefix(2000))")
        }
        #expect(both[0][0].contains("HTTP/1.1 304 Not Modified") && both[0][0].contains("HTTP/1.1 206 Partial Content"))
    }

    /// One is answered in a task; those behind it wait meanwhile, and each would then begin inside the end of the one before,
    /// as deep as there are.
    @Test(arguments: [Medium.fileSystem, .fileSystemOverTLS], [WireClient.Reading.eagerly, .onDemand])
    func thousandsThatCameTogetherAreAnsweredInOrder(medium: Medium, reading: WireClient.Reading) async throws {
        try await Harbour.open(medium) { harbour in
            try await cargo.load(into: harbour.registry)
            let targets = ["manifests/v1", "blobs/{small}", "manifests/{index}", "blobs/{config}", "manifests/v1"]
                .map { "/v2/team/app/\(cargo.resolve($0))" }
            var bodies: [[UInt8]] = []
            for target in targets { bodies.append(try await harbour.exchange("GET", target).body) }
            let client = try await harbour.connect(reading: reading)
            let (lists, each) = (2, 3000)
            let list = Array(client.head("GET", "/v2/team/app/tags/list").utf8)
            let some = (0..<each).flatMap { Array(client.head("GET", targets[$0 % targets.count]).utf8) }
            client.sendLater((0..<lists).flatMap { _ in list + some })
            for _ in 0..<lists {
                try #require(try await client.answer().status == 200)
                for number in 0..<each {
                    let answer = try await client.answer()
                    try #require(answer.status == 200 && answer.body == bodies[number % targets.count])
                }
            }
            await client.close()
            let count = UInt64(lists * (each + 1) + targets.count)
            try await until { harbour.registry.counters().requests == count }
        }
    }
}
