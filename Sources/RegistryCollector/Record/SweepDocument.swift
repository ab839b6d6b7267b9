package import Foundation
import OCI
package import RegistryCore

/// A plan as JSON: what `--json` prints, what `--plan FILE` reads, and what a run writes down before its first line. Keys
/// are in snake case, times in RFC 3339.
package struct SweepDocument: Codable, Sendable {
    package var plan: UUID
    package var generation: UInt64
    package var made: Date
    package var options: Options
    package var totals: Totals
    package var lines: [Line]
    package var spared: [Spared]
    package var damaged: [Damaged]

    /// A plan without its lines: small, whatever they are.
    package struct Head: Codable, Sendable, Equatable {
        package var plan: UUID
        package var generation: UInt64
        package var made: Date
        package var options: Options
        package var totals: Totals

        package init(_ plan: SweepPlan) {
            self.plan = plan.id
            generation = plan.generation
            made = Bounds.clamped(plan.made)
            options = Options(plan.options)
            totals = Totals(plan)
        }
    }

    package struct Options: Codable, Sendable, Equatable {
        package var untagged: Bool
        package var layerLinks: Bool
        package var uploadSeconds: Int?
        package var referrerSeconds: Int?
        package var graceSeconds: Int
        package var retention: Bool
    }

    /// For readers; a plan that is read back adds up its lines.
    package struct Totals: Codable, Sendable, Equatable {
        package var lines: Int
        package var bytesRemovable: Int64
        package var bytesShared: Int64
        package var linesSpared: Int
        package var bytesSpared: Int64
        /// True where the plan was full before everything was looked at; nil where it has all.
        package var isPart: Bool?

        package init(
            lines: Int, bytesRemovable: Int64, bytesShared: Int64, linesSpared: Int, bytesSpared: Int64,
            isPart: Bool? = nil
        ) {
            self.lines = lines
            self.bytesRemovable = bytesRemovable
            self.bytesShared = bytesShared
            self.linesSpared = linesSpared
            self.bytesSpared = bytesSpared
            self.isPart = isPart
        }

        package init(_ plan: SweepPlan) {
            lines = plan.lines.count
            bytesRemovable = plan.bytes
            bytesShared = plan.bytesShared
            linesSpared = plan.spared.count
            bytesSpared = plan.bytesSpared
            isPart = plan.isPart ? true : nil
        }
    }

    /// What a line is about: the fields that its kind has.
    package struct Item: Codable, Sendable {
        package var kind: String
        package var repository: String?
        package var tag: String?
        package var digest: String?
        package var upload: String?
    }

    package struct Line: Codable, Sendable {
        package var item: Item
        package var bytes: Int64
        package var mediaType: String?
        package var repositories: [String]
        package var reason: Reason
        package var since: Date?
        package var lastTag: LastTag?
        package var target: String?
    }

    package struct Reason: Codable, Sendable {
        package var code: String
        /// The subject, the index or the rule.
        package var about: String?
        package var text: String
    }

    package struct LastTag: Codable, Sendable {
        package var repository: String
        package var tag: String
        package var until: Date
        package var by: String
        package var how: String
    }

    package struct Spared: Codable, Sendable {
        package var item: Item
        package var bytes: Int64
        package var mediaType: String?
        package var repositories: [String]
        package var reason: Reason
        package var until: Date?
    }

    package struct Damaged: Codable, Sendable {
        package var path: String
        package var reason: String

        package init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }
}

// MARK: Writing

extension SweepDocument {
    package init(_ plan: SweepPlan) {
        self.plan = plan.id
        generation = plan.generation
        made = Bounds.clamped(plan.made)
        options = Options(plan.options)
        totals = Totals(plan)
        lines = plan.lines.map(Line.init)
        spared = plan.spared.map { Spared($0, now: plan.made) }
        damaged = plan.damaged.map { Damaged(path: $0.path, reason: $0.reason) }
    }
}

extension SweepDocument.Options {
    package init(_ options: SweepOptions) {
        untagged = options.untagged
        layerLinks = options.layerLinks
        uploadSeconds = options.uploadSeconds.map { Bounds.clamped(seconds: $0) }
        referrerSeconds = options.referrerSeconds.map { Bounds.clamped(seconds: $0) }
        graceSeconds = Bounds.clamped(seconds: options.graceSeconds)
        retention = options.retention
    }

