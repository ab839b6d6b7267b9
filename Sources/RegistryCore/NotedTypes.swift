package import OCI
package import RegistryIndex
import Synchronization

/// The types by which repositories know manifests whose bytes name none, where the client that pushed them said another
/// than their shape does.
///
/// The tree has no place for it (distribution does not keep it), so the index holds it and this is its copy in memory: a
/// pull must not wait for the index. By repository and digest, never by digest alone: who pushes the same bytes elsewhere
/// under another name must not change what is served here. Without the index the shape decides.
package final class NotedTypes: Sendable {
    /// Entries, about 300 bytes each. Nearly every manifest names its type; somebody who pushes more than these without
    /// is making them up, and the rest are served by their shape.
    package static let entriesMax = 65_536

    private struct Key: Hashable {
        var name: RepositoryName
        var digest: Digest
    }

    private let types: Mutex<[Key: MediaType]>
    private let entriesMax: Int

    package init(_ rows: [NotedTypeRow], entriesMax: Int = NotedTypes.entriesMax) {
        // An index of before may hold types that would not be noted today.
        types = Mutex(
            Dictionary(
                rows.filter(\.mediaType.canBeManifest).map {
                    (Key(name: $0.repository, digest: $0.digest), $0.mediaType)
                }, uniquingKeysWith: { $1 }))
        self.entriesMax = entriesMax
    }

    /// Nil when the repository knows the manifest by what its bytes say.
    package func type(of digest: Digest, in name: RepositoryName) -> MediaType? {
        types.withLock { $0[Key(name: name, digest: digest)] }
    }

    /// Notes a type; nil takes the note back.
    package func note(_ type: MediaType?, for digest: Digest, in name: RepositoryName) {
        types.withLock { $0[Key(name: name, digest: digest)] = type }
    }

    /// False when one more entry would be too many.
    package func hasRoom(for digest: Digest, in name: RepositoryName) -> Bool {
        types.withLock { $0.count < entriesMax || $0[Key(name: name, digest: digest)] != nil }
    }
}
