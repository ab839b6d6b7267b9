import Foundation
package import OCI
import RegistryIndex
import RegistryStorage

extension Registry {
    /// Every repository with its totals, in byte order of the names.
    package func repositories() async throws(RegistryError) -> [RepositorySummary] {
        let rows = try indexed { try index.read { try $0.repositories() } }
        return rows.map { row in
            RepositorySummary(
                name: row.name, tagCount: row.tagCount, manifestCount: row.manifestCount, bytes: row.bytes,
                bytesUnique: row.bytesUnique, lastPush: row.pushed.map { Date(timeIntervalSince1970: Double($0)) },
                lastPull: lastPulls.last(row.name))
        }
    }

    /// Names of repositories in byte order, at most `limit`, from the first after `last`. Read from the tree while the index
    /// is not up to it.
    package func repositoryNames(
        after last: String?, limit: Int
    ) async throws(RegistryError) -> [RepositoryName] {
        guard listsFollowIndex else {
            return try await stored { try await TreeListing(storage: storage).repositories(after: last, limit: limit) }
        }
        return try indexed { try index.read { try $0.repositoryNames(after: last, limit: limit) } }
    }

    /// Tags in byte order, at most `limit`, from the first after `last`. Throws `nameUnknown` for a repository that holds
    /// nothing. Read from the tree while the index is not up to it.
    package func tagNames(
        in name: RepositoryName, after last: String?, limit: Int
    ) async throws(RegistryError) -> [Tag] {
        guard listsFollowIndex else {
            let listing = TreeListing(storage: storage)
            guard try await stored({ try await listing.contains(name) }) else { throw .nameUnknown(name) }
            return try await stored { try await listing.tags(in: name, after: last, limit: limit).map(\.tag) }
        }
        let (known, tags) = try indexed {
            try index.read { (try $0.contains(name), try $0.tagNames(in: name, after: last, limit: limit)) }
        }
        guard known else { throw .nameUnknown(name) }
        return tags
    }

    /// Tags with what a list shows of them, in byte order. Throws `nameUnknown` as `tagNames` does.
    package func tags(in name: RepositoryName) async throws(RegistryError) -> [TagSummary] {
        let (known, summaries) = try indexed {
            try index.read { view in
                // Asked once for each manifest, however many tags point at it.
                var images: [Digest: (bytes: Int64, platforms: [String], isDamaged: Bool)] = [:]
                let broken = Set(try view.damagedPaths(in: name))
                let summaries = try view.tags(in: name).map { row in
                    let image = try images[row.digest] ?? Self.image(row.digest, view)
                    images[row.digest] = image
                    return TagSummary(
                        tag: row.tag, digest: row.digest, mediaType: row.mediaType, platforms: image.platforms,
                        bytes: image.bytes,
                        updated: Date(timeIntervalSince1970: Double(row.updated)), sameDigest: row.sameDigest,
                        isDamaged: image.isDamaged || broken.contains(Layout.tagCurrent(row.tag, in: name).description),
                        lastPull: lastPulls.last(name, row.tag))
                }
                return (try view.contains(name), summaries)
            }
        }
        guard known else { throw .nameUnknown(name) }
        return summaries
    }

    private static func image(_ digest: Digest, _ view: IndexView) throws -> (
        bytes: Int64, platforms: [String], isDamaged: Bool
    ) {
        let entries = try view.edges(of: digest).filter { $0.role == .entry }
        return (
            try view.bytesReached(from: digest), entries.compactMap(\.platform), try view.isDamaged(below: digest)
        )
    }

    /// What a reference is made of. Throws `manifestUnknown` when the repository does not hold it.
    package func graph(of reference: Reference, in name: RepositoryName) async throws(RegistryError) -> ImageGraph {
        guard let digest = try await resolve(reference, in: name) else { throw .manifestUnknown(reference, name) }
        let graph = try indexed {
            try index.read { view in
                var builder = GraphBuilder(view: view, name: name, reference: reference)
                return try builder.build(digest)
            }
        }
        guard let graph else { throw .manifestUnknown(reference, name) }
        return graph
    }

    /// What of the tree could not be read when it was last compared, in the order of the paths. It is served as absent, and
    /// spares what it may reference from a sweep.
    package func damage() throws(RegistryError) -> [SweepPlan.Damage] {
        try indexed { try index.read { try $0.damage() } }.map { SweepPlan.Damage(path: $0.path, reason: $0.reason) }
    }

    /// Every tag, over all repositories, that reaches a blob, in byte order.
    package func users(of digest: Digest) async throws(RegistryError) -> [BlobUse] {
        try indexed { try index.read { try $0.uses(of: digest) } }.map {
            BlobUse(repository: $0.repository, tag: $0.tag, digest: $0.digest)
        }
    }
}
