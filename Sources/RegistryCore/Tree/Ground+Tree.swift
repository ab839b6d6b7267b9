package import OCI
import RegistryIndex
import RegistryStorage

/// What the tree says, for whoever asks it.
extension Ground {
    package var tree: RepositoryTree { RepositoryTree(storage: storage) }

    /// True when the repository links the manifest: as one of its own or, as registry 2.1 did, among its layers while a tag
    /// points at it. A link by digest that holds another one is damaged.
    package func holdsLink(
        to digest: Digest, byTag: Bool, in name: RepositoryName
    ) async throws(RegistryError) -> Bool {
        if try await stored({ try await storage.link(at: Layout.revisionLink(digest, in: name)) }).digest == digest {
            return true
        }
        guard try await stored({ try await storage.link(at: Layout.layerLink(digest, in: name)) }).digest == digest
        else { return false }
        if byTag { return true }
        return try indexed { try index.read { try !$0.tags(of: digest, in: name).isEmpty } }
    }

    /// What a reference points at; nil for a tag that does not exist. A digest is not looked up.
    package func resolve(_ reference: Reference, in name: RepositoryName) async throws(RegistryError) -> Digest? {
        switch reference {
        case .digest(let digest): return digest
        case .tag(let tag):
            return try await stored { try await storage.link(at: Layout.tagCurrent(tag, in: name)) }.digest
        }
    }

    /// Reads and parses a manifest from the store; nil when the bytes are absent. Its type is what the bytes say. Throws
    /// `digestMismatch` when they are not those of the digest, `manifestInvalid` when they are and yet no manifest.
    package func readManifest(_ digest: Digest) async throws(RegistryError) -> Manifest? {
        let limit = configuration.manifestBytesMax
        guard let bytes = try await stored({ try await storage.read(Layout.blobData(digest), limit: limit) }) else {
            return nil
        }
        let manifest: Manifest
        do throws(OCIError) {
            manifest = try Manifest(stored: bytes, algorithm: digest.algorithm)
        } catch {
            let actual = Digest.of(bytes, digest.algorithm)
            guard actual == digest else { throw .digestMismatch(expected: digest, actual: actual) }
            throw .manifestInvalid(reason: "\(digest) in the store: \(error)")
        }
        guard manifest.digest == digest else { throw .digestMismatch(expected: digest, actual: manifest.digest) }
        return manifest
    }

    package func holdsManifest(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) -> Bool {
        try await tree.look(.manifest, digest, in: name).content != nil
    }

    /// Takes a manifest whose link is gone out of the index, and its noted type with it.
    package func forgetRevision(
        _ digest: Digest, in name: RepositoryName, _ actions: [RegistryEvent.Action], by client: Client
    ) throws(RegistryError) {
        try committed(actions, by: client) { change in
            try change.manifestUnlinked(digest, in: name)
            try change.damageMended(naming: digest, below: Layout.manifests(name).text)
            notedTypes.note(nil, for: digest, in: name)
        }
    }

    /// The bytes of the digest are in the store.
    package func hasBytes(_ digest: Digest) async throws(RegistryError) -> Bool {
        let status = try await stored { try await storage.stat(Layout.blobData(digest)) }
        return status.map { !$0.isDirectory } ?? false
    }
}
