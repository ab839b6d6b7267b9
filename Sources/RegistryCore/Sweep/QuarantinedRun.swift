package import Foundation
import OCI

/// A run of a sweep whose lines are, at least in part, still in the quarantine.
package struct QuarantinedRun: Sendable, Equatable {
    package var id: UUID
    package var started: Date
    /// Who ran it: an address, or a word such as `cockpit`.
    package var by: String
    package var state: State
    /// Lines that can come back, in the order in which they went.
    package var lines: [SweepPlan.Line]
    /// Lines of the plan, taken out or not.
    package var linesPlanned: Int
    /// When it is freed by itself; nil when nobody says so.
    package var purged: Date?
    /// Seconds that it was to stay after its end, when it was begun; 0 for a run that was to be freed at once.
    package var quarantineSeconds: Int

    package enum State: Sendable, Equatable {
        /// It came to its end.
        case finished
        /// It did not: the process ended meanwhile. It can be resumed.
        case interrupted
        /// It is going on.
        case running
    }

    package init(
        id: UUID, started: Date, by: String, state: State, lines: [SweepPlan.Line], linesPlanned: Int,
        purged: Date? = nil, quarantineSeconds: Int = 0
    ) {
        self.id = id
        self.started = started
        self.by = by
        self.state = state
        self.lines = lines
        self.linesPlanned = linesPlanned
        self.purged = purged
        self.quarantineSeconds = quarantineSeconds
    }

    /// Bytes of content that can come back.
    package var bytes: Int64 { lines.sumClamped(\.bytes) }
}

/// What became of lines that were to come back from the quarantine.
package struct UndoReport: Sendable, Equatable {
    package var run: UUID
    package var restored: [SweepPlan.Line]
    /// Those that stay where they are, with the reason.
    package var kept: [SweepPlan.Spared]

    package init(run: UUID, restored: [SweepPlan.Line], kept: [SweepPlan.Spared]) {
        self.run = run
        self.restored = restored
        self.kept = kept
    }
}
