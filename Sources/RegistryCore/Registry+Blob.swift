package import OCI
import RegistryStorage

extension Registry {
    /// A blob that the repository holds, open for reading. Throws `blobUnknown` when it does not, and when what it has is
    /// damaged, of which an event and the log tell: a link that holds no digest, bytes that are missing, a file that cannot
    /// be it.
    package func blob(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) -> BlobContent {
        let link = Layout.layerLink(digest, in: name)
        let target: Digest
        switch try await stored({ try await storage.link(at: link) }) {
        case .digest(let found): target = found
        case .absent: throw .blobUnknown(digest, name)
        case .damaged(let reason):
            damaged(link, reason, blob: digest, in: name)
            throw .blobUnknown(digest, name)
        }
        let data = Layout.blobData(target)
        do throws(RegistryError) {
            guard let reader = try await stored({ try await storage.open(data) }) else {
                ground.gaps.note(.blob(target))
                // A sweep takes the link before the bytes.
                if try await stored({ try await storage.link(at: link) }).digest == target {
                    damaged(data, "the bytes that the link leads to are missing", blob: digest, in: name)
                }
                throw .blobUnknown(digest, name)
            }
            if RepositoryTree.canBe(target, size: reader.size) { return BlobContent(digest: digest, reader: reader) }
        } catch {
            guard case .storage(let failure) = error, failure.isNoFile else { throw error }
        }
        damaged(data, "the file is empty, or none", blob: digest, in: name)
        throw .blobUnknown(digest, name)
    }

    /// The same without waiting; nil when the driver cannot, or when what is there has to be looked at with waiting. Throws
    /// `blobUnknown` where nothing is.
    package func blobNow(_ digest: Digest, in name: RepositoryName) throws(RegistryError) -> BlobContent? {
        guard let immediate else { return nil }
        let link = try storedNow { try immediate.linkNow(at: Layout.layerLink(digest, in: name)) }
        guard let target = link.digest else {
            if try isSimplyAbsentNow(digest, in: name, immediate) { throw .blobUnknown(digest, name) }
            return nil
        }
        do throws(RegistryError) {
            guard let reader = try storedNow({ try immediate.openNow(Layout.blobData(target)) }) else { return nil }
            return RepositoryTree.canBe(target, size: reader.size) ? BlobContent(digest: digest, reader: reader) : nil
        } catch {
            guard case .storage(let failure) = error, failure.isNoFile else { throw error }
            return nil
        }
    }

    /// True when nothing says that the repository should have the blob: no link, and nothing that hides one.
    func isSimplyAbsentNow(
        _ digest: Digest, in name: RepositoryName, _ immediate: any ImmediateStorage
    ) throws(RegistryError) -> Bool {
        let link = Layout.layerLink(digest, in: name)
        guard try storedNow({ try immediate.linkNow(at: link) }) == .absent else { return false }
        return immediate.obstructionNow(of: link, isDirectory: false) == nil
    }
}
