package import Foundation
package import OCI
package import RegistryCollector
package import RegistryCore

// The JSON of the control socket, which is also what the verbs print with `--json`. Keys are in snake case, times in
// RFC 3339; lines are those of a plan.

/// What is to be run: a plan, whose lines follow, or what is left of an interrupted run.
package struct SweepWork: Codable, Sendable {
    package var plan: SweepDocument.Head?
    package var resume: UUID?
    package var settings: Settings
    /// Whether the answer is to name what went, line by line, and not only what stays.
    package var listsRemoved: Bool?

    package struct Settings: Codable, Sendable {
        package var quarantineSeconds: Int
        package var linesPerSecondMax: Int?
        package var othersAreStopped: Bool

        package init(_ settings: SweepRunSettings) {
            quarantineSeconds = settings.quarantineSeconds
            linesPerSecondMax = settings.linesPerSecondMax
            othersAreStopped = settings.othersAreStopped
        }

        func decoded() throws(PlanInvalid) -> SweepRunSettings {
            try Bounds.seconds(quarantineSeconds, "quarantine_seconds")
            if let rate = linesPerSecondMax, !(1...Int(Int32.max)).contains(rate) {
                throw PlanInvalid(reason: "lines_per_second_max is \(rate); it may be 1 to \(Int32.max)")
            }
            return SweepRunSettings(
                quarantineSeconds: quarantineSeconds, linesPerSecondMax: linesPerSecondMax,
                othersAreStopped: othersAreStopped)
        }
    }

    package init(_ plan: SweepDocument.Head, _ settings: SweepRunSettings, listsRemoved: Bool) {
        self.plan = plan
        self.settings = Settings(settings)
        self.listsRemoved = listsRemoved
    }

    package init(resuming run: UUID, _ settings: SweepRunSettings, listsRemoved: Bool) {
        resume = run
        self.settings = Settings(settings)
        self.listsRemoved = listsRemoved
    }
}

/// A run of the quarantine, without its lines.
package struct QuarantinedRunDocument: Codable, Sendable {
    package var run: UUID
    package var started: Date
    package var by: String
    /// `finished`, `interrupted`, `running` or `unreadable`.
    package var state: String
    /// Why it is unreadable, and what can be done.
    package var problem: String?
    package var linesPlanned: Int
    package var purged: Date?

    init(_ run: QuarantinedRun) {
        self.run = run.id
        started = run.started
        by = run.by
        state = run.state.word
        if case .unreadable(let reason) = run.state { problem = reason }
        linesPlanned = run.linesPlanned
        purged = run.purged
    }
}

/// What follows the lines of a run of the quarantine.
package struct QuarantinedTailDocument: Codable, Sendable {
    /// Lines that can come back.
    package var linesHeld = 0
    package var bytes: Int64 = 0
    /// Why the lines could not be read to their end.
    package var problem: String?
}

/// What is to come back: a run whole, or some of its items.
package struct UndoRequest: Codable, Sendable {
    package var run: UUID
    package var items: [SweepDocument.Item]?

    package init(run: UUID, items: [SweepDocument.Item]?) {
        self.run = run
        self.items = items
    }
}

package struct PurgeRequest: Codable, Sendable {
    package var run: UUID

    package init(run: UUID) { self.run = run }
}

/// What the purge of a run has given back.
package struct PurgeSummary: Codable, Sendable {
    package var run: UUID
    package var bytesFreed: Int64
}

package struct ReclaimRequest: Codable, Sendable {
    package var pattern: String

    package init(pattern: String) { self.pattern = pattern }
}

/// A tag, and what it is to be pointed at; nil only asks.
package struct TagRequest: Codable, Sendable {
    package var repository: String
    package var tag: String
    package var digest: String?

    package init(_ tag: Tag, in name: RepositoryName, to digest: Digest? = nil) {
        repository = name.text
        self.tag = tag.text
        self.digest = digest?.description
    }
}

/// What a tag points at and pointed at, the present first.
package struct TagHistory: Codable, Sendable {
    package var repository: RepositoryName
    package var tag: Tag
    package var entries: [TagHistoryEntry]
}
