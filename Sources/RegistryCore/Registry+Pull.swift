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
    /// The manifest a tag or a digest names. Throws `manifestUnknown` when the repository has none.
    package func manifest(
        _ reference: Reference, in name: RepositoryName
    ) async throws(RegistryError) -> StoredManifest {
        // Only here are index and tree told apart, not where the answer is in memory: it came there through here.
        if let tag = reference.tag { gaps.note(.tag(tag, name)) }
        guard let digest = try await resolve(reference, in: name) else { throw .manifestUnknown(reference, name) }
        gaps.note(.manifest(digest, name))
        guard try await holdsLink(to: digest, byTag: reference.tag != nil, in: name) else {
            throw .manifestUnknown(reference, name)
        }
        if let cached = manifests.manifest(digest) { return served(cached, in: name) }
        guard let manifest = try await readManifest(digest) else { throw .manifestUnknown(reference, name) }
        let read = CachedManifest(manifest)
        manifests.insert(read)
        return served(read, in: name)
    }

    /// True when the repository links the manifest: as one of its own or, as registry 2.1 did, among its layers while a tag
    /// points at it.
    func holdsLink(
        to digest: Digest, byTag: Bool, in name: RepositoryName
    ) async throws(RegistryError) -> Bool {
        if try await stored({ try await storage.link(at: Layout.revisionLink(digest, in: name)) }).digest != nil {
            return true
        }
        guard try await stored({ try await storage.link(at: Layout.layerLink(digest, in: name)) }).digest == digest
        else { return false }
        if byTag { return true }
        return try indexed { try index.read { try !$0.tags(of: digest, in: name).isEmpty } }
    }

    /// The manifest under the type that this repository knows it by. Costs a lookup in memory for bytes that name none,
    /// nothing for all others.
    private func served(_ manifest: CachedManifest, in name: RepositoryName) -> StoredManifest {
        var content = manifest.content
        if manifest.isUntyped, let type = notedTypes.type(of: content.digest, in: name) { content.mediaType = type }
        return content
    }

    /// The same without waiting; nil when it must be asked for with waiting, because it is not in memory.
    package func manifestNow(
        _ reference: Reference, in name: RepositoryName
    ) throws(RegistryError) -> StoredManifest? {
        guard let immediate else { return nil }
        let digest: Digest
        switch reference {
        case .digest(let given): digest = given
        case .tag(let tag):
            let link = try storedNow { try immediate.linkNow(at: Layout.tagCurrent(tag, in: name)) }
            guard let target = link.digest else { return nil }
            digest = target
        }
        guard let cached = manifests.manifest(digest) else { return nil }
        // The cache knows the bytes; only the tree knows whether the repository still holds them.
        let link = try storedNow { try immediate.statNow(Layout.revisionLink(digest, in: name)) }
        return link == nil ? nil : served(cached, in: name)
    }

    /// What a reference points at; nil for a tag that does not exist. A digest is not looked up.
    func resolve(_ reference: Reference, in name: RepositoryName) async throws(RegistryError) -> Digest? {
        switch reference {
        case .digest(let digest): return digest
        case .tag(let tag):
            return try await stored { try await storage.link(at: Layout.tagCurrent(tag, in: name)) }.digest
        }
    }

    /// Reads and parses a manifest from the store; nil when the bytes are absent. Its type is what the bytes say. Throws `manifestInvalid` when they are
    /// no manifest or not those of the digest.
    func readManifest(_ digest: Digest) async throws(RegistryError) -> Manifest? {
        let limit = configuration.manifestBytesMax
        guard let bytes = try await stored({ try await storage.read(Layout.blobData(digest), limit: limit) }) else {
            return nil
        }
        let manifest: Manifest
        do throws(OCIError) {
            manifest = try Manifest(stored: bytes, algorithm: digest.algorithm)
        } catch {
            throw .manifestInvalid(reason: "\(digest) in the store: \(error)")
        }
        guard manifest.digest == digest else { throw .digestMismatch(expected: digest, actual: manifest.digest) }
        return manifest
    }

    /// A blob that the repository holds, open for reading. Throws `blobUnknown` when it does not.
    package func blob(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) -> BlobContent {
        guard let target = try await stored({ try await storage.link(at: Layout.layerLink(digest, in: name)) }).digest
        else { throw .blobUnknown(digest, name) }
        guard let reader = try await stored({ try await storage.open(Layout.blobData(target)) }) else {
            gaps.note(.blob(target))
            throw .blobUnknown(digest, name)
        }
        return BlobContent(digest: digest, reader: reader)
    }

    /// The same without waiting; nil when the driver cannot. Throws `blobUnknown` as `blob` does.
    package func blobNow(_ digest: Digest, in name: RepositoryName) throws(RegistryError) -> BlobContent? {
        guard let immediate else { return nil }
        guard let target = try storedNow({ try immediate.linkNow(at: Layout.layerLink(digest, in: name)) }).digest
        else { throw .blobUnknown(digest, name) }
        guard let reader = try storedNow({ try immediate.openNow(Layout.blobData(target)) }) else {
            gaps.note(.blob(target))
            throw .blobUnknown(digest, name)
        }
        return BlobContent(digest: digest, reader: reader)
    }

    /// Records that a manifest's answer went out.
    package func manifestServed(
        _ manifest: StoredManifest, _ reference: Reference, in name: RepositoryName, head: Bool, by client: Client
    ) {
        let tag = reference.tag
        if !head {
            counts.add(.pulls)
            counts.add(.bytesOut, manifest.bytes.count)
        }
        let time = Date()
        lastPulls.record(name, tag, at: time)
        events.publish(
            RegistryEvent(
                time: time, client: client, action: .manifestPulled(name, manifest.descriptor, tag: tag, head: head)))
    }

    /// Records that a blob's answer ended; `bytes` is what went out of it.
    package func blobServed(_ blob: Descriptor, bytes: Int64, in name: RepositoryName, by client: Client) {
        counts.add(.bytesOut, Int(bytes))
        publish(.blobPulled(name, blob, bytes: bytes), by: client)
    }
}
