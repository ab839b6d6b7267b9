import Foundation

/// A storage tree counted by hand: a walk over the files that knows the layout from its documentation and nothing else of
/// the program, so that its numbers can be held against those of the program.
package struct TreeCensus {
    package struct Shelf {
        /// Where each tag points.
        package var tags: [String: String] = [:]
        package var revisions: Set<String> = []
        package var layers: Set<String> = []

        package init() {}
    }

    package struct Document {
        package var parts: [String]
        package var subject: String?
    }

    package struct Place: Hashable {
        package var repository: String
        package var tag: String

        package init(repository: String, tag: String) { (self.repository, self.tag) = (repository, tag) }
    }

    /// Bytes of each blob, by digest.
    package private(set) var sizes: [String: Int64] = [:]
    package private(set) var documents: [String: Document] = [:]
    package private(set) var shelves: [String: Shelf] = [:]

    /// What each tag reaches.
    private var reaches: [Place: Set<String>] = [:]

    /// - Parameter files: every file by its path.
    package init(_ files: [String: [UInt8]]) {
        for (path, bytes) in files {
            let parts = path.split(separator: "/").map(String.init)
            guard parts.starts(with: ["docker", "registry", "v2"]), parts.count > 4 else { continue }
            if parts[3] == "blobs", parts.last == "data" {
                let digest = "\(parts[4]):\(parts[6])"
                sizes[digest] = Int64(bytes.count)
                documents[digest] = Self.document(bytes)
            } else if parts[3] == "repositories", parts.last == "link" {
                read(Array(parts[4...]), String(decoding: bytes, as: UTF8.self))
            }
        }
        for place in tags {
            guard let digest = shelves[place.repository]?.tags[place.tag] else { continue }
            reaches[place] = reach(digest, in: place.repository)
        }
    }

    private static func document(_ bytes: [UInt8]) -> Document? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
            object["schemaVersion"] != nil
        else { return nil }
        let lists = ["layers", "manifests", "blobs"].flatMap { object[$0] as? [[String: Any]] ?? [] }
        let all = lists + [object["config"] as? [String: Any]].compactMap { $0 }
        return Document(
            parts: all.compactMap { $0["digest"] as? String },
            subject: (object["subject"] as? [String: Any])?["digest"] as? String)
    }

    /// A link, by its path below the repositories. What a link that nobody can read names is not known.
    private mutating func read(_ parts: [String], _ link: String) {
        guard let mark = parts.firstIndex(where: { $0.hasPrefix("_") }), link.hasPrefix("sha256:") else { return }
        let name = parts[..<mark].joined(separator: "/")
        let below = Array(parts[mark...])
        var shelf = shelves[name] ?? Shelf()
        if below[0] == "_layers" { shelf.layers.insert(link) }
        if below.starts(with: ["_manifests", "revisions"]) { shelf.revisions.insert(link) }
        if below.starts(with: ["_manifests", "tags"]), below[3] == "current" { shelf.tags[below[2]] = link }
        shelves[name] = shelf
    }

    package var tags: [Place] {
        shelves.flatMap { name, shelf in shelf.tags.keys.map { Place(repository: name, tag: $0) } }
            .sorted { ($0.repository, $0.tag) < ($1.repository, $1.tag) }
    }

    package func bytes(of digests: Set<String>) -> Int64 { digests.reduce(0) { $0 + (sizes[$1] ?? 0) } }

    /// What somebody gets to from a manifest of the repository: what it lists, what that lists, and what is about any of it.
    package func reach(_ digest: String, in name: String) -> Set<String> { walk(digest, in: name, withReferrers: true) }

    /// The same without what is about it.
    package func reachByReference(_ digest: String, in name: String) -> Set<String> {
        walk(digest, in: name, withReferrers: false)
    }

    private func walk(_ digest: String, in name: String, withReferrers: Bool) -> Set<String> {
        let shelf = shelves[name] ?? Shelf()
        var (found, waiting): (Set<String>, [String]) = ([], [digest])
        while let next = waiting.popLast() {
            guard found.insert(next).inserted, shelf.revisions.contains(next) else { continue }
            waiting += documents[next]?.parts ?? []
            if withReferrers { waiting += shelf.revisions.filter { documents[$0]?.subject == next } }
        }
        return found
    }

    package func reach(_ places: some Sequence<Place>) -> Set<String> {
        places.reduce(into: []) { found, place in found.formUnion(reaches[place] ?? []) }
    }

    /// Everything in the repositories, with what their tags reach.
    package func content(of names: Set<String>) -> Set<String> {
        names.reduce(into: []) { found, name in
            let shelf = shelves[name] ?? Shelf()
            found.formUnion(shelf.layers)
            for digest in Array(shelf.revisions) + shelf.tags.values { found.formUnion(reach(digest, in: name)) }
        }
    }

    /// What manifests of the repositories reach that wait for their subject, which is not there.
    package func waiting(without names: Set<String>) -> Set<String> {
        shelves.reduce(into: []) { found, entry in
            guard !names.contains(entry.key) else { return }
            for digest in entry.value.revisions {
                guard let subject = documents[digest]?.subject, !entry.value.revisions.contains(subject) else {
                    continue
                }
                found.formUnion(reach(digest, in: entry.key))
            }
        }
    }

    /// What would happen if some tags, or whole repositories, were deleted and all that no tag holds were swept.
    package struct Return {
        /// What comes back, by digest.
        package var freed: Set<String>
        /// What stays since other tags need it.
        package var shared: Set<String>
        /// What stays since it waits for its subject.
        package var waiting: Set<String>
        /// The tags that need some of it, and how many bytes of it; the largest first.
        package var sharers: [(place: Place, bytes: Int64)]
    }

    package func comesBack(deleting places: [Place], whole: Set<String> = []) -> Return {
        let staying = tags.filter { !places.contains($0) }
        let held = reach(places).union(content(of: whole))
        let shared = held.intersection(reach(staying))
        let waiting = held.intersection(waiting(without: whole)).subtracting(shared)
        let sharers = staying.map { (place: $0, bytes: bytes(of: held.intersection(reach([$0])))) }
            .filter { $0.bytes > 0 }
            .sorted { ($1.bytes, $0.place.repository, $0.place.tag) < ($0.bytes, $1.place.repository, $1.place.tag) }
        return Return(
            freed: held.subtracting(shared).subtracting(waiting), shared: shared, waiting: waiting, sharers: sharers)
    }

    /// The manifests of a repository, of which the bytes are some.
    package func manifests(of name: String) -> Set<String> {
        shelves[name]?.revisions.filter { documents[$0] != nil } ?? []
    }

    /// The blobs that a repository has, by a layer or a manifest.
    package func held(by name: String) -> Set<String> {
        manifests(of: name).union(shelves[name]?.layers ?? [])
    }
}
