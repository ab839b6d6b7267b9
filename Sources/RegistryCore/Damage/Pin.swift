package import OCI
package import RegistryStorage

/// A link that was damaged and that a repair moved out of the way: what it may have needed is spared until it is whole again,
/// or a person says that nobody waits for it.
///
/// Kept as a file of its own under `berth/pins/`, at the path that the link had, so that it survives a restart and the index.
/// The path alone says what is pinned; the file says why, for people, and of a tag what it pointed at.
package struct Pin: Sendable, Hashable {
    /// Where the link was, from the root of the data directory.
    package var place: StoragePath
    /// Nil where the path says none: then it may have needed anything.
    package var repository: RepositoryName?
    /// What it led to, as far as anybody knows.
    package var digest: Digest?
    /// The tag of the path; nil for a link by digest.
    package var tag: Tag?
    /// Half a sentence for people.
    package var reason: String

    /// Bytes of the file that are read.
    static let bytesMax = 4096

    /// - Parameter target: what a tag pointed at; nil when nobody knows.
    init(place: StoragePath, reason: String, target: Digest? = nil) {
        self.place = place
        self.reason = reason
        digest = target
        let components = place.components
        let top = Layout.repositories.components
        guard components.starts(with: top) else { return }
        let below = components.dropFirst(top.count)
        guard let folder = below.firstIndex(where: { $0.hasPrefix("_") }) else { return }
        repository = try? RepositoryName(onDisk: below[..<folder].joined(separator: "/"))
        let rest = below[folder...].map(String.init)
        if rest.starts(with: ["_manifests", "tags"]), rest.count > 2 {
            tag = try? Tag(rest[2])
        } else if let hex = rest.dropLast().last, let name = rest.dropLast(2).last {
            digest = Digest.Algorithm(name: name).flatMap { Digest(algorithm: $0, hex: hex) }
        }
    }

    /// Reads what is kept of a place; whatever is in the file, the place is pinned.
    init(place: StoragePath, content: [UInt8]?) {
        let lines = content.map { String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init) } ?? []
        self.init(
            place: place, reason: lines.first ?? "nobody knows why any more",
            target: lines.count > 1 ? try? Digest(lines[1]) : nil)
    }

    /// What is kept.
    var content: [UInt8] {
        let line = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
        return Array((tag == nil ? "\(line)\n" : "\(line)\n\(digest?.description ?? "")\n").utf8)
    }

    /// Where it is kept.
    var path: StoragePath { Layout.pins.appending(place.components) }

    /// The reason, and what a person can do about it.
    package var advice: String {
        let lost = tag == nil ? "a repair moved it away" : "a repair moved the tag away"
        guard let repository else { return "\(reason); \(lost)" }
        return "\(reason); \(lost); push it again, or give it up with berth check --unpin \(repository)"
    }
}
