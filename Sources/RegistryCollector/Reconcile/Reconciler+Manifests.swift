import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// The manifests of a repository: what makes anything reachable.
///
/// What the index has of them afterwards is what it would have if it were built from the tree now, whatever it knew before.
/// A manifest is part of the repository when its bytes are sound and its link is too, or a tag points at it: registry 2.1
/// linked manifests among the layers, and an image whose link is damaged is not given up while its tag names it. Every link
/// and every document that is not sound is noted as damage, each time anew.
extension Reconciler {
    /// Bytes of manifests that are held at a time.
    private static let bytesMax = 1 << 20

    /// The tags have to be those of the tree by now.
    func compareManifests(_ name: RepositoryName) async throws(RegistryError) {
        try await compareKnownRevisions(name)
        try await addRevisions(name)
        try await requireTagged(name)
    }

    // MARK: What the tree has

    /// The bytes of a manifest, as far as they are one.
    enum Document {
        case sound(Manifest)
        case damaged(String)
    }

    func document(_ digest: Digest) async throws(RegistryError) -> Document {
        do throws(RegistryError) {
            guard let manifest = try await ground.readManifest(digest) else {
                return .damaged("the bytes of the manifest are missing")
            }
            return .sound(manifest)
        } catch {
            if error.damageOfManifest != nil { return .damaged(error.message) }
            guard error.isOfOnePlace else { throw error }
            collector.unreadable.note(Layout.blobData(digest))
            return .damaged(error.message)
        }
    }

    /// What the link of a manifest says; one that leads elsewhere is damaged.
    private func revisionLink(_ digest: Digest, _ name: RepositoryName) async throws(RegistryError) -> Link {
        let link = try await link(at: Layout.revisionLink(digest, in: name))
        guard let target = link.digest, target != digest else { return link }
        return .damaged(reason: "the link points at another digest")
    }

    /// What the storage says of the link and of the bytes; 0 when one is not there, or it cannot say.
    private func stamp(_ digest: Digest, _ name: RepositoryName) async throws(RegistryError) -> Int64 {
        let link = try await stamp(of: Layout.revisionLink(digest, in: name))
        guard link != 0 else { return 0 }
        let bytes = try await stamp(of: Layout.blobData(digest))
        return bytes == 0 ? 0 : max(1, (link &* 31 &+ bytes) & .max)
    }

    // MARK: What the index does not know

    private func addRevisions(_ name: RepositoryName) async throws(RegistryError) {
        try await forEachPart(below: Layout.revisions(name), name) { digests async throws(RegistryError) in
            report.manifests += digests.count
            let unknown = try indexed { try index.read { try $0.unknown(.revision, of: digests, in: name) } }
            // A directory whose link is gone is no manifest.
            report.manifests -= try await link(unknown, name)
        }
    }

    /// Takes manifests into the index that the tree links and the index does not know. Shared locks are enough: what is done
    /// here is what a push does.
    ///
    /// - Returns: how many of them the tree does not link.
    @discardableResult
    func link(_ digests: [Digest], _ name: RepositoryName) async throws(RegistryError) -> Int {
        guard !digests.isEmpty else { return 0 }
        var absent = 0
        let hold = try await ground.coordination.hold(.digests(digests), .shared)
        var found: [Found] = []
        var bytes = 0
        for digest in digests {
            let path = Layout.revisionLink(digest, in: name)
            let stamp = try await stamp(digest, name)
            switch try await revisionLink(digest, name) {
            case .absent: absent += 1
            case .damaged(let reason): try damaged(path, name, naming: digest, reason)
            case .digest:
                switch try await document(digest) {
                case .damaged(let reason): try damaged(path, name, naming: digest, reason)
                case .sound(let manifest):
                    found.append(Found(manifest: manifest, link: path, written: try await written(path), stamp: stamp))
                    bytes += manifest.bytes.count
                }
            }
            guard bytes > Self.bytesMax else { continue }
            try add(found, name, hold)
            (found, bytes) = ([], 0)
        }
        try add(found, name, hold)
        return absent
    }

    private struct Found {
        var manifest: Manifest
        /// What makes it part of the repository.
        var link: StoragePath
        /// Seconds since 1970.
        var written: Int64
        var stamp: Int64
    }

    private func written(_ path: StoragePath) async throws(RegistryError) -> Int64 {
        try await stored { try await storage.stat(path) }?.modified ?? Ground.now
    }

    private func add(_ found: [Found], _ name: RepositoryName, _ hold: borrowing Hold) throws(RegistryError) {
        guard !found.isEmpty else { return }
        try hold.confirm()
        try indexed {
            try index.write { change in
                for one in found {
                    let digest = one.manifest.digest
                    let type = try change.manifestFound(one.manifest, in: name, at: one.written, stamp: one.stamp)
                    if let type { ground.notedTypes.note(type, for: digest, in: name) }
                    try change.damageMended(one.link.text)
                }
            }
        }
        corrected(found.count)
    }

