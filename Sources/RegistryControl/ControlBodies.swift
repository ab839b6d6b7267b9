package import Foundation
package import OCI
package import RegistryCollector
package import RegistryCore

// What is asked and answered over the control socket, which is also what the verbs print with `--json`. Lines are those of
// a plan.

/// What is to be run: a plan, whose lines follow, or what is left of an interrupted run.
package struct SweepWork: Codable, Sendable {
    package var plan: SweepPlan.Head?
    package var resume: UUID?
    package var settings: SweepRunSettings
    /// Whether the answer is to name what went, line by line, and not only what stays.
    package var listsRemoved: Bool?

    package init(_ plan: SweepPlan.Head, _ settings: SweepRunSettings, listsRemoved: Bool) {
        self.plan = plan
        self.settings = settings
        self.listsRemoved = listsRemoved
    }

    package init(resuming run: UUID, _ settings: SweepRunSettings, listsRemoved: Bool) {
        resume = run
        self.settings = settings
        self.listsRemoved = listsRemoved
    }
}

/// What follows the lines of a run of the quarantine.
package struct QuarantinedTail: Codable, Sendable {
    /// Lines that can come back.
    package var linesHeld = 0
    package var bytes: Int64 = 0
    /// Why the lines could not be read to their end.
    package var problem: String?
}

/// What is to come back: a run whole, or some of its items.
package struct UndoRequest: Codable, Sendable {
    package var run: UUID
    package var items: [SweepPlan.Item]?

    package init(run: UUID, items: [SweepPlan.Item]?) {
        self.run = run
        self.items = items
    }

    /// Throws a `ControlError` for items that there cannot be.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        run = try fields.decode(UUID.self, forKey: .run)
        do {
            items = try fields.decodeIfPresent([SweepPlan.Item].self, forKey: .items)
        } catch let invalid as PlanInvalid {
            throw ControlError(.badRequest, "what is to come back cannot be read: \(invalid.reason)")
        }
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
    package var repository: RepositoryName
    package var tag: Tag
    package var digest: Digest?

    package init(_ tag: Tag, in name: RepositoryName, to digest: Digest? = nil) {
        repository = name
        self.tag = tag
        self.digest = digest
    }

    /// Throws a `ControlError` with what a name, a tag or a digest has against its text.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let name = try fields.decode(String.self, forKey: .repository)
        let text = try fields.decode(String.self, forKey: .tag)
        let target = try fields.decodeIfPresent(String.self, forKey: .digest)
        do throws(OCIError) {
            repository = try RepositoryName(onDisk: name)
            tag = try Tag(text)
            if let target { digest = try Digest(target) }
        } catch {
            throw ControlError(.badRequest, "\(error)")
        }
    }
}

/// What a tag points at and pointed at, the present first.
package struct TagHistory: Codable, Sendable {
    package var repository: RepositoryName
    package var tag: Tag
    package var entries: [TagHistoryEntry]
}
