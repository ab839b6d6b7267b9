import OCI
import RegistryCore
import RegistryStorage

/// What tags point at.
extension Checker {
    func checkTags(_ name: RepositoryName) async throws(RegistryError) {
        let place = Layout.tags(name)
        try await forEachPart(of: place, in: name) { part async throws(RegistryError) in
            for entry in part where entry.unreachable == nil {
                let path = place.appending(entry.name)
                guard entry.isDirectory, let tag = try? Tag(entry.name) else {
                    if entry.name.hasSuffix(".tmp") {
                        try await checkStray(entry, in: place, name)
                    } else {
                        // Distribution lists such a file as a tag, and answers 500 to who pulls it.
                        found(
                            CheckFinding(
                                kind: .foreignPlace, path: path.text, repository: name, reason: "no tag has such a name"
                            ))
                    }
                    continue
                }
                report.tags += 1
                try await reading(in: name) { () async throws(RegistryError) in try await checkTag(tag, name) }
            }
            try looked(at: 0, place: name.text)
        }
    }

    private func checkTag(_ tag: Tag, _ name: RepositoryName) async throws(RegistryError) {
        let current = Layout.tagCurrent(tag, in: name)
        if let directory = current.parent {
            for file in try await stored({ try await storage.list(directory) }) ?? [] {
                try await checkStray(file, in: directory, name)
            }
        }
        switch try await stored({ try await storage.link(at: current) }) {
        case .absent:
            found(
                CheckFinding(
                    kind: .emptyTag, path: Layout.tag(tag, in: name).text, repository: name, tag: tag,
                    reason: "the tag points at nothing", repair: .quarantine))
        case .damaged(let reason):
            let only = try await ground.onlyTarget(of: tag, in: name)
            found(
                CheckFinding(
                    kind: .damagedLink, path: current.text, repository: name, tag: tag, digest: only,
                    reason: reason + (only == nil ? ", and its history has more than one answer" : ""),
                    repair: only == nil ? nil : .relink))
        case .digest(let digest):
            leads(tag, to: digest, in: name)
            if try await ground.isServed(digest, byTag: tag, in: name) { return }
            if try await ground.isOnlyUnlinked(digest, at: Layout.revisionLink(digest, in: name)) { return }
            // The tag stays, and with it what the manifest may need: a push brings it back, or a person deletes the tag.
            found(
                CheckFinding(
                    kind: .danglingTag, path: Layout.tag(tag, in: name).text, repository: name, tag: tag,
                    digest: digest, reason: "its manifest is not in the repository"))
        }
    }
}

/// What only a check asks of the tree.
extension Ground {
    /// The bytes are in the store, and it is a damaged link alone that hides them: the link is a finding of its own, and
    /// once it is written anew nothing is missing.
    func isOnlyUnlinked(_ digest: Digest, at link: StoragePath) async throws(RegistryError) -> Bool {
        switch try await stored({ try await storage.link(at: link) }) {
        case .absent: return false
        case .digest(let target): if target == digest { return false }
        case .damaged: break
        }
        return try await hasBytes(digest)
    }

    /// Bytes of a blob that the repository holds; nil when it does not.
    func layerSize(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) -> Int64? {
        guard let target = try await stored({ try await storage.link(at: Layout.layerLink(digest, in: name)) }).digest,
            let status = try await stored({ try await storage.stat(Layout.blobData(target)) }), !status.isDirectory
        else { return nil }
        return status.size
    }

    /// Bytes of a manifest that the repository holds; nil when it does not.
    func manifestSize(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) -> Int64? {
        let link = Layout.revisionLink(digest, in: name)
        guard let target = try await stored({ try await storage.link(at: link) }).digest,
            let status = try await stored({ try await storage.stat(Layout.blobData(target)) }), !status.isDirectory
        else { return nil }
        return status.size
    }

    func isServed(_ digest: Digest, byTag tag: Tag, in name: RepositoryName) async throws(RegistryError) -> Bool {
        guard try await holdsLink(to: digest, byTag: true, in: name) else { return false }
        return try await hasBytes(digest)
    }

    /// What a tag can only have pointed at: the one manifest that it ever had, which is in the repository still.
    func onlyTarget(of tag: Tag, in name: RepositoryName) async throws(RegistryError) -> Digest? {
        let place = Layout.tag(tag, in: name).appending("index")
        var found: [Digest] = []
        for kind in try await stored({ try await storage.list(place) }) ?? [] where kind.isDirectory {
            guard let algorithm = Digest.Algorithm(name: kind.name) else { return nil }
            for entry in try await stored({ try await storage.list(place.appending(kind.name)) }) ?? [] {
                guard let digest = Digest(algorithm: algorithm, hex: entry.name) else { return nil }
                found.append(digest)
            }
        }
        guard found.count == 1, let only = found.first, try await isServed(only, byTag: tag, in: name) else {
            return nil
        }
        return only
    }
}
