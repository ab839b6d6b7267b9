import OCI

/// A registry as dictionaries: what was acknowledged and not deleted, and what holds what.
struct CollectorModel {
    struct Place: Hashable {
        var name: RepositoryName
        var digest: Digest
    }

    struct TagPlace: Hashable {
        var name: RepositoryName
        var tag: Tag
    }

    /// Everything that can be pushed, by digest.
    let manifests: [Digest: Manifest]
    /// Manifests that were acknowledged.
    var revisions: Set<Place> = []
    var tags: [TagPlace: Digest] = [:]

    init(_ manifests: [Manifest]) {
        self.manifests = Dictionary(uniqueKeysWithValues: manifests.map { ($0.digest, $0) })
    }

    /// What has to be pullable after any sweep: what a tag reaches through indexes, and what is about that.
    ///
    /// - Parameter untagged: whether sweeps take untagged manifests; if not, every acknowledged one stays, but for those
    ///   about something that is not there.
    ///   - going: manifests that hold nothing by themselves, for they go with their tags.
    func held(untagged: Bool, going: Set<Place> = []) -> Set<Place> {
        var roots = tags.map { Place(name: $0.key.name, digest: $0.value) }
        if !untagged { roots += revisions.filter { manifests[$0.digest]?.subject == nil && !going.contains($0) } }
        return reached(from: roots).intersection(revisions)
    }

    /// The manifests with what they list and what is about them.
    private func reached(from places: [Place]) -> Set<Place> {
        var reached: Set<Place> = []
        var pending = places
        while let place = pending.popLast() {
            guard reached.insert(place).inserted, let manifest = manifests[place.digest] else { continue }
            for reference in manifest.references where manifests[reference.digest] != nil {
                pending.append(Place(name: place.name, digest: reference.digest))
            }
            for other in revisions
            where other.name == place.name && manifests[other.digest]?.subject?.digest == place.digest {
                pending.append(other)
            }
        }
        return reached
    }

    /// Manifests that may go with tags that a retention took: what these reached, unless something else holds it.
    func going(with taken: [TagPlace: Digest], untagged: Bool) -> Set<Place> {
        let reached = reached(from: taken.map { Place(name: $0.key.name, digest: $0.value) })
        return reached.intersection(revisions).subtracting(held(untagged: untagged, going: reached))
    }

    mutating func put(_ digest: Digest, in name: RepositoryName, tag: Tag?) {
        revisions.insert(Place(name: name, digest: digest))
        if let tag { tags[TagPlace(name: name, tag: tag)] = digest }
    }

    mutating func delete(_ digest: Digest, in name: RepositoryName) {
        revisions.remove(Place(name: name, digest: digest))
        tags = tags.filter { $0.key.name != name || $0.value != digest }
    }

    /// A sweep was through: what nothing holds may be gone.
    mutating func swept(untagged: Bool) { revisions = held(untagged: untagged) }
}
