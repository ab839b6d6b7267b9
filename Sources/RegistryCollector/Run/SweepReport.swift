package import Foundation
package import RegistryCore

/// How far a running sweep has come.
package struct SweepProgress: Sendable, Equatable, Codable {
    package var linesDone: Int
    package var lines: Int
    /// Bytes of content taken out so far.
    package var bytesDone: Int64
    /// True while it waits to be told to go on.
    package var isPaused: Bool
    /// True when it ends after its current line.
    package var isStopping: Bool

    package init(linesDone: Int, lines: Int, bytesDone: Int64, isPaused: Bool = false, isStopping: Bool = false) {
        self.linesDone = linesDone
        self.lines = lines
        self.bytesDone = bytesDone
        self.isPaused = isPaused
        self.isStopping = isStopping
    }
}

/// What a sweep did, line by line: every line of its plan is either removed or spared.
package struct SweepReport: Sendable, Equatable, Codable {
    /// Of the plan, and of the run.
    package var plan: UUID
    package var removed: [SweepPlan.Line]
    package var spared: [SweepPlan.Spared]
    /// Room on the medium that was given back, as measured when each file went; 0 while all is in the quarantine.
    package var bytesFreed: Int64
    /// Room on the medium that what was taken out still needs in the quarantine.
    package var bytesQuarantined: Int64
    /// When the quarantine is freed; nil when it is already.
    package var purged: Date?
    package var seconds: Double

    package init(
        plan: UUID, removed: [SweepPlan.Line], spared: [SweepPlan.Spared], bytesFreed: Int64,
        bytesQuarantined: Int64 = 0, purged: Date? = nil, seconds: Double
    ) {
        self.plan = plan
        self.removed = removed
        self.spared = spared
        self.bytesFreed = bytesFreed
        self.bytesQuarantined = bytesQuarantined
        self.purged = purged
        self.seconds = seconds
    }

    /// What was collected beside the numbers of a run.
    init(_ summary: SweepSummary, removed: [SweepPlan.Line], spared: [SweepPlan.Spared]) {
        self.init(
            plan: summary.run, removed: removed, spared: spared, bytesFreed: summary.bytesFreed,
            bytesQuarantined: summary.bytesQuarantined, purged: summary.purged, seconds: summary.seconds)
    }

    package var summary: SweepSummary {
        var summary = SweepSummary(run: plan)
        summary.linesRemoved = removed.count
        summary.linesSpared = spared.count
        summary.linesFailed = spared.count { $0.reason.isFailure }
        summary.bytesFreed = bytesFreed
        summary.bytesQuarantined = bytesQuarantined
        summary.purged = purged
        summary.seconds = seconds
        return summary
    }
}

extension SweepPlan.SpareReason {
    package var isFailure: Bool { if case .failed = self { true } else { false } }
}
