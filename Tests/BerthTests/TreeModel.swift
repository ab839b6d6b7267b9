import OCI
import RegistryStorage

/// What a data directory must hold by what registries have acknowledged: the model that they are compared with.
struct TreeModel {
    struct Repository {
        var manifests: [Digest: Manifest] = [:]
        var tags: [Tag: Digest] = [:]
        /// Blobs that were pushed or mounted and not deleted; the bytes of some may have been swept by a collector that
        /// leaves their links.
        var links: Set<Digest> = []
        /// What was here once and must be here no more.
        var deletedManifests: [Digest: Manifest] = [:]
        var deletedTags: Set<Tag> = []
        var deletedBlobs: Set<Digest> = []

        var holdsNothing: Bool { manifests.isEmpty && links.isEmpty }

        /// Indexes that list the manifest.
        func parents(of digest: Digest) -> [Digest] {
            manifests.values.filter { $0.entries.contains { $0.digest == digest } }.map(\.digest)
        }

        /// Makes a manifest part of the repository, as a push does.
        mutating func put(_ manifest: Manifest, _ tag: Tag?) {
            manifests[manifest.digest] = manifest
            deletedManifests[manifest.digest] = nil
            guard let tag else { return }
            tags[tag] = manifest.digest
            deletedTags.remove(tag)
        }

        /// Takes a manifest out, and the tags that point at it.
        mutating func remove(_ digest: Digest) {
            deletedManifests[digest] = manifests.removeValue(forKey: digest)
            for (tag, target) in tags where target == digest { remove(tag) }
        }

        mutating func remove(_ tag: Tag) {
            tags[tag] = nil
            deletedTags.insert(tag)
        }
    }

    /// A manifest in one repository.
    struct Revision: Hashable {
        var name: RepositoryName
        var digest: Digest
    }

    var repositories: [RepositoryName: Repository] = [:]
    /// What lies in the store, needed or not; the documents of manifests are blobs too.
    var stored: [Digest: [UInt8]] = [:]

    /// Blobs that the repository serves.
    func blobs(of name: RepositoryName) -> Set<Digest> {
        repositories[name]?.links.filter { stored[$0] != nil } ?? []
    }

    /// What some manifest of some repository is or names: nobody may remove it.
    var alive: Set<Digest> {
        repositories.values.reduce(into: []) { alive, repository in
            for manifest in repository.manifests.values {
                alive.insert(manifest.digest)
                alive.formUnion(manifest.references.map(\.digest))
            }
        }
    }

    /// What every collector may remove: in the store and of no use to a manifest.
    var garbage: Set<Digest> { Set(stored.keys).subtracting(alive) }

    /// Manifests that no tag, no index and no subject holds, in repeated passes: what goes may have held others. A subject
    /// that was never there may still come.
    var untagged: Set<Revision> {
        var removed: Set<Revision> = []
        for (name, repository) in repositories {
            let tagged = Set(repository.tags.values)
            var count = -1
            while count < removed.count {
                count = removed.count
                for manifest in repository.manifests.values where !tagged.contains(manifest.digest) {
                    let isListed = repository.parents(of: manifest.digest).contains {
                        !removed.contains(Revision(name: name, digest: $0))
                    }
                    let isAbout = manifest.subject.map { !removed.contains(Revision(name: name, digest: $0.digest)) }
                    if !isListed, isAbout != true { removed.insert(Revision(name: name, digest: manifest.digest)) }
                }
            }
        }
        return removed
    }

    /// Removes bytes from the store.
    mutating func sweep(_ digests: Set<Digest>) {
        for digest in digests { stored[digest] = nil }
    }

    /// Links to bytes that are not in the store, as 2.8's collector leaves them; by path.
    var danglingLinks: Set<StoragePath> {
        repositories.reduce(into: []) { paths, entry in
            for digest in entry.value.links where stored[digest] == nil {
                paths.insert(Layout.layerLink(digest, in: entry.key))
            }
        }
    }

    /// Links to blobs that no manifest of their repository needs, whatever became of the bytes.
    var idleLinks: Set<Revision> {
        repositories.reduce(into: []) { idle, entry in
            let needed = entry.value.manifests.values.reduce(into: Set<Digest>()) { needed, manifest in
                needed.formUnion(manifest.references.map(\.digest))
            }
            for digest in entry.value.links.subtracting(needed) {
                idle.insert(Revision(name: entry.key, digest: digest))
            }
        }
    }

    /// Links of indexes that list a manifest which was deleted.
    var sparseIndexes: Set<StoragePath> {
        repositories.reduce(into: []) { paths, entry in
            for manifest in entry.value.manifests.values
            where !manifest.entries.allSatisfy({ entry.value.manifests[$0.digest] != nil }) {
                paths.insert(Layout.revisionLink(manifest.digest, in: entry.key))
            }
        }
    }
}
