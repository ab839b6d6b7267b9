import OCI
import RegistryCore
import RegistryIndex

/// What deleting something would give back, once a sweep of untagged manifests has followed: of everything that it holds,
/// what goes, what tags that stay need too, and what stays for another reason. The three are all of it.
extension SweepPlanner {
    /// Costs time in proportion to what the drops and the repositories hold, and to who else holds that.
    mutating func reclaim(_ subject: Reclaim.Subject) throws -> Reclaim {
        var roots = Set(try view.revisions(in: whole)).union(try view.damaged(in: whole))
        for drop in drops {
            if let held = try view.tagKey(drop.tag, in: drop.name) { roots.insert(held.key) }
        }

        try planManifests()
        var held = Set(try view.reached(from: roots))
        let layers = try view.layers(in: whole)
        // An untagged manifest keeps nothing: the sweep takes it too.
        let loose = try view.looseRevisions(above: Set(held.map(\.manifest)).union(layers))
        var candidates = loose.compactMap { candidate(loose: $0, isAsked: false) }
        while !candidates.isEmpty { candidates = try judge(candidates) }
        held.formUnion(try view.reached(from: try referrerLists(of: held)))
        try planBlobs()

        let rows = try view.blobs(Set(held.map(\.manifest)).union(layers))
        let going = Set(lines.lazy.filter { $0.kind == .blob }.compactMap(\.digest))
        let (gone, rest) = (rows.filter { going.contains($0.digest) }, rows.filter { !going.contains($0.digest) })
        let sharing = try Sharing(of: rest, self.going, view)
        return Reclaim(
            subject: subject, tags: held.reduce(0) { $0 + (self.going.tags[$1]?.count ?? 0) },
            manifests: held.count { self.going.revisions[$0] != nil }, blobs: gone.count,
            bytesFreed: gone.sumClamped(\.size), bytesShared: sharing.bytesShared, sharers: sharing.named,
            sharersMore: sharing.more, bytesSpared: rest.sumClamped(\.size) - sharing.bytesShared)
    }

    /// Indexes that clients of older registries list the referrers of these manifests in, and that go with them.
    private func referrerLists(of held: Set<RevisionKey>) throws -> [RevisionKey] {
        let digests = Set(try view.blobs(Set(held.map(\.manifest))).map(\.digest))
        return going.tags.filter { key, tags in
            !held.contains(key) && tags.contains { $0.referrersSubject.map(digests.contains) ?? false }
        }.map(\.key)
    }
}

/// Who needs what stays.
private struct Sharing {
    var bytesShared: Int64 = 0
    var named: [Reclaim.Sharer] = []
    var more = 0

    /// - Parameter rows: what does not go.
    init(of rows: [SweepBlobRow], _ going: Going, _ view: IndexView) throws {
        let sizes = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.size) })
        let holders = try view.taggedHolders(of: sizes.keys)
            .map { (key: $0.key, tags: $0.tags - (going.tags[$0.key]?.count ?? 0)) }.filter { $0.tags > 0 }
        var shared: Set<Int64> = []
        var bytes = Array(repeating: Int64(0), count: holders.count)
        try view.eachReached(from: holders.map(\.key)) { root, blob in
            guard let size = sizes[blob] else { return }
            shared.insert(blob)
            bytes[root].addClamped(size)
        }
        bytesShared = shared.sumClamped { sizes[$0] ?? 0 }

        // Those that hold most first; those that hold as much as each other by their names.
        let ranks = Dictionary(grouping: holders.indices.filter { bytes[$0] > 0 }) { bytes[$0] }
        for (size, places) in ranks.sorted(by: { $0.key > $1.key }) where named.count < Reclaim.sharersMax {
            let keys = places.map { holders[$0].key }
            let gone = keys.reduce(0) { $0 + (going.tags[$1]?.count ?? 0) }
            let tags = try view.tags(of: keys, limit: Reclaim.sharersMax + gone).filter {
                !(going.tags[$0.key]?.contains($0.tag) ?? false)
            }
            named += tags.prefix(Reclaim.sharersMax - named.count).map {
                Reclaim.Sharer(repository: $0.repository, tag: $0.tag, bytes: size)
            }
        }
        more = ranks.values.joined().reduce(0) { $0 + holders[$1].tags } - named.count
    }
}
