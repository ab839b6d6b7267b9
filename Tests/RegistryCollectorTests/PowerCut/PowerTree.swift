import OCI
import RegistryCore
import RegistryStorage
import StorageProbes

/// What a disk has to hold by a ledger, as paths and bytes, so that thousands of states can be held against it.
struct PowerTree {
    /// Where the data directory is in the recorded part of the disk.
    static let root = "data/"

    /// A file that has to be there with this content, and what its lack means.
    private struct Part {
        var path: String
        var bytes: [UInt8]
        var name: String
    }

    private struct TagCheck {
        var name: String
        var path: String
        /// By the content of the link, what has to be there with it.
        var allowed: [[UInt8]: [Part]] = [:]
        var mayBeAbsent: Bool
    }

    private struct LinkCheck {
        var name: String
        var path: String
        var allowed: Set<Bool>
        var whole: [Part]
    }

    private var tags: [TagCheck] = []
    private var links: [LinkCheck] = []
    private var sessions: [(place: String, session: PowerLedger.Session)] = []
    private var spent: [String] = []
    private let kept: [String: PowerLedger.Kept]
    private let cleared: Set<String>

    init(_ ledger: PowerLedger, _ world: CollectorWorld) {
        kept = ledger.kept
        cleared = ledger.cleared
        for (place, allowed) in ledger.tags {
            var check = TagCheck(
                name: "\(place.name):\(place.tag)", path: Self.text(Layout.tagCurrent(place.tag, in: place.name)),
                mayBeAbsent: allowed.contains(nil))
            for digest in allowed.compactMap(\.self) {
                var parts = Self.parts(of: digest, in: place.name, world)
                // What is going loses its history first.
                for past in allowed == [digest] ? ledger.histories[place] ?? [] : [] {
                    parts.append(
                        Part(
                            path: Self.text(Layout.tagIndex(past, place.tag, in: place.name)),
                            bytes: Link.content(past), name: "\(past.short) in its history"))
                }
                check.allowed[Link.content(digest)] = parts
            }
            tags.append(check)
        }
        for (place, allowed) in ledger.revisions {
            links.append(
                LinkCheck(
                    name: "\(place.name)@\(place.digest.short)",
                    path: Self.text(Layout.revisionLink(place.digest, in: place.name)), allowed: allowed,
                    // What it lists may go before it, its bytes may not.
                    whole: Self.parts(of: place.digest, in: place.name, world, goes: ledger.swept.contains(place))))
        }
        for (place, allowed) in ledger.layers where !ledger.swept.contains(place) {
            let bytes = world.blobs[place.digest] ?? ledger.blobs[place.digest]
            let parts = Self.layer(place.digest, in: place.name, bytes)
            links.append(
                LinkCheck(
                    name: "the layer \(place.digest.short) of \(place.name)", path: parts[0].path, allowed: allowed,
                    whole: parts))
        }
        sessions = ledger.sessions.map { (Self.text(Layout.upload($0.key.text, in: $0.value.name)), $0.value) }
        spent = ledger.spent.map { Self.text(Layout.upload($0.key.text, in: $0.value).appending("data")) }
    }

    static func text(_ path: StoragePath) -> String { root + path.text }

    private static func layer(_ digest: Digest, in name: RepositoryName, _ bytes: [UInt8]?) -> [Part] {
        [
            Part(
                path: text(Layout.layerLink(digest, in: name)), bytes: Link.content(digest),
                name: "the link of layer \(digest.short)"),
            Part(path: text(Layout.blobData(digest)), bytes: bytes ?? [], name: "the bytes of layer \(digest.short)"),
        ]
    }

    /// A manifest with all that it reaches.
    ///
    /// - Parameter goes: the links of other manifests may go before its own.
    private static func parts(
        of digest: Digest, in name: RepositoryName, _ world: CollectorWorld, goes: Bool = false
    ) -> [Part] {
        guard let manifest = world.manifest(digest) else { return [] }
        var parts = [
            Part(
                path: text(Layout.revisionLink(digest, in: name)), bytes: Link.content(digest),
                name: "the link of \(digest.short)"),
            Part(path: text(Layout.blobData(digest)), bytes: manifest.bytes, name: "the bytes of \(digest.short)"),
        ]
        for reference in manifest.references {
            parts +=
                world.manifest(reference.digest) == nil
                ? layer(reference.digest, in: name, world.blobs[reference.digest])
                : Array(Self.parts(of: reference.digest, in: name, world).dropFirst(goes ? 1 : 0))
        }
        return parts
    }

    // MARK: A state

    /// What is wrong with it, in one line; nil when every promise is kept and nothing is half there.
    func complaint(_ state: DiskState) -> String? {
        for check in tags {
            guard let content = state.files[check.path] else {
                if check.mayBeAbsent { continue }
                return "\(check.name) is absent"
            }
            guard let parts = check.allowed[content] else {
                return "\(check.name) points at \(String(decoding: content.prefix(80), as: UTF8.self))"
            }
            if let lack = lack(of: parts, state) { return "\(check.name) lacks \(lack)" }
        }
        for check in links {
            let isThere = state.files[check.path] != nil
            guard check.allowed.contains(isThere) else { return "\(check.name) is \(isThere ? "there" : "absent")" }
            if isThere, let lack = lack(of: check.whole, state) { return "\(check.name) lacks \(lack)" }
        }
        return uploads(state) ?? others(state)
    }

    private func lack(of parts: [Part], _ state: DiskState) -> String? {
        parts.first { state.files[$0.path] != $0.bytes }?.name
    }

    private func uploads(_ state: DiskState) -> String? {
        for (place, session) in sessions {
            let beginning = state.files[place + "/startedat"]
            guard session.isThere.contains(beginning != nil) else {
                return "an upload is \(beginning == nil ? "absent" : "there")"
            }
            guard session.isThere == [true] else { continue }
            guard beginning?.count == 20, beginning?.last == UInt8(ascii: "Z") else {
                return "the beginning of an upload is damaged"
            }
            guard (state.files[place + "/data"] ?? []).starts(with: session.bytes) else {
                return "an upload lacks bytes that were acknowledged"
            }
        }
        return spent.contains { state.files[$0] != nil } ? "an upload that is over has bytes" : nil
    }

    private func others(_ state: DiskState) -> String? {
        for (path, kept) in kept where state.files[path] != kept.bytes {
            if let origin = kept.origin, state.files[origin] == kept.bytes { continue }
            return "the quarantine lacks \(path)"
        }
        return cleared.first { state.files[$0] != nil }.map { "\($0) is back" }
    }
}

extension CollectorWorld {
    func manifest(_ digest: Digest) -> Manifest? { manifests.first { $0.digest == digest } }
}