    /// The options that were written. Throws for seconds that no option of ours has.
    package func decoded() throws(PlanInvalid) -> SweepOptions {
        if let uploadSeconds { try Bounds.seconds(uploadSeconds, "upload_seconds") }
        if let referrerSeconds { try Bounds.seconds(referrerSeconds, "referrer_seconds") }
        try Bounds.seconds(graceSeconds, "grace_seconds")
        return SweepOptions(
            untagged: untagged, layerLinks: layerLinks, uploadSeconds: uploadSeconds, referrerSeconds: referrerSeconds,
            graceSeconds: graceSeconds, retention: retention)
    }
}

extension SweepDocument.Item {
    package init(_ item: SweepPlan.Item) {
        kind = item.kind.rawValue
        repository = item.repository?.text
        digest = item.digest?.description
        switch item {
        case .tag(let tag, _): self.tag = tag.text
        case .upload(let id, _): upload = id.text
        case .revision, .layerLink, .blob, .repository: break
        }
    }
}

extension SweepDocument.Line {
    package init(_ line: SweepPlan.Line) {
        item = SweepDocument.Item(line.item)
        bytes = Bounds.clamped(bytes: line.bytes)
        mediaType = line.mediaType?.text
        repositories = line.repositories.map(\.text)
        reason = SweepDocument.Reason(line.reason)
        since = line.since.map { Bounds.clamped($0) }
        lastTag = line.lastTag.map {
            SweepDocument.LastTag(
                repository: $0.repository.text, tag: $0.tag.text, until: Bounds.clamped($0.until), by: $0.by,
                how: $0.how.word)
        }
        target = line.target?.description
    }
}

extension SweepDocument.Reason {
    init(_ reason: SweepPlan.Reason) {
        text = reason.text
        switch reason {
        case .notRetained(let rule): (code, about) = ("not_retained", rule)
        case .fallbackOf(let subject): (code, about) = ("fallback_of", subject.description)
        case .untagged: code = "untagged"
        case .subjectRemoved(let subject): (code, about) = ("subject_removed", subject.description)
        case .subjectMissing(let subject): (code, about) = ("subject_missing", subject.description)
        case .indexRemoved(let index): (code, about) = ("index_removed", index.description)
        case .unneeded: code = "unneeded"
        case .unreferenced: code = "unreferenced"
        case .onlyRemovedReferences: code = "only_removed_references"
        case .abandoned: code = "abandoned"
        case .empty: code = "empty"
        }
    }
}

extension SweepDocument.Spared {
    package init(_ spared: SweepPlan.Spared, now: Date) {
        item = SweepDocument.Item(spared.item)
        bytes = Bounds.clamped(bytes: spared.bytes)
        mediaType = spared.mediaType?.text
        repositories = spared.repositories.map(\.text)
        var about: String?
        let code: String
        switch spared.reason {
        case .leased(let date): (code, until) = ("leased", date)
        case .mayContinue(let date): (code, until) = ("may_continue", date)
        case .pushInFlight: code = "push_in_flight"
        case .mayBeReferenced(let path): (code, about) = ("may_be_referenced", path)
        case .cameAlive: code = "came_alive"
        case .alreadyGone: code = "already_gone"
        case .stopped: code = "stopped"
        case .failed(let message): (code, about) = ("failed", message)
        }
        until = until.map { Bounds.clamped($0) }
        reason = SweepDocument.Reason(code: code, about: about, text: spared.reason.text(now: now))
    }
}

extension TagDeparture.Cause {
    /// One word for JSON.
    package var word: String {
        switch self {
        case .deleted: "deleted"
        case .moved: "moved"
        case .manifestDeleted: "manifest_deleted"
        case .swept: "swept"
        }
    }

    init?(word: String) {
        guard let cause = [Self.deleted, .moved, .manifestDeleted, .swept].first(where: { $0.word == word }) else {
            return nil
        }
        self = cause
    }
}
