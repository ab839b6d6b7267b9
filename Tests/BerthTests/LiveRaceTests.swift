import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryHTTP
import SeededRandom
import Testing

extension EndToEndTests {
    /// Real clients against a collector that never rests: eight of them push images that share layers, pull them, delete them
    /// and push them again, while sweeps of everything run back to back. A push may be refused, for every other sweep keeps no
    /// promise; what was acknowledged is whole whenever it is pulled.
    @Suite struct LiveRaceTests {
        /// `BERTH_RACE_SECONDS=600` makes it the long run.
        private static let seconds =
            ProcessInfo.processInfo.environment["BERTH_RACE_SECONDS"].flatMap { Int($0) } ?? 10
        private static let clients = 8
        /// How often a push is tried before that counts as a failure.
        private static let attemptsMax = 8

        private struct Tally: Sendable {
            var pushes = 0
            var refusals = 0
            var attemptsMost = 0
            var pulls = 0
            var deletions = 0

            static func + (left: Tally, right: Tally) -> Tally {
                Tally(
                    pushes: left.pushes + right.pushes, refusals: left.refusals + right.refusals,
                    attemptsMost: max(left.attemptsMost, right.attemptsMost), pulls: left.pulls + right.pulls,
                    deletions: left.deletions + right.deletions)
            }
        }

        @Test func noClientSeesAnImageWithAHole() async throws {
            var dice = SeededGenerator()
            print("BERTH_SEED=\(dice.seed)")
            let folder = try TemporaryFolder()
            let seeds = (0..<Self.clients).map { _ in dice.next() }
            let end = ContinuousClock.now + .seconds(Self.seconds)
            let tally = try await RegistryProcess.servingAndSweeping(data: "data", in: folder) { registry in
                let tally = await withTaskGroup(of: Tally.self) { group in
                    for (number, seed) in seeds.enumerated() {
                        group.addTask {
                            do {
                                return try await Self.client(number, seed, registry, until: end)
                            } catch {
                                Issue.record("client \(number): \(error)")
                                return Tally()
                            }
                        }
                    }
                    return await group.reduce(Tally()) { $0 + $1 }
                }
                #expect(!registry.process.errors.text.contains("failed:"), "\(registry.process.errors.text)")
                registry.process.signal(SIGKILL)
                return tally
            }
            print("\(tally)")
            #expect(tally.pushes >= Self.clients && tally.pulls >= Self.clients)
        }

        private static func client(
            _ number: Int, _ seed: UInt64, _ registry: RegistryProcess, until end: ContinuousClock.Instant
        ) async throws -> Tally {
            var dice = SeededGenerator(seed: seed)
            let folder = try TemporaryFolder()
            let skopeo = Skopeo(folder: folder, address: registry.address)
            // Two clients for each repository; their images differ in the config, and share layers with all others.
            let repository = "race/app\(number / 2)"
            var tally = Tally()
            repeat {
                let layers = (0..<Int.random(in: 1...3, using: &dice)).map { SampleImage.noise(2000, seed: UInt64($0)) }
                let image = try SampleImage.unpackable(layers, architecture: "c\(number)")
                let name = "\(repository):c\(number)"
                tally = tally + (try await push(image, as: name, skopeo))
                for _ in 0...Int.random(in: 0...1, using: &dice) {
                    try await skopeo.expectPull(of: name, is: image)
                    tally.pulls += 1
                }
                if Bool.random(using: &dice) {
                    try await skopeo.delete(name)
                    tally.deletions += 1
                }
            } while ContinuousClock.now < end
            return tally
        }

        private static func push(_ image: SampleImage, as name: String, _ skopeo: Skopeo) async throws -> Tally {
            var tally = Tally()
            while true {
                do {
                    tally.attemptsMost += 1
                    try await skopeo.push(image, as: name)
                    tally.pushes = 1
                    return tally
                } catch let error as Tool.Failed {
                    // What a collector may cause: a blob that was there is not. Anything else is a fault.
                    let isRefusal = ["blob unknown", "manifest blob unknown", "MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"]
                        .contains { error.description.contains($0) }
                    guard isRefusal, tally.attemptsMost < attemptsMax else { throw error }
                    tally.refusals += 1
                }
            }
        }
    }
}
