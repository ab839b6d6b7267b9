package import Foundation
package import OCI
package import RegistryCore

/// The JSON of the control socket, which is also what the verbs print with `--json`. Keys are in snake case, times in
/// RFC 3339; lines are those of a plan.
enum ControlJSON {
    /// On one line.
    static func encode(_ document: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(document)
    }
}

/// What is to be run: a plan, or what is left of an interrupted run.
package struct SweepWork: Codable, Sendable {
    package var plan: SweepDocument?
    package var resume: UUID?
    package var settings: Settings

    package struct Settings: Codable, Sendable {
        package var quarantineSeconds: Int
        package var linesPerSecondMax: Int?
        package var othersAreStopped: Bool

        package init(_ settings: SweepRunSettings) {
            quarantineSeconds = settings.quarantineSeconds
            linesPerSecondMax = settings.linesPerSecondMax
            othersAreStopped = settings.othersAreStopped
        }

        var decoded: SweepRunSettings {
            SweepRunSettings(
                quarantineSeconds: max(0, quarantineSeconds), linesPerSecondMax: linesPerSecondMax.map { max(1, $0) },
                othersAreStopped: othersAreStopped)
        }
    }

    package init(_ plan: SweepDocument, _ settings: SweepRunSettings) {
        self.plan = plan
        self.settings = Settings(settings)
    }

    package init(resuming run: UUID, _ settings: SweepRunSettings) {
        resume = run
        self.settings = Settings(settings)
    }
}

/// One line of the answer to a run: how far it is, or how it ended.
struct SweepNews: Codable {
    var progress: Progress?
    var report: SweepReportDocument?
    /// Of an end that was none.
    var error: String?

    struct Progress: Codable {
        var linesDone: Int
        var lines: Int
        var bytesDone: Int64
        var isPaused: Bool
        var isStopping: Bool
    }
}

/// A run that can come back, in part at least.
package struct QuarantinedRunDocument: Codable, Sendable {
    package var run: UUID
    package var started: Date
    package var by: String
    /// `finished`, `interrupted` or `running`.
    package var state: String
    package var lines: [SweepDocument.Line]
    package var linesPlanned: Int
    package var bytes: Int64
    package var purged: Date?

    init(_ run: QuarantinedRun) {
        self.run = run.id
        started = run.started
        by = run.by
        state = "\(run.state)"
        lines = run.lines.map { SweepDocument.Line($0) }
        linesPlanned = run.linesPlanned
        bytes = run.bytes
        purged = run.purged
    }
}

/// What is to come back: a run whole, or some of its items.
struct UndoRequest: Codable {
    var run: UUID
    var items: [SweepDocument.Item]?
}

package struct UndoDocument: Codable, Sendable {
    package var run: UUID
    package var restored: [SweepDocument.Line]
    package var kept: [SweepDocument.Spared]

    init(_ report: UndoReport) {
        let now = Date()
        run = report.run
        restored = report.restored.map { SweepDocument.Line($0) }
        kept = report.kept.map { SweepDocument.Spared($0, now: now) }
    }
}

struct PurgeRequest: Codable {
    var run: UUID
}

package struct PurgeDocument: Codable, Sendable {
    package var run: UUID
    package var bytesFreed: Int64
}

struct ReclaimRequest: Codable {
    var pattern: String
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
