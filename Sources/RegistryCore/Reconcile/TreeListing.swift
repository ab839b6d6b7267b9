import OCI
import RegistryStorage

/// Lists read from the tree itself: for the reconciler, and for clients that ask before the index is up to it.
struct TreeListing {
    /// Levels of directories that a repository name may have: more than 255 characters cannot make more.
    private static let depthMax = 128

    let storage: any StorageDriver

    /// A directory that holds a repository. Its name is nil where it cannot be a repository's.
    struct Place {
        var directory: StoragePath
        var name: RepositoryName?
    }

    /// Every repository of the tree, and every place where directories are nested deeper than names can be. Repositories
    /// may lie inside each other, so every directory is both a component and perhaps a repository. Costs a listing of each.
    func repositories() async throws -> (found: [Place], tooDeep: [StoragePath]) {
        var found: [Place] = []
        var tooDeep: [StoragePath] = []
        var pending = [(directory: Layout.repositories, path: "", depth: 0)]
        while let (directory, path, depth) = pending.popLast() {
            guard let entries = try await storage.list(directory) else { continue }
            if entries.contains(where: { $0.isDirectory && ($0.name == "_manifests" || $0.name == "_layers") }) {
                found.append(Place(directory: directory, name: try? RepositoryName(onDisk: path)))
            }
            guard depth < Self.depthMax else {
                tooDeep.append(directory)
                continue
            }
            for entry in entries.reversed() where entry.isDirectory && !entry.name.hasPrefix("_") {
                let below = path.isEmpty ? entry.name : "\(path)/\(entry.name)"
                pending.append((directory.appending(entry.name), below, depth + 1))
            }
        }
        return (found, tooDeep)
    }

    /// Tags of a repository, in byte order, with what they point at; damaged and empty ones are left out. Costs reading a
    /// link for each.
    func tags(in name: RepositoryName) async throws -> [(tag: Tag, digest: Digest)] {
        var tags: [(Tag, Digest)] = []
        for entry in try await storage.list(Layout.tags(name)) ?? [] where entry.isDirectory {
            guard let tag = try? Tag(entry.name),
                let digest = try await storage.link(at: Layout.tagCurrent(tag, in: name)).digest
            else { continue }
            tags.append((tag, digest))
        }
        return tags
    }

    /// True when there is anything of the repository.
    func contains(_ name: RepositoryName) async throws -> Bool {
        if try await storage.list(Layout.manifests(name)) != nil { return true }
        return try await storage.list(Layout.layers(name)) != nil
    }
}
