import OCI
import RegistryIndex

extension Registry {
    /// Shared blobs whose holders are looked for, the largest first.
    private static let sharedBlobsMax = 500

    /// What deleting something would give back. Changes nothing. Costs time in proportion to what it holds.
    ///
    /// Throws `notReconciled`; `nameUnknown` for a repository that holds nothing.
    package func reclaim(_ subject: Reclaim.Subject) async throws(RegistryError) -> Reclaim {
        guard isReconciled else { throw .notReconciled }
        let (tags, whole) = try chosen(subject)
        let drops = tags.map { SweepPlanner.Drop(name: $0.name, tag: $0.tag, reason: .notRetained("")) }
        // Promises to clients are short: the question is what is left when they are over.
        let options = SweepOptions(untagged: true, uploadSeconds: nil, graceSeconds: 0)
        return try planned(options, drops: drops, scope: .only(whole)) { planner in
            let plan = try planner.plan(generation: 0)
            var reclaim = Reclaim(
                subject: subject, tags: plan.lines.count { $0.kind == .tag },
                manifests: plan.lines.count { $0.kind == .revision },
                blobs: plan.lines.count { $0.kind == .blob }, bytesFreed: plan.bytes, bytesShared: plan.bytesShared,
                bytesSpared: plan.bytesSpared)
            let (sharers, more) = try Self.sharers(of: planner.shared, without: Set(tags), planner.view)
            reclaim.sharers = sharers
            reclaim.sharersMore = more
            return reclaim
        }
    }

    private func chosen(
        _ subject: Reclaim.Subject
    ) throws(RegistryError) -> (tags: [RepositoryTag], whole: Set<RepositoryName>) {
        switch subject {
        case .tags(let tags, let name): return (tags.map { RepositoryTag(name: name, tag: $0) }, [])
        case .repository(let name): return try chosen(.repositories([name]))
        case .repositories(let names):
            var all: [RepositoryTag] = []
            for name in names {
                let (known, tags) = try indexed {
                    try index.read { (try $0.contains(name), try $0.tagNames(in: name, after: nil, limit: .max)) }
                }
                guard known else { throw .nameUnknown(name) }
                all += tags.map { RepositoryTag(name: name, tag: $0) }
            }
            return (all, Set(names))
        case .pattern(let pattern):
            // A colon cannot be part of a repository's name.
            let parts = pattern.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let (names, tags) = (Glob(parts[0]), parts.count > 1 ? Glob(parts[1]) : nil)
            return try indexed {
                try index.read { view in
                    let chosen = try view.repositoryNames(after: nil, limit: .max).filter { names.matches($0.text) }
                    let all = try chosen.flatMap { name in
                        try view.tagNames(in: name, after: nil, limit: .max)
                            .filter { tags?.matches($0.text) ?? true }.map { RepositoryTag(name: name, tag: $0) }
                    }
                    return (all, tags == nil ? Set(chosen) : [])
                }
            }
        }
    }

    /// The tags that hold what stays, those that hold most first.
    private static func sharers(
        of blobs: [(digest: Digest, bytes: Int64)], without tags: Set<RepositoryTag>, _ view: IndexView
    ) throws -> (named: [Reclaim.Sharer], more: Int) {
        var bytes: [RepositoryTag: Int64] = [:]
        for blob in blobs.prefix(sharedBlobsMax) {
            for use in try view.uses(of: blob.digest) {
                let place = RepositoryTag(name: use.repository, tag: use.tag)
                if !tags.contains(place) { bytes[place, default: 0].addClamped(blob.bytes) }
            }
        }
        let sorted = bytes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let named = sorted.prefix(Reclaim.sharersMax).map {
            Reclaim.Sharer(repository: $0.key.name, tag: $0.key.tag, bytes: $0.value)
        }
        return (named, sorted.count - named.count)
    }
}
