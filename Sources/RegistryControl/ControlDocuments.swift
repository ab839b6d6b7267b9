package import Foundation
package import OCI
package import RegistryCollector
import RegistryCore

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

        func decoded() throws(SweepDocument.Invalid) -> SweepRunSettings {
            try Bounds.seconds(quarantineSeconds, "quarantine_seconds")
            if let rate = linesPerSecondMax, !(1...Int(Int32.max)).contains(rate) {
                throw SweepDocument.Invalid(reason: "lines_per_second_max is \(rate); it may be 1 to \(Int32.max)")
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

/// How far a sweep or an undo is.
package struct ProgressDocument: Codable, Sendable {
    package var linesDone: Int
    package var lines: Int
    package var bytesDone: Int64
    package var isPaused: Bool
    package var isStopping: Bool

    init(_ progress: SweepProgress) {
        linesDone = progress.linesDone
        lines = progress.lines
        bytesDone = progress.bytesDone
        isPaused = progress.isPaused
        isStopping = progress.isStopping
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

package struct PurgeDocument: Codable, Sendable {
    package var run: UUID
    package var bytesFreed: Int64
}

package struct ReclaimRequest: Codable, Sendable {
    package var pattern: String

    package init(pattern: String) { self.pattern = pattern }
}

/// What deleting something would give back.
package struct ReclaimDocument: Codable, Sendable {
    package var pattern: String
    package var tags: Int
    package var manifests: Int
    package var blobs: Int
    package var bytesFreed: Int64
    package var bytesShared: Int64
    package var sharers: [Sharer]
    package var sharersMore: Int
    package var bytesSpared: Int64

    package struct Sharer: Codable, Sendable {
        package var repository: String
        package var tag: String
        package var bytes: Int64
    }

    init(_ reclaim: Reclaim, _ pattern: String) {
        self.pattern = pattern
        tags = reclaim.tags
        manifests = reclaim.manifests
        blobs = reclaim.blobs
        bytesFreed = reclaim.bytesFreed
        bytesShared = reclaim.bytesShared
        sharers = reclaim.sharers.map {
            Sharer(repository: $0.repository.text, tag: $0.tag.text, bytes: $0.bytes)
        }
        sharersMore = reclaim.sharersMore
        bytesSpared = reclaim.bytesSpared
    }
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
package struct TagHistoryDocument: Codable, Sendable {
    package var repository: String
    package var tag: String
    package var entries: [Entry]

    package struct Entry: Codable, Sendable {
        package var digest: String
        package var since: Date?
        package var isCurrent: Bool
        package var isThere: Bool
        package var bytes: Int64
    }
}
