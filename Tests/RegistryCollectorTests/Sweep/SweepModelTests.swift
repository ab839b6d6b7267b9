import Foundation
import RegistryIndex
import SeededRandom
import StorageProbes
import Testing

/// Random schedules of clients, collector and crashes against a model: whatever was acknowledged and not deleted can be
/// pulled byte for byte after every step, and when all is deleted nothing is left.
///
/// A thousand schedules in the suite; `BERTH_SCHEDULES=100000` for a long run.
@Suite struct SweepModelTests {
    /// Steps of one schedule.
    private static let steps = 12

    /// Seeds that once failed stay here; the environment can add others.
    private static let seeds: [UInt64] =
        Array(1...20) + [13_523_541_845_997_479_445, 13_909_367_624_930_540_511, 17_820_566_547_840_824_684]
        + (ProcessInfo.processInfo.environment["BERTH_SEED"].flatMap { UInt64($0) }.map { [$0] } ?? [])

    @Test(arguments: seeds) func whatIsHeldIsPullableAndTheRestGoes(_ seed: UInt64) async throws {
        let index = try ReferenceIndex(path: nil)
        try await CollectorSchedule(seed: seed, world: try CollectorWorld(), index: index).run(steps: 60)
    }

    @Test func aThousandSchedulesWithCrashesLoseNothing() async throws {
        try await run(Self.count ?? 1000) { FaultyDriver() }
    }

    /// The same where nothing can be renamed, and a call of the storage is many requests of which each may be the last.
    @Test func schedulesOnAnObjectStoreLoseNothing() async throws {
        try await run(Self.count ?? 300) { ObjectDriver(ObjectStore(partBytesMin: 200)) }
    }

    /// Seeds that once failed there.
    @Test(arguments: [12_012_692_074_685_007_080, 185_263_003_637_012_776] as [UInt64])
    func seedsThatFailedOnAnObjectStore(_ seed: UInt64) async throws {
        let driver = ObjectDriver(ObjectStore(partBytesMin: 200))
        let index = try ReferenceIndex(path: nil)
        try await CollectorSchedule(seed: seed, world: try CollectorWorld(), driver: driver, index: index)
            .run(steps: Self.steps)
    }

    private static let count = ProcessInfo.processInfo.environment["BERTH_SCHEDULES"].flatMap { Int($0) }

    private func run(_ count: Int, _ storage: () -> any CrashableStorage) async throws {
        let world = try CollectorWorld()
        let index = try ReferenceIndex(path: nil)
        var dice = SeededGenerator()
        print("BERTH_SEED=\(dice.seed)")
        for number in 0..<count {
            let seed = dice.next()
            do {
                try await CollectorSchedule(seed: seed, world: world, driver: storage(), index: index)
                    .run(steps: Self.steps)
            } catch {
                Issue.record("schedule \(number): \(error)")
                return
            }
        }
    }
}
