package import Foundation
package import RegistryCollector
import RegistryCore

/// A run that was confirmed: of a plan, or of one that did not come to its end.
package struct SweepJob: Sendable, Equatable {
    package enum Work: Sendable, Equatable {
        case plan(SweepPlan)
        /// The rest of an interrupted run.
        case resumed(UUID)
    }

    package var work: Work
    package var settings: SweepRunSettings

    package init(_ work: Work, _ settings: SweepRunSettings = SweepRunSettings()) {
        self.work = work
        self.settings = settings
    }

    /// Lines that are known beforehand; 0 for a run that is resumed.
    var lines: Int {
        if case .plan(let plan) = work { plan.lines.count } else { 0 }
    }
}

/// What `o` writes to a file.
package enum SweepExport: Sendable, Equatable {
    case plan(SweepPlan)
    case report(SweepReport)
}
