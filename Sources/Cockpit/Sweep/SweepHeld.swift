import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// What a sweep spares only for a time: how much, and when the first and the last of it may go.
struct SweepHeld: Sendable, Equatable {
    var lines = 0
    var bytes: Int64 = 0
    /// Nil where nothing is held.
    var first: Date?
    var last: Date?

    init(_ spared: [SweepPlan.Spared]) {
        for line in spared {
            let until: Date
            switch line.reason {
            case .leased(let end), .mayContinue(let end): until = end
            case .pushInFlight, .mayBeReferenced, .cameAlive, .alreadyGone, .stopped, .failed: continue
            }
            lines += 1
            bytes.addClamped(line.bytes)
            first = min(first ?? until, until)
            last = max(last ?? until, until)
        }
    }
}
