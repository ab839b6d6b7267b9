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

    /// What the grace holds, and what uploads wait for: each has a key of its own.
    enum Cause: Sendable {
        case grace
        case uploads
    }

    init(_ spared: [SweepPlan.Spared], by cause: Cause) {
        for line in spared {
            let until: Date
            switch (line.reason, cause) {
            case (.leased(let end), .grace), (.mayContinue(let end), .uploads): until = end
            default: continue
            }
            lines += 1
            bytes.addClamped(line.bytes)
            first = min(first ?? until, until)
            last = max(last ?? until, until)
        }
    }
}
