package import Foundation
import OCI
package import RegistryCore

/// A run of a sweep of which something is still in the quarantine.
package struct QuarantinedRun: Sendable, Equatable {
    package var id: UUID
    package var started: Date
    /// Who ran it: an address, or a word such as `cockpit`.
    package var by: String
    package var state: State
    /// Lines that can come back, in the order in which they went; the first `linesListedMax` of them.
    package var lines: [SweepPlan.Line]
    /// All that can come back.
    package var linesHeld: Int
    /// Bytes of content that can come back.
    package var bytes: Int64
    /// Lines of the plan, taken out or not.
    package var linesPlanned: Int
    /// When it is freed by itself; nil when it stays until a person says otherwise.
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
        /// Its record cannot be understood, for this reason. What it took stays until a person purges it.
        case unreadable(String)

        package var word: String {
            switch self {
            case .finished: "finished"
            case .interrupted: "interrupted"
            case .running: "running"
            case .unreadable: "unreadable"
            }
        }
    }

    package static let linesListedMax = 10_000

    package init(
        id: UUID, started: Date, by: String, state: State, lines: [SweepPlan.Line], linesPlanned: Int,
        purged: Date? = nil, quarantineSeconds: Int = 0
    ) {
        self.id = id
        self.started = started
        self.by = by
        self.state = state
        self.lines = lines
        linesHeld = lines.count
        bytes = lines.sumClamped(\.bytes)
        self.linesPlanned = linesPlanned
        self.purged = purged
        self.quarantineSeconds = quarantineSeconds
    }

    /// Counts one more line that can come back.
    mutating func add(_ line: SweepPlan.Line) {
        linesHeld += 1
        bytes = bytes.addingClamped(line.bytes)
        if lines.count < Self.linesListedMax { lines.append(line) }
    }
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

    package var summary: UndoSummary {
        UndoSummary(run: run, linesRestored: restored.count, linesKept: kept.count)
    }
}
