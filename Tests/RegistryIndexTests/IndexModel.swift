import OCI

/// The index as plain dictionaries and sets, recomputed from scratch for every question: what SQLite must agree with.
struct IndexModel {
    struct Place: Hashable {
        var repository: RepositoryName
        var digest: Digest
    }

    struct TagPlace: Hashable {
        var repository: RepositoryName
        var tag: Tag
    }

    /// Every manifest there is, and every size.
    let manifests: [Digest: Manifest]
    let sizes: [Digest: Int64]

    var present: Set<Digest> = []
    var layers: Set<Place> = []
    var revisions: Set<Place> = []
    var tags: [TagPlace: Digest] = [:]

    init(manifests: [Manifest], sizes: [Digest: Int64]) {
        self.manifests = Dictionary(uniqueKeysWithValues: manifests.map { ($0.digest, $0) })
        self.sizes = sizes
    }

    /// Manifests whose edges count: those that are part of any repository.
    private var known: [Manifest] { Set(revisions.map(\.digest)).compactMap { manifests[$0] } }

    func references(to digest: Digest) -> Int {
        known.reduce(0) { $0 + $1.references.count { $0.digest == digest } }
            + revisions.count { $0.digest == digest } + tags.values.count { $0 == digest }
    }

    func unreferenced() -> Set<Digest> { present.filter { references(to: $0) == 0 } }

    /// Manifests that no tag, no index and no subject of their repository holds.
    func looseRevisions() -> Set<Place> {
        revisions.filter { place in
            let subject = manifests[place.digest]?.subject?.digest
            let isHeldBySubject =
                subject.map { revisions.contains(Place(repository: place.repository, digest: $0)) } ?? false
            return !isHeldBySubject
                && !tags.contains { $0.key.repository == place.repository && $0.value == place.digest }
                && parents(of: place.digest, in: place.repository).isEmpty
        }
    }

    /// Links to layers that no manifest and no tag of their repository needs, without those that go with their bytes.
    func idleLayers() -> Set<Place> {
        layers.filter { place in
            parents(of: place.digest, in: place.repository).isEmpty && !revisions.contains(place)
                && !unreferenced().contains(place.digest)
                && !tags.contains { $0.key.repository == place.repository && $0.value == place.digest }
        }
    }

    func linkCount(of name: RepositoryName) -> Int {
        revisions.count { $0.repository == name } + layers.count { $0.repository == name }
            + tags.keys.count { $0.repository == name }
    }

    func parents(of digest: Digest, in name: RepositoryName) -> Set<Digest> {
        Set(
            revisions.filter { place in
                place.repository == name && manifests[place.digest]?.references.contains { $0.digest == digest } == true
            }.map(\.digest))
    }

    func bytesReached(from digest: Digest, in name: RepositoryName) -> Int64 {
        reached(from: digest, in: name).intersection(present).reduce(0) { $0 + (sizes[$1] ?? 0) }
    }

    /// In each repository on its own, by what it holds.
    func uses(of digest: Digest) -> Set<TagPlace> {
        Set(tags.filter { place, target in reached(from: target, in: place.repository).contains(digest) }.keys)
    }

    private func reached(from target: Digest, in name: RepositoryName) -> Set<Digest> {
        let held = known.filter { revisions.contains(Place(repository: name, digest: $0.digest)) }
        return closure(target) { above in
            held.filter { $0.digest == above }.flatMap { $0.references.map(\.digest) }
                + held.filter { $0.subject?.digest == above && held.map(\.digest).contains(above) }.map(\.digest)
        }
    }

    /// What a repository holds, and which of that no other does.
    func bytes(of name: RepositoryName) -> (all: Int64, own: Int64) {
        let holders = Dictionary(grouping: layers.union(revisions), by: \.digest).mapValues {
            Set($0.map(\.repository))
        }
        let held = holders.filter { present.contains($0.key) && $0.value.contains(name) }
        return (
            held.keys.reduce(0) { $0 + (sizes[$1] ?? 0) },
            held.filter { $0.value.count == 1 }.keys.reduce(0) { $0 + (sizes[$1] ?? 0) }
        )
    }

    private func closure(_ start: Digest, _ step: (Digest) -> [Digest]) -> Set<Digest> {
        var found: Set<Digest> = [start]
        var waiting = [start]
        while let next = waiting.popLast() {
            for digest in step(next) where found.insert(digest).inserted { waiting.append(digest) }
        }
        return found
    }
}
