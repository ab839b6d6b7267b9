package import Foundation
import RegistryCore

/// What a sweep did, as JSON: what a run over the control socket ends with, and what the cockpit writes to a file.
package struct SweepReportDocument: Codable, Sendable {
    package var plan: UUID
    package var removed: [SweepDocument.Line]
    package var spared: [SweepDocument.Spared]
    package var bytesFreed: Int64
    package var bytesQuarantined: Int64
    /// When the quarantine is freed; absent when it is already.
    package var purged: Date?
    package var seconds: Double

    package init(_ report: SweepReport) {
        let now = Date()
        plan = report.plan
        removed = report.removed.map { SweepDocument.Line($0) }
        spared = report.spared.map { SweepDocument.Spared($0, now: now) }
        bytesFreed = report.bytesFreed
        bytesQuarantined = report.bytesQuarantined
        purged = report.purged
        seconds = report.seconds
    }
}
