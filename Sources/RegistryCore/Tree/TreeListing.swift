package import OCI
package import RegistryStorage

/// Lists read from the tree itself, for clients that ask before the index is up to it.
package struct TreeListing {
    private let storage: any StorageDriver

    package init(storage: any StorageDriver) { self.storage = storage }

    /// Names of repositories in byte order, at most `limit`, from the first after `last`, of those that are to be shown. Costs
    /// what the page and those that are passed over cost, see `CatalogueWalk`.
    package func repositories(
        after last: String?, limit: Int, where isShown: (RepositoryName) -> Bool = { _ in true }
    ) async throws -> [RepositoryName] {
        var walk = CatalogueWalk(storage: storage, after: last)
        var names: [RepositoryName] = []
        while names.count < limit, let name = try await walk.next() { if isShown(name) { names.append(name) } }
        return names
    }

    /// Tags of a repository, in byte order, at most `limit`, from the first after `last`, with what they point at; damaged and
    /// empty ones are left out. Costs a listing of their directory, and reading a link for each that is given out.
    package func tags(
        in name: RepositoryName, after last: String? = nil, limit: Int = .max,
        where isShown: (Tag) -> Bool = { _ in true }
    ) async throws -> [(tag: Tag, digest: Digest)] {
        var tags: [(Tag, Digest)] = []
        for entry in try await storage.list(Layout.tags(name)) ?? [] where entry.isDirectory {
            guard tags.count < limit else { break }
            guard last.map({ $0.precedesInBytes(entry.name) }) ?? true, let tag = try? Tag(entry.name),
                isShown(tag),
                let digest = try await target(of: tag, in: name)
            else { continue }
            tags.append((tag, digest))
        }
        return tags
    }

    /// Nil for a tag that is damaged, empty or cannot be read.
    private func target(of tag: Tag, in name: RepositoryName) async throws -> Digest? {
        do throws(StorageError) {
            return try await storage.link(at: Layout.tagCurrent(tag, in: name)).digest
        } catch {
            guard error.isOfOnePlace else { throw error }
            return nil
        }
    }

    /// True when there is anything of the repository.
    package func contains(_ name: RepositoryName) async throws -> Bool {
        if try await storage.list(Layout.manifests(name)) != nil { return true }
        return try await storage.list(Layout.layers(name)) != nil
    }
}
