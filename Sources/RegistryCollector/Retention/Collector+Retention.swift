import Foundation
import OCI
package import RegistryCore
import RegistryIndex

extension Collector {
    /// Since when pulls are written down, in the index.
    private static let pullsSinceKey = "pulls.since"

    /// Tags that the configured retention does not keep. Costs time in proportion to the tags of the repositories that it is
    /// about.
    ///
    /// - Parameter bytesMax: memory for them, about; looks at no further repository when it is used up.
    /// - Returns: the tags, and whether a repository was passed over.
    func retentionDrops(bytesMax: Int) throws(RegistryError) -> (drops: [SweepPlanner.Drop], isPart: Bool) {
        guard let policy = settings.retention, !policy.rules.isEmpty else { return ([], false) }
        let now = Ground.now
        return try indexed {
            try index.read { view in
                let pullsSince = try view.state(Self.pullsSinceKey).flatMap { Int64($0) } ?? now
                var drops: [SweepPlanner.Drop] = []
                for name in try view.repositoryNames(after: nil, limit: .max)
                where policy.rules.contains(where: { $0.repositories.matches(name.text) }) {
                    if drops.count > bytesMax / MemoryLayout<SweepPlanner.Drop>.stride { return (drops, true) }
                    let pulls = try view.pulls(of: name)
                    let tags = try view.tags(in: name) { row in
                        RetainedTag(
                            tag: row.tag, set: row.updated,
                            used: min(
                                now, max(row.updated, pullsSince, pulls[row.tag] ?? 0, self.pulled(name, row.tag))))
                    }
                    drops += policy.drops(of: tags, in: name, now: now)
                }
                return (drops, false)
            }
        }
    }

    private func pulled(_ name: RepositoryName, _ tag: Tag) -> Int64 {
        ground.lastPulls.last(name, tag).map { Int64($0.timeIntervalSince1970) } ?? 0
    }

    /// Writes down when what was last pulled, so that a later run of the program knows. Costs a transaction when there were
    /// pulls, nothing else.
    package func notePulls() throws(RegistryError) {
        let new = ground.lastPulls.takeNew()
        let begun = try indexed { try index.read { try $0.state(Self.pullsSinceKey) } }.flatMap { Int64($0) }
        // One that lies in the future was written by a clock that was wrong.
        let isBegun = begun.map { $0 <= Ground.now } ?? false
        guard !new.isEmpty || !isBegun else { return }
        try indexed {
            try index.write { change in
                if !isBegun { try change.setState("\(Ground.now)", for: Self.pullsSinceKey) }
                for (name, tag, time) in new {
                    try change.pulled(name, tag, at: Int64(time.timeIntervalSince1970))
                }
            }
        }
    }
}

/// What a rule looks at; times in seconds since 1970.
struct RetainedTag {
    var tag: Tag
    var set: Int64
    /// When it was last set or pulled.
    var used: Int64
}

extension RetentionPolicy {
    /// Tags of one repository that go.
    func drops(of tags: [RetainedTag], in name: RepositoryName, now: Int64) -> [SweepPlanner.Drop] {
        var rest = tags
        var drops: [SweepPlanner.Drop] = []
        for rule in rules where rule.repositories.matches(name.text) {
            let subjects = rest.filter { rule.tags.matches($0.tag.text) }
            rest.removeAll { rule.tags.matches($0.tag.text) }
            drops += rule.drops(of: subjects, now: now).map {
                SweepPlanner.Drop(name: name, tag: $0.tag, reason: .notRetained(rule.text))
            }
        }
        return drops.sorted { $0.tag < $1.tag }
    }
}

extension RetentionPolicy.Rule {
    fileprivate func drops(of tags: [RetainedTag], now: Int64) -> [RetainedTag] {
        // A rule that names nothing that stays is a mistake, not an order to delete everything.
        guard keepNewest != nil || keepSeconds != nil || keepPulledSeconds != nil else { return [] }
        let candidates = tags.filter { !keepTags.matches($0.tag.text) && $0.tag.referrersSubject == nil }
            .sorted { ($1.set, $0.tag) < ($0.set, $1.tag) }
        // Times are whole seconds: who was set in the same second as the last that stays may be as new.
        let newest = keepNewest.map {
            $0 > 0 && !candidates.isEmpty ? candidates[min($0, candidates.count) - 1].set : .max
        }
        return candidates.compactMap { tag in
            if let newest, tag.set >= newest { return nil }
            if let keepSeconds, tag.set.addingClamped(Int64(keepSeconds)) > now { return nil }
            if let keepPulledSeconds, tag.used.addingClamped(Int64(keepPulledSeconds)) > now { return nil }
            return tag
        }
    }
}
