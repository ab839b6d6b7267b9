import OCI
import RegistryStorage

/// Lists read from the tree itself, for clients that ask before the index is up to it.
struct TreeListing {
    let storage: any StorageDriver

    /// Names of all repositories. Costs a listing of every directory above them.
    func repositories() async throws -> [RepositoryName] {
        var walk = RepositoryWalk(storage: storage)
        var names: [RepositoryName] = []
        while let place = try await walk.next() {
            if case .repository(let name) = place.kind { names.append(name) }
        }
        return names
    }

    /// Tags of a repository, in byte order, with what they point at; damaged and empty ones are left out. Costs reading a
    /// link for each.
    func tags(in name: RepositoryName) async throws -> [(tag: Tag, digest: Digest)] {
        var tags: [(Tag, Digest)] = []
        for entry in try await storage.list(Layout.tags(name)) ?? [] where entry.isDirectory {
            guard let tag = try? Tag(entry.name), let digest = try await target(of: tag, in: name) else { continue }
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
    func contains(_ name: RepositoryName) async throws -> Bool {
        if try await storage.list(Layout.manifests(name)) != nil { return true }
        return try await storage.list(Layout.layers(name)) != nil
    }
}
