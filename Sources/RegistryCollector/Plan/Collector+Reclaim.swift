import OCI
package import RegistryCore
import RegistryIndex

extension Collector {
    /// What deleting something would give back. Changes nothing. Costs time in proportion to what it holds.
    ///
    /// Throws `notReconciled`; `nameUnknown` for a repository that holds nothing.
    package func reclaim(_ subject: Reclaim.Subject, by access: Access) async throws(RegistryError) -> Reclaim {
        try access.require(.administer, nil)
        guard ground.isReconciled else { throw .notReconciled }
        let (tags, whole) = try chosen(subject)
        let drops = tags.map { SweepPlanner.Drop(name: $0.name, tag: $0.tag, reason: .notRetained("")) }
        // Promises to clients are short: the question is what is left when they are over.
        let options = SweepOptions(untagged: true, uploadSeconds: nil, graceSeconds: 0)
        return try planned(options, drops: drops, scope: .only(whole)) { planner in
            var reclaim = try planner.reclaim(subject)
            // Who holds the rest is told of those that may be pulled; the others are counted.
            let named = reclaim.sharers.count
            reclaim.sharers.removeAll { !access.may(.pull, $0.repository, $0.tag) }
            reclaim.sharersMore += named - reclaim.sharers.count
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
}
