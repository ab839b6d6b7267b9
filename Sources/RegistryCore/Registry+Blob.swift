package import OCI
import RegistryStorage

extension Registry {
    /// A blob that the repository holds, open for reading. Throws `blobUnknown` when it does not, and when what it has is
    /// damaged, of which an event and the log tell: a link that holds no digest, bytes that are missing, a file that cannot
    /// be it.
    package func blob(
        _ digest: Digest, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) -> BlobContent {
        try access.require(.pull, name)
        switch try await ground.tree.look(.layer, digest, in: name, .reader) {
        case .held(let held): return try BlobContent(digest, held, in: name)
        case .absent: throw .blobUnknown(digest, name)
        case .damaged(let damage):
            if let target = damage.target { ground.gaps.note(.blob(target)) }
            damaged(damage.path, damage.reason, blob: digest, in: name)
            throw .blobUnknown(digest, name)
        }
    }

    /// The same without waiting; nil when the driver cannot, and for what is damaged, of which the other form tells.
    package func blobNow(
        _ digest: Digest, in name: RepositoryName, by access: Access
    ) throws(RegistryError) -> BlobContent? {
        try access.require(.pull, name)
        guard let immediate else { return nil }
        let target = try links.digestNow(.layer(digest, name), immediate)
        switch try RepositoryTree.lookNow(.layer, digest, in: name, .reader, linked: target, on: immediate) {
        case .held(let held): return try BlobContent(digest, held, in: name)
        case .absent: throw .blobUnknown(digest, name)
        case .damaged: return nil
        }
    }
}

extension BlobContent {
    fileprivate init(_ digest: Digest, _ held: HeldContent, in name: RepositoryName) throws(RegistryError) {
        guard let reader = held.reader else { throw .blobUnknown(digest, name) }
        self.init(digest: digest, reader: reader)
    }
}
