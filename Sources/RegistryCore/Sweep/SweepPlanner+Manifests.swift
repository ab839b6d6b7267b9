import Foundation
import OCI
import RegistryIndex

/// Tags and manifests: who holds whom, in each repository on its own.
extension SweepPlanner {
    /// What holds stands before what it holds, so that running the plan in order finds each line unheld.
    mutating func planManifests() throws {
        var candidates: [Candidate] = []
        for drop in drops {
            guard let held = try view.tagKey(drop.tag, in: drop.name) else { continue }
            try take(drop.tag, held.key, held.digest, held.updated, drop.reason)
            candidates.append(Candidate(key: held.key, reason: .untagged))
        }
        switch scope {
        case .all: candidates += try looseRevisions(in: nil) + fallbackTags()
        case .only(let names) where !names.isEmpty: candidates += try looseRevisions(in: names)
        case .only: break
        }
        while !candidates.isEmpty { candidates = try judge(candidates) }
    }

    /// Manifests that nothing holds and that the options ask for; in these repositories all of them.
    private func looseRevisions(in names: Set<RepositoryName>?) throws -> [Candidate] {
        let wanted = try names.map { names in Set(try names.compactMap { try view.repositoryID($0) }) }
        return try view.looseRevisions().compactMap { row in
            if let wanted, !wanted.contains(row.key.repository) { return nil }
            guard let subject = row.subject else {
                guard options.untagged || wanted != nil else { return nil }
                return Candidate(key: row.key, reason: .untagged, isLoose: true)
            }
            guard wanted != nil || hasWaited(row.loose) else { return nil }
            return Candidate(key: row.key, reason: .subjectMissing(subject), isLoose: true)
        }
    }

    /// True when what is about something absent has waited for it long enough.
    private func hasWaited(_ since: Int64) -> Bool {
        options.referrerSeconds.map { since.addingClamped(Int64($0)) <= now } ?? false
    }

    /// Indexes that list the referrers of a subject that is gone lose their tag.
    private mutating func fallbackTags() throws -> [Candidate] {
        var candidates: [Candidate] = []
        for row in try view.fallbackTags() {
            guard let subject = row.tag.referrersSubject, hasWaited(row.updated),
                !(goneTags[row.key] ?? []).contains(row.tag),
                try view.revision(subject, in: try name(row.key.repository)) == nil,
                try isIndex(row.key)
            else { continue }
            try take(row.tag, row.key, row.digest, row.updated, .fallbackOf(subject))
            candidates.append(Candidate(key: row.key, reason: .untagged))
        }
        return candidates
    }

    private func isIndex(_ key: RevisionKey) throws -> Bool {
        try view.revisions([key]).first?.mediaType.isIndex ?? false
    }

    private mutating func take(
        _ tag: Tag, _ key: RevisionKey, _ digest: Digest, _ updated: Int64, _ reason: SweepPlan.Reason
    ) throws {
        guard goneTags[key, default: []].insert(tag).inserted else { return }
        goneLinks[key.repository, default: 0] += 1
        lines.append(
            SweepPlan.Line(
                .tag(tag, try name(key.repository)), reason: reason,
                since: Date(timeIntervalSince1970: Double(updated)), target: digest))
    }

