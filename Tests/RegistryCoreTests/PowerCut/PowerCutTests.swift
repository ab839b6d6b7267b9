import Foundation
import RegistryIndex
import SeededRandom
import StorageProbes
import Testing

/// The power goes: in every state that it may leave the disk in, what was acknowledged is whole, what was deleted stays
/// deleted, and a start finds its way.
///
/// What is tried is stated in `Durability.md`. 12 schedules in the suite; `BERTH_POWER_SCHEDULES=200` for a long run.
@Suite struct PowerCutTests {
    @Test func whatWasAcknowledgedIsThereAfterAPowerCut() async throws {
        let count = ProcessInfo.processInfo.environment["BERTH_POWER_SCHEDULES"].flatMap { Int($0) } ?? 12
        var cuts = try PowerCuts(seed: nil)
        for number in 0..<count {
            do {
                if let complaint = try await cuts.tryNext() {
                    Issue.record("BERTH_SEED=\(cuts.seed), schedule \(number): \(complaint)")
                    return
                }
            } catch {
                Issue.record("BERTH_SEED=\(cuts.seed), schedule \(number): \(error)")
                return
            }
        }
        print("\(count) schedules, \(cuts.momentCount) moments, \(cuts.stateCount) states, BERTH_SEED=\(cuts.seed)")
    }
}
