import Foundation
package import OCI
import RegistryIndex
import RegistryStorage

extension Registry {
    /// Every repository that may be listed and pulled from with its totals, in byte order of the names.
    package func repositories(by access: Access) async throws(RegistryError) -> [RepositorySummary] {
        try await repositories(since: nil, by: access).changed
    }

    /// What a list of the repositories has to change that was made at `mark`; nil for who has none. Costs time in proportion
    /// to the changes.
    package func repositories(
        since mark: Int64?, by access: Access
    ) async throws(RegistryError) -> RepositoryChanges {
        var changes = try indexed {
            try index.read { view in
                let now = try view.repositoryMark()
                // An index that was made anew knows nothing of that moment.
                guard let mark, mark <= now else {
                    return RepositoryChanges(isWhole: true, changed: try view.repositories(summary), mark: now)
                }
                let (rows, gone) = try view.repositories(changedAfter: mark)
                return RepositoryChanges(isWhole: false, changed: rows.map(summary), gone: gone, mark: now)
            }
        }
        changes.changed.removeAll { !access.may(.list, $0.name) || !access.may(.pull, $0.name) }
        changes.gone.removeAll { !access.may(.list, $0) || !access.may(.pull, $0) }
        return changes
    }

    private func summary(_ row: RepositoryRow) -> RepositorySummary {
        RepositorySummary(
            name: row.name, tagCount: row.tagCount, manifestCount: row.manifestCount, bytes: row.bytes,
            bytesUnique: row.bytesUnique, lastPush: row.pushed.map { Date(timeIntervalSince1970: Double($0)) },
            lastPull: ground.lastPulls.last(row.name))
    }

    /// Names of repositories that may be listed, in byte order, at most `limit`, from the first after `last`. Read from the
    /// tree while the index is not up to it.
    package func repositoryNames(
        after last: String?, limit: Int, by access: Access
    ) async throws(RegistryError) -> [RepositoryName] {
        guard ground.listsFollowIndex else {
            return try await stored {
                try await TreeListing(storage: storage).repositories(after: last, limit: limit) {
                    access.may(.list, $0)
                }
            }
        }
        return try indexed {
            try index.read { try $0.repositoryNames(after: last, limit: limit) { access.may(.list, $0) } }
        }
    }

    /// Tags that may be pulled, in byte order, at most `limit`, from the first after `last`. Throws `nameUnknown` for a
    /// repository that holds nothing. Read from the tree while the index is not up to it.
    package func tagNames(
        in name: RepositoryName, after last: String?, limit: Int, by access: Access
    ) async throws(RegistryError) -> [Tag] {
        try access.require(.pull, name)
        guard ground.listsFollowIndex else {
            let listing = TreeListing(storage: storage)
            guard try await stored({ try await listing.contains(name) }) else { throw .nameUnknown(name) }
            return try await stored {
                try await listing.tags(in: name, after: last, limit: limit) { access.may(.pull, name, $0) }.map(\.tag)
            }
        }
        let (known, tags) = try indexed {
            try index.read { view in
                let tags = try view.tagNames(in: name, after: last, limit: limit) { access.may(.pull, name, $0) }
                return (try view.contains(name), tags)
            }
        }
        guard known else { throw .nameUnknown(name) }
        return tags
    }

    /// Tags that may be pulled with what a list shows of them, in byte order. Throws `nameUnknown` as `tagNames` does.
    package func tags(in name: RepositoryName, by access: Access) async throws(RegistryError) -> [TagSummary] {
        try await tags(in: name, since: nil, by: access)?.tags ?? []
    }

    /// The same where something of it has changed since `mark`, with the moment of this list; nil where nothing has.
    package func tags(
        in name: RepositoryName, since mark: Int64?, by access: Access
    ) async throws(RegistryError) -> TagList? {
        try access.require(.pull, name)
        let (known, now, summaries) = try indexed {
            try index.read { view -> (Bool, Int64, [TagSummary]?) in
                let (known, now) = (try view.contains(name), try view.mark(of: name) ?? 0)
                guard known, mark != now else { return (known, now, nil) }
                let images = try view.images(in: name)
                let broken = Set(try view.damagedPaths(in: name))
                let mayBeBroken = try view.hasDamageNamingBlobs()
                // Asked once for each manifest, however many tags point at it, and only where it can be so.
                var damaged: [Digest: Bool] = [:]
                let summaries = try view.tags(in: name) { row in
                    let image = images[row.digest] ?? .unknown
                    if !image.isWhole || mayBeBroken, damaged[row.digest] == nil {
                        damaged[row.digest] = try view.isDamaged(below: row.digest, in: name)
                    }
                    let isBroken = broken.contains(Layout.tagCurrent(row.tag, in: name).description)
                    return TagSummary(
                        tag: row.tag, digest: row.digest, mediaType: row.mediaType, platforms: image.platforms,
                        bytes: image.bytes, updated: Date(timeIntervalSince1970: Double(row.updated)),
                        sameDigest: row.sameDigest, isDamaged: isBroken || damaged[row.digest] ?? false,
                        isWhole: image.isWhole, lastPull: ground.lastPulls.last(name, row.tag))
                }
                return (known, now, summaries)
            }
        }
        guard known else { throw .nameUnknown(name) }
        return summaries.map { TagList($0.filtered { access.may(.pull, name, $0.tag) }, mark: now) }
    }

    /// What a reference is made of. Throws `manifestUnknown` when the repository does not hold it.
    package func graph(
        of reference: Reference, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) -> ImageGraph {
        try access.require(.pull, name, reference.tag)
        guard let digest = try await ground.resolve(reference, in: name) else {
            throw .manifestUnknown(reference, name)
        }
        let graph = try indexed {
            try index.read { view in
                var builder = GraphBuilder(view: view, name: name, reference: reference, access: access)
                return try builder.build(digest)
            }
        }
        guard let graph else { throw .manifestUnknown(reference, name) }
        return graph
    }

    /// Every tag that may be pulled, over all repositories, that reaches a blob, in byte order.
    package func users(of digest: Digest, by access: Access) async throws(RegistryError) -> [BlobUse] {
        try indexed { try index.read { try $0.uses(of: digest) } }.filter { access.may(.pull, $0.repository, $0.tag) }
            .map { BlobUse(repository: $0.repository, tag: $0.tag, digest: $0.digest) }
    }
}

extension [TagSummary] {
    /// Those that are shown, which are counted as having the same digest among themselves alone.
    fileprivate func filtered(_ isShown: (TagSummary) -> Bool) -> [TagSummary] {
        var shown = self
        shown.removeAll { !isShown($0) }
        guard shown.count < count else { return shown }
        var holders: [Digest: Int] = [:]
        for tag in shown { holders[tag.digest, default: 0] += 1 }
        for place in shown.indices { shown[place].sameDigest = (holders[shown[place].digest] ?? 1) - 1 }
        return shown
    }
}
