import Foundation

/// Random numbers that can be had again: SplitMix64 from a seed that a failing test prints.
///
/// Source: https://prng.di.unimi.it/splitmix64.c (the algorithm)
package struct SeededGenerator: RandomNumberGenerator {
    package let seed: UInt64
    private var state: UInt64

    /// A generator from `seed`; without one from the environment's `BERTH_SEED`, and without that from the system.
    package init(seed: UInt64? = nil) {
        let given = ProcessInfo.processInfo.environment["BERTH_SEED"].flatMap { UInt64($0) }
        self.seed = seed ?? given ?? .random(in: 0...UInt64.max)
        state = self.seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
