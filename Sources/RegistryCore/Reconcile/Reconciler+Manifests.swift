import OCI
import RegistryIndex
import RegistryStorage

/// Manifests and tags: what makes anything reachable.
extension Reconciler {
    /// Bytes of manifests that are held at a time.
    private static let bytesMax = 1 << 20

    /// Takes manifests into the index that the tree links and the index does not know.
    func addRevisions(_ name: RepositoryName) async throws(RegistryError) {
        try await forEachPart(below: Layout.revisions(name), name) { digests async throws(RegistryError) in
            report.manifests += digests.count
            let unknown = try indexed { try index.read { try $0.unknown(.revision, of: digests, in: name) } }
            try await link(unknown, name)
        }
    }

    private static let otherTarget = "the link points at another digest"

    /// The same for some digests. Shared locks are enough: what is done here is what a push does.
    func link(_ digests: [Digest], _ name: RepositoryName) async throws(RegistryError) {
        guard !digests.isEmpty else { return }
        let locks = Set(digests)
        await registry.digestLocks.lockShared(locks)
        defer { registry.digestLocks.unlockShared(locks) }
        var found: [(manifest: Manifest, written: Int64)] = []
        var bytes = 0
        for digest in digests {
            let path = Layout.revisionLink(digest, in: name)
            switch try await link(at: path) {
            case .absent: continue
            case .damaged(let reason): try damaged(path, name, naming: digest, reason)
            case .digest(let target) where target != digest:
                try damaged(path, name, naming: digest, Self.otherTarget)
            case .digest:
                guard let one = try await read(digest, at: path, name) else { continue }
                found.append(one)
                bytes += one.manifest.bytes.count
                guard bytes > Self.bytesMax else { continue }
                try add(found, name)
                (found, bytes) = ([], 0)
            }
        }
        try add(found, name)
    }

    private func add(_ found: [(manifest: Manifest, written: Int64)], _ name: RepositoryName) throws(RegistryError) {
        guard !found.isEmpty else { return }
        try indexed {
            try index.write { change in
                for one in found { try change.manifestFound(one.manifest, in: name, at: one.written) }
            }
        }
        corrected(found.count)
    }

    /// Reads a manifest of the tree, with the time its link was written; notes why it cannot be read, and gives nil.
    private func read(
        _ digest: Digest, at path: StoragePath, _ name: RepositoryName
    ) async throws(RegistryError) -> (manifest: Manifest, written: Int64)? {
        do throws(RegistryError) {
            guard let manifest = try await registry.readManifest(digest) else {
                try damaged(path, name, naming: digest, "the bytes of the manifest are missing")
                return nil
            }
            let written = try await stored { try await storage.stat(path) }?.modified
            return (manifest, written ?? Registry.now)
        } catch {
            switch error {
            case _ where error.damageOfManifest != nil:
                try damaged(path, name, naming: digest, error.message)
                return nil
            case .storage(let failure) where failure.isOfOnePlace:
                try damaged(path, name, naming: digest, error.message)
                return nil
            default: throw error
            }
        }
    }

    /// Takes manifests out of the index that the tree no longer links, and notes those whose bytes are gone.
    func dropRevisions(_ name: RepositoryName) async throws(RegistryError) {
        var last: Int64?
        while true {
            let part = try indexed {
                try index.read { try $0.page(of: .revision, in: name, after: last, limit: Self.partMax) }
            }
            guard let end = part.last else { return }
            last = end.cursor
            for row in part { try await dropUnlessLinked(row.digest, name) }
            try await looked(at: 0)
        }
    }

    func dropUnlessLinked(_ digest: Digest, _ name: RepositoryName) async throws(RegistryError) {
        let path = Layout.revisionLink(digest, in: name)
        if try await !isGone(path, name, naming: digest) {
            // Known ones are not read again; their links are, for damage is said as long as it is there, and their bytes are
            // looked for, since without them nobody can say what they need.
            switch try await link(at: path) {
            case .damaged(let reason): return try damaged(path, name, naming: digest, reason)
            case .digest(let target) where target != digest:
                return try damaged(path, name, naming: digest, Self.otherTarget)
            case .absent, .digest: break
            }
            if try await isGone(Layout.blobData(digest), name, naming: digest, at: path) {
                try damaged(path, name, naming: digest, "the bytes of the manifest are missing")
            }
            return
        }
        await registry.digestLocks.lockExclusive(digest)
        defer { registry.digestLocks.unlockExclusive(digest) }
        guard try await isGone(path, name, naming: digest) else { return }
        // Registry 2.1 linked manifests among the layers: such a one lives by its tags.
        let isTagged = try indexed { try index.read { try !$0.tags(of: digest, in: name).isEmpty } }
        if isTagged { return }
        try registry.forgetRevision(digest, in: name)
        corrected()
    }

    // MARK: Tags

    /// Who did what this registry only found.
    private static let others = "another registry"

    func compareTags(_ name: RepositoryName) async throws(RegistryError) {
        try await parts(of: Layout.tags(name), pinning: name) { part async throws(RegistryError) in
            for entry in part where entry.isDirectory {
                if let tag = try? Tag(entry.name) { try await compareTag(tag, name) }
            }
            try await looked(at: part.count)
        }
        var last: Tag?
        while true {
            let part = try indexed { try index.read { try $0.tagPage(in: name, after: last, limit: Self.partMax) } }
            guard let end = part.last else { return }
            last = end.tag
            for row in part
            where try await isGone(Layout.tagCurrent(row.tag, in: name), name, naming: nil) {
                try await compareTag(row.tag, name)
            }
            try await looked(at: 0)
        }
    }

    func compareTag(_ tag: Tag, _ name: RepositoryName) async throws(RegistryError) {
        report.tags += 1
        let key = RepositoryTag(name: name, tag: tag)
        let path = Layout.tagCurrent(tag, in: name)
        let known = try indexed { try index.read { try $0.target(of: tag, in: name) } }
        let link = try await link(at: path)
        if let digest = link.digest, digest == known { return try await requireRevision(digest, tag, name) }
        if link == .absent, known == nil { return }
        await registry.tagLocks.lockExclusive(key)
        defer { registry.tagLocks.unlockExclusive(key) }
        switch try await self.link(at: path) {
        case .absent:
            try indexed { try index.write { try $0.tagRemoved(tag, in: name, at: Registry.now, by: Self.others) } }
        case .damaged(let reason):
            return try damaged(path, name, reason)
        case .digest(let digest):
            try await requireRevision(digest, tag, name)
            let written = try await stored { try await storage.stat(path) }?.modified ?? Registry.now
            try indexed {
                try index.write { try $0.tagSet(tag, to: digest, in: name, at: written, by: Self.others) }
            }
        }
        corrected()
    }

    /// A tag of registry 2.1 may point at a manifest that only `_layers` links; what it references lives all the same.
    private func requireRevision(_ digest: Digest, _ tag: Tag, _ name: RepositoryName) async throws(RegistryError) {
        guard try indexed({ try index.read { try $0.revision(digest, in: name) } }) == nil,
            let one = try await read(digest, at: Layout.tagCurrent(tag, in: name), name)
        else { return }
        try add([one], name)
    }
}
