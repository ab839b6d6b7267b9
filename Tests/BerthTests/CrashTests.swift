import Foundation
import Glibc
import ImageBuilder
import OCI
import PlainHTTP
import RegistryCollector
import RegistryCore
import RegistryHTTP
import RegistryIndex
import RegistryStorage
import SeededRandom
import Synchronization
import Testing

extension EndToEndTests {
    /// The registry is killed at random moments under clients that push, delete and pull, and under sweeps that spare
    /// nothing, and started again: every push that was acknowledged is there byte for byte, nothing that was acknowledged as
    /// deleted comes back, no file is served by halves, and the index says what the tree says.
    @Suite struct CrashTests {
        /// `BERTH_CRASH_ROUNDS=1000` makes it the long run.
        private static let rounds =
            ProcessInfo.processInfo.environment["BERTH_CRASH_ROUNDS"].flatMap { Int($0) } ?? 20
        private static let clients = 4
        /// Clients block the threads they run on.
        private static let executor = BlockingExecutor(threads: clients)
        /// Milliseconds of work before a kill, at most: from the first request to some hundred of them.
        private static let millisecondsMax = 400
        /// Rounds between two comparisons of the index with one that is built from nothing.
        private static let comparisonPeriod = 4

        @Test func whatWasAcknowledgedSurvives() async throws {
            var dice = SeededGenerator()
            let seed: Comment = "BERTH_SEED=\(dice.seed)"
            let folder = try TemporaryFolder()
            var clients = try (0..<Self.clients).map { try CrashClient(number: $0, seed: dice.next()) }
            for round in 1...Self.rounds {
                let moment = Duration.microseconds(
                    Int64.random(in: 0..<Int64(Self.millisecondsMax) * 1000, using: &dice))
                clients = try await RegistryProcess.servingAndSweeping(data: "data", in: folder) { registry in
                    let verified = try await Self.concurrently(clients, registry) { $0.verify($1) }
                    return try await Self.concurrently(verified, registry, killingAfter: moment) { $0.work($1) }
                }
                let complaints = clients.flatMap(\.complaints)
                #expect(complaints.isEmpty, "\(seed), round \(round)")
                guard complaints.isEmpty else { return }
                if round.isMultiple(of: Self.comparisonPeriod) || round == Self.rounds {
                    try await Self.expectAgreement(folder.path("data"), seed)
                }
            }
            print("\(Self.rounds) kills, \(clients.reduce(0) { $0 + $1.requests }) requests, \(seed)")
        }

        /// Each client on a thread and a connection of its own.
        private static func concurrently(
            _ clients: [CrashClient], _ registry: RegistryProcess, killingAfter moment: Duration? = nil,
            _ work: @escaping @Sendable (inout CrashClient, PlainClient) -> Void
        ) async throws -> [CrashClient] {
            try await withThrowingTaskGroup(of: (Int, CrashClient).self) { group in
                for (number, client) in clients.enumerated() {
                    group.addTask(executorPreference: executor) {
                        let connection = try PlainClient(address: registry.address)
                        var client = client
                        work(&client, connection)
                        return (number, client)
                    }
                }
                if let moment {
                    // The moment is what is tried here: no event of the registry's may tell when it comes.
                    try await ContinuousClock().sleep(for: moment)
                    registry.process.signal(SIGKILL)
                }
                var results = clients
                for try await (number, client) in group { results[number] = client }
                return results
            }
        }

        /// What a start makes of the index is what a rebuild makes of nothing, and the tree has no wounds.
        private static func expectAgreement(_ data: String, _ seed: Comment) async throws {
            let storage = try FileSystemDriver(root: data)
            let index = try ReferenceIndex(path: "\(data)/berth/index.sqlite")
            let registry = Registry(storage: storage, index: index)
            try await registry.collector.reconcile(by: .test)
            let rebuilt = try ReferenceIndex(path: nil)
            try await Registry(storage: storage, index: rebuilt).collector.reconcile(by: .test)
            let (now, then) = (try IndexContent(index), try IndexContent(rebuilt))
            #expect(now.repositories == then.repositories, seed)
            #expect(now.blobs == then.blobs, seed)
            // The history of a tag is written before the tag: a crash between the two leaves the first alone.
            let findings = try await registry.collector.check(CheckOptions(hashesBytes: true), by: .test).findings
            #expect(findings.filter { $0.kind != .emptyTag } == [], seed)
        }
    }
}
