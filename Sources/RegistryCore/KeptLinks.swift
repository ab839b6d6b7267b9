import OCI
import RegistryStorage
import Synchronization

/// What links say, as they were last read: one look at a file tells whether it still says the same, where reading it takes an
/// open, a read and a close.
///
/// The look is taken each time, so that nothing is hidden that another process has changed.
final class KeptLinks: Sendable {
    /// A link that serves content.
    enum Place: Hashable {
        case tag(Tag, RepositoryName)
        case revision(Digest, RepositoryName)
        case layer(Digest, RepositoryName)

        var path: StoragePath {
            switch self {
            case .tag(let tag, let name): Layout.tagCurrent(tag, in: name)
            case .revision(let digest, let name): Layout.revisionLink(digest, in: name)
            case .layer(let digest, let name): Layout.layerLink(digest, in: name)
            }
        }
    }

    private struct Kept {
        /// Of the place: to build it takes as long as to look there.
        let path: StoragePath
        var version: Int64
        /// When that version was first seen.
        var seen: ContinuousClock.Instant
        /// Nil for as long as the file could be written once more and look the same.
        var digest: Digest?
    }

    /// Links that are kept; then it begins anew. Some four hundred bytes each.
    static let entriesMax = 16_384
    /// From the first look at a version until what is read of it stays true. The system's clock for files stands still between
    /// its ticks, of ten milliseconds at most: who writes twice in one of them leaves what looks the same.
    private static let settlingDefault = Duration.seconds(2)

    private let settling: Duration
    private let kept = Mutex<[Place: Kept]>([:])

    init(settling: Duration = settlingDefault) { self.settling = settling }

    /// How many are kept.
    var count: Int { kept.withLock(\.count) }

    /// What the link says; nil where it is absent, damaged, or may only be read by one who waits.
    func digestNow(_ place: Place, _ storage: any ImmediateStorage) throws(RegistryError) -> Digest? {
        let known = kept.withLock { $0[place] }
        let path = known?.path ?? place.path
        guard let file = try storedNow({ try storage.statNow(path) }) else { return nil }
        if let known, known.version == file.version, let digest = known.digest { return digest }
        guard let digest = try storedNow({ try storage.linkNow(at: path) }).digest else { return nil }
        note(digest, of: place, path, file.version, known)
        return digest
    }

    /// - Parameter digest: read after the version was seen; when the file has another by now, the next look finds that.
    private func note(_ digest: Digest, of place: Place, _ path: StoragePath, _ version: Int64, _ known: Kept?) {
        let now = ContinuousClock.now
        var entry = Kept(path: path, version: version, seen: now)
        if let known, known.version == version {
            guard now - known.seen >= settling else { return }
            (entry.seen, entry.digest) = (known.seen, digest)
        }
        kept.withLock { kept in
            if kept.count >= Self.entriesMax { kept.removeAll(keepingCapacity: true) }
            kept[place] = entry
        }
    }
}