    // MARK: What the index knows

    /// Looks at manifests that the index knows. Those whose files are as they were are not read again.
    func compareKnownRevisions(_ name: RepositoryName) async throws(RegistryError) {
        var last: Int64?
        while true {
            let part = try indexed {
                try index.read { try $0.page(of: .revision, in: name, after: last, limit: Self.partMax) }
            }
            guard let end = part.last else { return }
            last = end.cursor
            var changed: [Digest] = []
            for row in part where try await !isUnchanged(row.digest, name, row.stamp) { changed.append(row.digest) }
            for digest in try await readAgain(changed, name) { try await settle(digest, name) }
            try await looked(at: 0)
        }
    }

    /// One manifest, in both directions.
    func compareRevision(_ digest: Digest, _ name: RepositoryName) async throws(RegistryError) {
        let stamp = try indexed { try index.read { try $0.revisionStamp(digest, in: name) } }
        guard let stamp else {
            try await link([digest], name)
            return try await requireTagged(name)
        }
        if try await isUnchanged(digest, name, stamp) { return }
        for digest in try await readAgain([digest], name) { try await settle(digest, name) }
        try await requireTagged(name)
    }

    private func isUnchanged(
        _ digest: Digest, _ name: RepositoryName, _ stamp: Int64
    ) async throws(RegistryError) -> Bool {
        guard stamp != 0 else { return false }
        return try await self.stamp(digest, name) == stamp
    }

    /// Notes those that are sound; gives the others.
    private func readAgain(_ digests: [Digest], _ name: RepositoryName) async throws(RegistryError) -> [Digest] {
        guard !digests.isEmpty else { return [] }
        let hold = try await ground.coordination.hold(.digests(digests), .shared)
        var (sound, others): ([(digest: Digest, stamp: Int64)], [Digest]) = ([], [])
        for digest in digests {
            let stamp = try await stamp(digest, name)
            if try await revisionLink(digest, name).digest != nil, case .sound = try await document(digest) {
                sound.append((digest, stamp))
            } else {
                others.append(digest)
            }
        }
        guard !sound.isEmpty else { return others }
        try hold.confirm()
        try indexed {
            try index.write { change in
                for one in sound {
                    try change.stampRevision(one.digest, in: name, one.stamp)
                    try change.damageMended(Layout.revisionLink(one.digest, in: name).text)
                }
            }
        }
        return others
    }

    /// Judges a manifest that is not sound: notes what is damaged, and takes it out of the index unless a tag and its bytes
    /// speak for it.
    private func settle(_ digest: Digest, _ name: RepositoryName) async throws(RegistryError) {
        let hold = try await ground.coordination.hold([.digest(digest)], .exclusive)
        let path = Layout.revisionLink(digest, in: name)
        var isDamaged = true
        switch try await revisionLink(digest, name) {
        case .absent: isDamaged = false
        case .damaged(let reason): try damaged(path, name, naming: digest, reason)
        case .digest:
            // A push may have come in between.
            guard case .damaged(let reason) = try await document(digest) else { return }
            try damaged(path, name, naming: digest, reason)
        }
        let isTagged = try indexed { try index.read { try !$0.tags(of: digest, in: name).isEmpty } }
        if isTagged {
            if case .sound = try await document(digest) { return }
            isDamaged = true
        }
        try hold.confirm()
        if isDamaged {
            try ground.committed { try $0.manifestLost(digest, in: name) }
        } else {
            try ground.forgetRevision(digest, in: name, [], by: .reconciler)
        }
        corrected()
    }

    // MARK: What only a tag names

    /// What a tag points at is part of the repository by that alone.
    func requireTagged(_ name: RepositoryName) async throws(RegistryError) {
        let tags = try indexed { try index.read { try $0.tagsWithoutManifest(in: name) } }
        var reasons: [Digest: String] = [:]
        for (tag, digest) in tags {
            let hold = try await ground.coordination.hold([.digest(digest)], .shared)
            // Who deletes a manifest holds it alone, and has taken its tags first.
            let path = Layout.tagCurrent(tag, in: name)
            guard try await link(at: path).digest == digest,
                try indexed({ try index.read { try $0.revision(digest, in: name) } }) == nil
            else { continue }
            let document: Document =
                if let reason = reasons[digest] { .damaged(reason) } else { try await document(digest) }
            try hold.confirm()
            switch document {
            case .damaged(let reason):
                reasons[digest] = reason
                try damaged(path, name, naming: digest, reason)
            case .sound(let manifest):
                try add([Found(manifest: manifest, link: path, written: try await written(path), stamp: 0)], name, hold)
            }
        }
    }
}
