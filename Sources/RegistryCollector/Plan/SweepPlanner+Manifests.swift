import Foundation
import OCI
import RegistryCore
import RegistryIndex

/// Tags and manifests: who holds whom, in each repository on its own.
extension SweepPlanner {
    /// What holds stands before what it holds, so that running the plan in order finds each line unheld.
    mutating func planManifests() throws {
        var candidates: [Candidate] = []
        for drop in drops {
            guard let held = try view.tagKey(drop.tag, in: drop.name) else { continue }
            guard try take(drop.tag, held.key, held.digest, held.updated, drop.reason) else { continue }
            candidates.append(Candidate(key: held.key, reason: .untagged))
        }
        switch scope {
        case .all: candidates += try looseRevisions(isAsked: false) + fallbackTags()
        case .only: if !whole.isEmpty { candidates += try looseRevisions(isAsked: true) }
        }
        while !candidates.isEmpty { candidates = try judge(candidates) }
    }

    /// Manifests that nothing holds and that the options ask for; or all of those in the repositories that are asked about.
    private func looseRevisions(isAsked: Bool) throws -> [Candidate] {
        try view.looseRevisions().compactMap { row in
            if isAsked, !whole.contains(row.key.repository) { return nil }
            return candidate(loose: row, isAsked: isAsked)
        }
    }

    /// - Parameter isAsked: somebody asks about its repository as a whole: then the options do not matter.
    func candidate(loose row: SweepRevisionRow, isAsked: Bool) -> Candidate? {
        guard let subject = row.subject else {
            guard options.untagged || isAsked else { return nil }
            return Candidate(key: row.key, reason: .untagged, isLoose: true)
        }
        guard isAsked || hasWaited(row.loose) else { return nil }
        return Candidate(key: row.key, reason: .subjectMissing(subject), isLoose: true)
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
                !(going.tags[row.key] ?? []).contains(row.tag),
                try view.revision(subject, in: try name(row.key.repository)) == nil,
                try isIndex(row.key),
                try take(row.tag, row.key, row.digest, row.updated, .fallbackOf(subject))
            else { continue }
            candidates.append(Candidate(key: row.key, reason: .untagged))
        }
        return candidates
    }

    private func isIndex(_ key: RevisionKey) throws -> Bool {
        try view.revisions([key]).first?.mediaType.isIndex ?? false
    }

    /// False when the tag stays.
    private mutating func take(
        _ tag: Tag, _ key: RevisionKey, _ digest: Digest, _ updated: Int64, _ reason: SweepPlan.Reason
    ) throws -> Bool {
        guard room.isForLine else { return false }
        let place = try name(key.repository)
        // Of what a person would delete only what it gives back is asked, and nobody asks the collector about the tags.
        if case .all = scope {
            guard try judge(.tag(tag, place), MayGo.Thing(repositories: [place])) else { return false }
        }
        guard going.tags[key, default: []].insert(tag).inserted else { return true }
        relatives.insert(key)
        goneLinks[key.repository, default: 0] += 1
        append(
            SweepPlan.Line(
                .tag(tag, place), reason: reason, since: Date(timeIntervalSince1970: Double(updated)), target: digest))
        return true
    }

    /// Takes those of the candidates that nothing holds; gives what they held.
    mutating func judge(_ candidates: [Candidate]) throws -> [Candidate] {
        var byKey: [RevisionKey: Candidate] = [:]
        for candidate in candidates where going.revisions[candidate.key] == nil {
            if byKey[candidate.key] == nil || candidate.isLoose { byKey[candidate.key] = candidate }
        }
        var taken: [SweepRevisionRow] = []
        for (row, name) in try sorted(try view.revisions(byKey.keys)) {
            guard room.isForLine else { break }
            guard let candidate = byKey[row.key] else { continue }
            if !candidate.isLoose {
                // What something holds is no garbage, and nobody is told why it stays.
                guard try !view.isHeld(row, in: name, without: going) else { continue }
                guard whole.contains(row.key.repository) || hasNoSubjectToCome(row) else { continue }
            }
            guard
                try judge(
                    .revision(row.digest, name),
                    MayGo.Thing(digest: row.digest, repositories: [name], leased: row.leased),
                    mediaType: row.mediaType)
            else {
                sparedRevisions.insert(row.key)
                continue
            }
            going.revisions[row.key] = row
            going.digests.insert(Going.Place(repository: row.key.repository, digest: row.digest))
            goneLinks[row.key.repository, default: 0] += 1
            let departure =
                try view.lastDeparture(from: row.digest, in: row.key.repository) ?? candidate.departure
            departureOf[row.key] = departure
            departures[lines.count] = departure
            append(
                SweepPlan.Line(
                    .revision(row.digest, name), mediaType: row.mediaType, reason: candidate.reason,
                    since: row.loose > 1 ? Date(timeIntervalSince1970: Double(row.loose)) : nil))
            taken.append(row)
            if taken.count.isMultiple(of: Self.edgesOfMax) { try readEdges(of: taken.suffix(Self.edgesOfMax)) }
        }
        try readEdges(of: taken)
        return try held(by: taken)
    }

    /// Manifests whose edges are read at once: of each there may be tens of thousands, and the plan may be full after the
    /// first.
    private static let edgesOfMax = 64

    private mutating func readEdges(of rows: some Collection<SweepRevisionRow>) throws {
        let edges = try view.edges(of: Set(rows.map(\.key.manifest)).filter { edgesOf[$0] == nil })
        for row in rows where edgesOf[row.key.manifest] == nil { edgesOf[row.key.manifest] = [] }
        for edge in edges { edgesOf[edge.manifest, default: []].append(edge) }
        room.take(edges)
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
        let referrers = Dictionary(grouping: try view.referrers(of: manifests), by: \.subject)
        var candidates: [Candidate] = []
        for row in rows {
            let (repository, departure) = (row.key.repository, departureOf[row.key])
            for edge in edgesOf[row.key.manifest] ?? [] where edge.isManifest {
                let entry = RevisionKey(repository: repository, manifest: edge.target)
                relatives.insert(entry)
                candidates.append(Candidate(key: entry, reason: .indexRemoved(row.digest), departure: departure))
            }
            for referrer in referrers[row.key.manifest] ?? [] {
                candidates.append(
                    Candidate(
                        key: RevisionKey(repository: repository, manifest: referrer.manifest),
                        reason: .subjectRemoved(row.digest), departure: departure))
            }
            let tag = Tag(referrersOf: row.digest)
            if let list = try view.tagKey(tag, in: try name(repository)), try isIndex(list.key),
                try take(tag, list.key, list.digest, list.updated, .fallbackOf(row.digest))
            {
                candidates.append(Candidate(key: list.key, reason: .untagged, departure: departure))
            }
        }
        return candidates
    }

    /// False while the manifest is about something absent that may still come.
    private func hasNoSubjectToCome(_ row: SweepRevisionRow) -> Bool {
        guard let subject = row.subject,
            !going.digests.contains(Going.Place(repository: row.key.repository, digest: subject))
        else { return true }
        // Without a time of its own: it was held until now, so its subject may be on its way as long as for any other.
        return row.loose > 0 && hasWaited(row.loose)
    }
}
