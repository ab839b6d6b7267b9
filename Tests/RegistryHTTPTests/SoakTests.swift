import Foundation
import ImageBuilder
import Patience
import RegistryCollector
import RegistryCore
import RegistryHTTP
import RegistryStorage
import SeededRandom
import Testing

/// Many clients at once, a hundredth of whose requests end in the middle of a body: nothing of it stays behind.
///
/// `BERTH_SOAK_REQUESTS` sets their number; the full soak has 200,000.
@Suite(.timeLimit(.minutes(60))) struct SoakTests {
    private static let requests =
        ProcessInfo.processInfo.environment["BERTH_SOAK_REQUESTS"].flatMap { Int($0) } ?? 1000
    private static let clients = 64
    /// Bytes that the process may have grown between the first quarter and the end. A short run is over before every pool
    /// and arena has filled.
    private static let bytesGrowthMax = requests < 100_000 ? 128 << 20 : 48 << 20

    @Test(arguments: [Medium.fileSystem, .fileSystemOverTLS]) func nothingIsLeftBehind(medium: Medium) async throws {
        let before = Self.openFiles()
        var random = SeededGenerator()
        print("seed \(random.seed)")
        var registry = Registry.Configuration()
        registry.uploadsPerRepositoryMax = Self.requests
        let change = { (server: inout RegistryServer.Configuration) in server.http2WithoutTLSEnabled = true }
        try await Harbour.open(medium, registry: registry, server: change) { harbour in
            // Half of the requests first, to have something to compare the memory with.
            let early = try await run(Self.requests / 4, on: harbour, &random)
            let bytesEarly = Self.bytesResident()
            let late = try await run(Self.requests - Self.requests / 4, on: harbour, &random)
            let bytesLate = Self.bytesResident()
            print(
                "\(medium): \(early.requests + late.requests) requests, \(early.cut + late.cut) cut,",
                "resident \(bytesEarly >> 20) MiB, then \(bytesLate >> 20) MiB")
            #expect(early.failures + late.failures == [])
            #expect(bytesLate - bytesEarly < Self.bytesGrowthMax)

            try await until { harbour.server.connectionCount == 0 }
            try await until { harbour.registry.transfers.count == 0 }
            // What a client left open is there to be continued, and nothing else.
            let expected = early.sessions.union(late.sessions)
            try await until { try await Self.sessions(harbour.registry) == expected }
            for session in expected.prefix(20) {
                let parts = session.split(separator: "/")
                let target = "/v2/\(parts.dropLast().joined(separator: "/"))/blobs/uploads/\(parts.last ?? "")"
                #expect(try await harbour.exchange("GET", target).status == 204)
            }
            let purged = try await harbour.registry.collector.purgeUploads(olderThan: -10, dryRun: false, by: .test)
            #expect(purged == expected.count)
            #expect(try await Self.sessions(harbour.registry).isEmpty)
        }
        try await until { Self.openFiles() <= before + Self.filesKept }
    }

    /// Descriptors that the first use of an event loop or of the index keeps for the life of the process.
    private static let filesKept = 16

    private func run(_ requests: Int, on harbour: Harbour, _ random: inout SeededGenerator) async throws -> Soak.Tally {
        let soak = try Soak(harbour, requests: requests)
        let seeds = (0..<Self.clients).map { _ in random.next() }
        await withTaskGroup(of: Void.self) { group in
            for (number, seed) in seeds.enumerated() {
                group.addTask {
                    var client = SoakClient(soak, isHTTP2: number.isMultiple(of: 2), seed: seed)
                    await client.run()
                }
            }
        }
        return soak.result
    }

    private static func sessions(_ registry: Registry) async throws -> Set<String> {
        var found: Set<String> = []
        for name in try await registry.storage.list(Layout.repositories.appending("soak")) ?? [] {
            let uploads = Layout.repositories.appending("soak").appending(name.name).appending("_uploads")
            for entry in try await registry.storage.list(uploads) ?? [] {
                found.insert("soak/\(name.name)/\(entry.name)")
            }
        }
        return found
    }

    private static func openFiles() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }

    private static func bytesResident() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let fields = status.split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4096
    }
}