    /// Takes those of the candidates that nothing holds; gives what they held.
    private mutating func judge(_ candidates: [Candidate]) throws -> [Candidate] {
        var byKey: [RevisionKey: Candidate] = [:]
        for candidate in candidates where gone[candidate.key] == nil && !sparedRevisions.contains(candidate.key) {
            if byKey[candidate.key] == nil || candidate.isLoose { byKey[candidate.key] = candidate }
        }
        var taken: [SweepRevisionRow] = []
        for (row, name) in try sorted(try view.revisions(byKey.keys)) {
            guard let candidate = byKey[row.key], try candidate.isLoose || isUnheld(row, name) else { continue }
            if let reason = spareReason(row, name) {
                sparedRevisions.insert(row.key)
                spared.append(
                    SweepPlan.Spared(.revision(row.digest, name), mediaType: row.mediaType, reason: reason))
                continue
            }
            gone[row.key] = row
            goneDigests.insert(Place(repository: row.key.repository, digest: row.digest))
            goneLinks[row.key.repository, default: 0] += 1
            let departure =
                try view.lastDeparture(from: row.digest, in: row.key.repository) ?? candidate.departure
            departureOf[row.key] = departure
            departures[lines.count] = departure
            lines.append(
                SweepPlan.Line(
                    .revision(row.digest, name), mediaType: row.mediaType, reason: candidate.reason,
                    since: row.loose > 1 ? Date(timeIntervalSince1970: Double(row.loose)) : nil))
            taken.append(row)
        }
        return try held(by: taken)
    }

    private mutating func sorted(
        _ rows: [SweepRevisionRow]
    ) throws -> [(row: SweepRevisionRow, name: RepositoryName)] {
        try rows.map { ($0, try name($0.key.repository)) }
            .sorted { ($0.name, $0.row.digest) < ($1.name, $1.row.digest) }
    }

    /// What the manifests held in their repositories: what they list, what is about them, and where clients of older
    /// registries list the latter.
    private mutating func held(by rows: [SweepRevisionRow]) throws -> [Candidate] {
        guard !rows.isEmpty else { return [] }
        let manifests = Set(rows.map(\.key.manifest))
        for edge in try view.edges(of: manifests.filter { edgesOf[$0] == nil }) {
            edgesOf[edge.manifest, default: []].append(edge)
        }
        let referrers = Dictionary(grouping: try view.referrers(of: manifests), by: \.subject)
        var candidates: [Candidate] = []
        for row in rows {
            let (repository, departure) = (row.key.repository, departureOf[row.key])
            for edge in edgesOf[row.key.manifest] ?? [] where edge.isManifest {
                candidates.append(
                    Candidate(
                        key: RevisionKey(repository: repository, manifest: edge.target),
                        reason: .indexRemoved(row.digest), departure: departure))
            }
            for referrer in referrers[row.key.manifest] ?? [] {
                candidates.append(
                    Candidate(
                        key: RevisionKey(repository: repository, manifest: referrer.manifest),
                        reason: .subjectRemoved(row.digest), departure: departure))
            }
            let tag = Tag(referrersOf: row.digest)
            if let list = try view.tagKey(tag, in: try name(repository)), try isIndex(list.key) {
                try take(tag, list.key, list.digest, list.updated, .fallbackOf(row.digest))
                candidates.append(Candidate(key: list.key, reason: .untagged, departure: departure))
            }
        }
        return candidates
    }

    /// True when no tag, no index that stays and no subject holds the manifest in its repository. A subject that was
    /// removed by this plan holds nothing; one that is merely absent may still come.
    private func isUnheld(_ row: SweepRevisionRow, _ name: RepositoryName) throws -> Bool {
        let repository = row.key.repository
        let tagsGone = goneTags[row.key] ?? []
        guard try view.tags(of: row.key).allSatisfy(tagsGone.contains),
            try view.parents(of: row.key).allSatisfy({ gone[RevisionKey(repository: repository, manifest: $0)] != nil })
        else { return false }
        guard let subject = row.subject, !goneDigests.contains(Place(repository: repository, digest: subject)) else {
            return true
        }
        if try view.revision(subject, in: name) != nil { return false }
        // Without a time of its own: it was held until now, so its subject may be on its way as long as for any other.
        return row.loose > 0 && hasWaited(row.loose)
    }

    private func spareReason(_ row: SweepRevisionRow, _ name: RepositoryName) -> SweepPlan.SpareReason? {
        if let path = damage[name] ?? damage[nil] { return .mayBeReferenced(by: path) }
        if isPinned(row.digest) { return .pushInFlight }
        return leaseReason(row.leased, row.digest)
    }
}
