import OCI
import RegistryCollector
import RegistryCore

/// Lines and bytes of a preview or a report, by what becomes of them.
struct SweepTotals: Sendable, Equatable {
    struct Part: Sendable, Equatable {
        var lines = 0
        var bytes: Int64 = 0

        fileprivate mutating func add(_ bytes: Int64) {
            lines += 1
            self.bytes.addClamped(bytes)
        }
    }

    /// What would go, or has gone.
    var going = Part()
    /// What the user has taken out of the plan.
    var kept = Part()
    var spared = Part()
    /// Lines that a stop of the run has spared.
    var linesStopped = 0

    init() {}

    init(_ plan: SweepPlan, kept items: Set<SweepPlan.Item>) {
        for line in plan.lines {
            if items.contains(line.item) { kept.add(line.bytes) } else { going.add(line.bytes) }
        }
        for line in plan.spared { spared.add(line.bytes) }
    }

    init(_ report: SweepReport) {
        for line in report.removed { going.add(line.bytes) }
        for line in report.spared {
            spared.add(line.bytes)
            if line.reason == .stopped { linesStopped += 1 }
        }
    }
}
