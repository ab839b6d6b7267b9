import Foundation
import OCI
import RegistryIndex

/// Works out what a sweep would remove, on one state of the index. Removes nothing.
///
/// Recursion is by (repository, digest), for a manifest lives and dies in each repository on its own; blobs are judged by
/// digest, over all repositories. Costs time in proportion to the garbage, and to the untagged manifests where those are
/// asked for.
struct SweepPlanner {
    private struct Revision: Hashable {
        var name: RepositoryName
        var digest: Digest
    }

    private let view: IndexView
    private let options: SweepOptions
    private let now: Int64
    private let leases: [Digest: Int64]
    private let isPinned: (Digest) -> Bool
    /// What is unreadable, by the repository it lies in; under nil what may reference anything.
    private let damage: [RepositoryName?: String]
    /// What is unreadable, by the blob it names.
    private let damagedBlobs: [Digest: String]

    private var removed: Set<Revision> = []
    private var lines: [SweepPlan.Line] = []
    private var spared: [SweepPlan.Spared] = []

    init(
        view: IndexView, options: SweepOptions, now: Int64, leases: [Digest: Int64],
        isPinned: @escaping (Digest) -> Bool
    ) throws {
        self.view = view
        self.options = options
        self.now = now
        self.leases = leases
        self.isPinned = isPinned
        let rows = try view.damage()
        damage = Dictionary(rows.map { ($0.repository, $0.path) }, uniquingKeysWith: { first, _ in first })
        damagedBlobs = Dictionary(
            rows.compactMap { row in row.digest.map { ($0, row.path) } }, uniquingKeysWith: { first, _ in first })
    }

    mutating func plan(generation: UInt64) throws -> SweepPlan {
        if options.untagged { try planRevisions() }
        try planBlobs()
        return SweepPlan(
            options: options, generation: generation, made: Date(timeIntervalSince1970: Double(now)), lines: lines,
            spared: spared,
            damaged: try view.damage().map { SweepPlan.Damage(path: $0.path, reason: $0.reason) })
    }

    // MARK: Manifests

    /// Parents stand before their children in the plan, so that running it in order finds each child unheld.
    private mutating func planRevisions() throws {
        var pending = try view.untaggedRoots().map {
            (Revision(name: $0.repository, digest: $0.digest), SweepPlan.Reason.untagged)
        }
        pending.reverse()
        while let (revision, reason) = pending.popLast() {
            guard !removed.contains(revision), try isUnheld(revision) else { continue }
            let name = revision.name
            if let spare = try spareReason(revision) {
                spared.append(
                    SweepPlan.Spared(
                        kind: .revision, digest: revision.digest, bytes: 0, repositories: [name], reason: spare))
                continue
            }
            removed.insert(revision)
            lines.append(
                SweepPlan.Line(
                    kind: .revision, digest: revision.digest, bytes: 0, repositories: [name], reason: reason))
            // Each once: an index may name the same entry thousands of times.
            var children: Set<Digest> = []
            for edge in try view.edges(of: revision.digest).reversed()
            where edge.isManifest && children.insert(edge.digest).inserted {
                pending.append((Revision(name: name, digest: edge.digest), .indexRemoved(revision.digest)))
            }
            for referrer in try view.referrers(of: revision.digest, in: name).reversed() {
                pending.append((Revision(name: name, digest: referrer.digest), .subjectRemoved(revision.digest)))
            }
        }
    }

    /// True when no tag, no index that stays and no subject holds the manifest in its repository. A subject that was
    /// removed by this plan holds nothing; one that is merely absent may still come.
    private func isUnheld(_ revision: Revision) throws -> Bool {
        let name = revision.name
        guard try view.revision(revision.digest, in: name) != nil,
            try view.tags(of: revision.digest, in: name).isEmpty,
            try view.parents(of: revision.digest, in: name).allSatisfy({
                removed.contains(Revision(name: name, digest: $0))
            })
        else { return false }
        guard let subject = try view.manifest(revision.digest)?.subject else { return true }
        return removed.contains(Revision(name: name, digest: subject))
    }

    private func spareReason(_ revision: Revision) throws -> SweepPlan.SpareReason? {
        if let path = damage[revision.name] ?? damage[nil] { return .mayBeReferenced(by: path) }
        if isPinned(revision.digest) { return .pushInFlight }
        let leased = try view.revision(revision.digest, in: revision.name)?.leased ?? 0
        return leaseReason(leased, revision.digest)
    }

    private func leaseReason(_ leased: Int64, _ digest: Digest) -> SweepPlan.SpareReason? {
        let until = max(leased, leases[digest] ?? 0) + Int64(options.graceSeconds)
        return until > now ? .leased(until: Date(timeIntervalSince1970: Double(until))) : nil
    }

    // MARK: Blobs

    private mutating func planBlobs() throws {
        var found: [SweepPlan.Line] = []
        for row in try view.unreferenced() {
            try judge(row.digest, size: row.size, leased: row.leased, .unreferenced, &found)
        }
        for (digest, lost) in try lostReferences() {
            guard let blob = try view.references(to: digest), blob.present, blob.count > 0, blob.count == lost else {
                continue
            }
            try judge(digest, size: blob.size, leased: blob.leased, .onlyRemovedReferences, &found)
        }
        found.sort { ($1.bytes, $0.digest) < ($0.bytes, $1.digest) }
        lines += found
    }

    /// References that go with the removed manifests, by what they point at: the links themselves, and all edges of a
    /// manifest that no repository keeps.
    private func lostReferences() throws -> [Digest: Int] {
        var lost: [Digest: Int] = [:]
        for digest in Set(removed.map(\.digest)) {
            let holders = try view.repositories(withRevision: digest)
            let gone = holders.filter { removed.contains(Revision(name: $0, digest: digest)) }
            lost[digest, default: 0] += gone.count
            guard gone.count == holders.count else { continue }
            for edge in try view.edges(of: digest) { lost[edge.digest, default: 0] += 1 }
        }
        return lost
    }

    private mutating func judge(
        _ digest: Digest, size: Int64, leased: Int64, _ reason: SweepPlan.Reason, _ found: inout [SweepPlan.Line]
    ) throws {
        let holders = try view.repositories(withLayer: digest)
        let unreadable = damage[nil] ?? damagedBlobs[digest] ?? holders.compactMap { damage[$0] }.first
        var spare: SweepPlan.SpareReason?
        if let path = unreadable {
            spare = .mayBeReferenced(by: path)
        } else if isPinned(digest) {
            spare = .pushInFlight
        } else {
            spare = leaseReason(leased, digest)
        }
        if let spare {
            spared.append(
                SweepPlan.Spared(kind: .blob, digest: digest, bytes: size, repositories: holders, reason: spare))
        } else {
            // The document of a manifest is held by links of its own kind.
            let all = Set(holders).union(try view.repositories(withRevision: digest)).sorted()
            found.append(SweepPlan.Line(kind: .blob, digest: digest, bytes: size, repositories: all, reason: reason))
        }
    }
}
