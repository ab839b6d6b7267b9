import Foundation
package import OCI
import RegistryIndex
import RegistryStorage

/// A blob as it is served: its size, and the way to its bytes. They stay readable while the value lives, whatever becomes
/// of the path.
package struct BlobContent: Sendable {
    package var digest: Digest
    let reader: any BlobReader

    package var size: Int64 { reader.size }

    /// A descriptor for `sendfile(2)` and `pread(2)`, valid while the value lives and not the caller's to close; nil where
    /// the bytes are not in a local file.
    package var fileDescriptor: CInt? { reader.descriptor }

    /// Up to `count` bytes from `offset`; fewer only at the end.
    package func read(at offset: Int64, count: Int) async throws(RegistryError) -> [UInt8] {
        try await stored { try await reader.read(at: offset, count: count) }
    }

    package var descriptor: Descriptor {
        Descriptor(mediaType: .octetStream, digest: digest, size: reader.size)
    }
}

extension Registry {
    /// The manifest a tag or a digest names. Throws `manifestUnknown` when the repository has none, and when what it has is
    /// damaged, of which an event and the log tell: a link that holds no digest or another one, bytes that are missing or
    /// those of something else.
    package func manifest(
        _ reference: Reference, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) -> StoredManifest {
        try access.require(.pull, name, reference.tag)
        // Only here are index and tree told apart, not where the answer is in memory: it came there through here.
        if let tag = reference.tag { ground.gaps.note(.tag(tag, name)) }
        guard let digest = try await target(of: reference, in: name) else { throw .manifestUnknown(reference, name) }
        ground.gaps.note(.manifest(digest, name))
        guard try await ground.holdsLink(to: digest, byTag: reference.tag != nil, in: name) else {
            if let reason = try await damageOfRevision(digest, reference, in: name) {
                damaged(Layout.revisionLink(digest, in: name), reason, reference, in: name)
            }
            throw .manifestUnknown(reference, name)
        }
        let data = Layout.blobData(digest)
        let file = try await stored { try await storage.stat(data) }
        if let cached = ground.manifests.manifest(digest), cached.isStill(in: file) { return served(cached, in: name) }
        do throws(RegistryError) {
            guard let manifest = try await ground.readManifest(digest) else {
                damaged(data, "the bytes of the manifest are missing", reference, in: name)
                throw .manifestUnknown(reference, name)
            }
            if let read = CachedManifest(manifest, file: file) {
                ground.manifests.insert(read)
                return served(read, in: name)
            }
            // It was written while it was read.
            let content = StoredManifest(
                digest: digest, mediaType: manifest.bodyType, bytes: manifest.bytes)
            return served(content, isUntyped: manifest.isUntyped, in: name)
        } catch {
            guard let reason = error.damageOfManifest else { throw error }
            damaged(data, reason, reference, in: name)
            throw .manifestUnknown(reference, name)
        }
    }

    /// What a request's reference points at; nil for a tag that is not there, or cannot be read.
    private func target(of reference: Reference, in name: RepositoryName) async throws(RegistryError) -> Digest? {
        guard let tag = reference.tag else { return try await ground.resolve(reference, in: name) }
        let path = Layout.tagCurrent(tag, in: name)
        switch try await stored({ try await storage.link(at: path) }) {
        case .absent: return nil
        case .digest(let digest): return digest
        case .damaged(let reason):
            damaged(path, reason, reference, in: name)
            return nil
        }
    }

    /// Why the link that makes a manifest part of the repository is none; nil when it is absent and nothing says that it
    /// should be there. A tag does: its manifest goes after it.
    private func damageOfRevision(
        _ digest: Digest, _ reference: Reference, in name: RepositoryName
    ) async throws(RegistryError) -> String? {
        switch try await stored({ try await storage.link(at: Layout.revisionLink(digest, in: name)) }) {
        case .damaged(let reason): return reason
        case .digest(let target): return target == digest ? nil : "the link points at another digest"
        case .absent:
            // Not a tag that was deleted or moved a moment ago.
            guard reference.tag != nil, try await ground.resolve(reference, in: name) == digest else { return nil }
            return "the link of the manifest that the tag points at is missing"
        }
    }

    /// The manifest under the type that this repository knows it by. Costs a lookup in memory for bytes that name none,
    /// nothing for all others.
    private func served(_ manifest: CachedManifest, in name: RepositoryName) -> StoredManifest {
        served(manifest.content, isUntyped: manifest.isUntyped, in: name)
    }

    private func served(_ manifest: StoredManifest, isUntyped: Bool, in name: RepositoryName) -> StoredManifest {
        var content = manifest
        if isUntyped, let type = ground.notedTypes.type(of: content.digest, in: name) { content.mediaType = type }
        return content
    }

    /// The same without waiting; nil when it must be asked for with waiting, because it is not in memory, or not on the disk
    /// as it was.
    package func manifestNow(
        _ reference: Reference, in name: RepositoryName, by access: Access
    ) throws(RegistryError) -> StoredManifest? {
        try access.require(.pull, name, reference.tag)
        guard let immediate else { return nil }
        let digest: Digest
        switch reference {
        case .digest(let given): digest = given
        case .tag(let tag):
            guard let target = try links.digestNow(.tag(tag, name), immediate) else { return nil }
            digest = target
        }
        guard let cached = ground.manifests.manifest(digest) else { return nil }
        // The cache knows the bytes; only the tree knows whether the repository still holds them, and the store. Both are
        // looked at as they are where nothing is in memory, so that the answer is the same.
        guard try links.digestNow(.revision(digest, name), immediate) == digest else { return nil }
        let file = try storedNow { try immediate.statNow(cached.path) }
        return cached.isStill(in: file) ? served(cached, in: name) : nil
    }

    /// Records that a manifest's answer went out.
    package func manifestServed(
        _ manifest: StoredManifest, _ reference: Reference, in name: RepositoryName, head: Bool, by client: Client
    ) {
        let (tag, time) = (reference.tag, Date())
        if !head {
            if pullTally.isNewPull(name, isTagged: tag != nil, by: client, at: time) { counts.add(.pulls) }
            counts.add(.bytesOut, manifest.bytes.count)
        }
        ground.lastPulls.record(name, tag, at: time)
        events.publish(.manifestPulled(name, manifest.descriptor, tag: tag, head: head), by: client, at: time)
    }

    /// Records that a blob's answer ended; `bytes` is what the client took of it. They are counted by its transfer.
    ///
    /// - Parameter asked: bytes that it asked for.
    package func blobServed(
        _ blob: Descriptor, bytes: Int64, asked: Int64, in name: RepositoryName, by client: Client
    ) {
        ground.publish(.blobPulled(name, blob, bytes: bytes, asked: asked), by: client)
    }
}
