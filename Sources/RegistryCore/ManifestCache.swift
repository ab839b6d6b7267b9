import DequeModule
package import OCI
import Synchronization

/// A manifest as it is served: bytes, digest and type.
package struct StoredManifest: Sendable, Equatable {
    package var digest: Digest
    package var mediaType: MediaType
    package var bytes: [UInt8]

    package var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }
}

/// Manifests in memory by digest, so that the common pull reads nothing but links. First in, first out: a hit changes
/// nothing, so hits do not contend. Content never goes stale, for it is named by its digest; whether a repository still
/// holds it is asked of the tree at every hit.
final class ManifestCache: Sendable {
    /// Bytes of manifest documents kept.
    static let bytesMax = 16 << 20

    private struct State {
        var entries: [Digest: StoredManifest] = [:]
        var order: Deque<Digest> = []
        var bytes = 0
    }

    private let state = Mutex(State())

    func manifest(_ digest: Digest) -> StoredManifest? { state.withLock { $0.entries[digest] } }

    func insert(_ manifest: StoredManifest) {
        guard manifest.bytes.count <= Self.bytesMax / 8 else { return }
        state.withLock { state in
            guard state.entries.updateValue(manifest, forKey: manifest.digest) == nil else { return }
            state.order.append(manifest.digest)
            state.bytes += manifest.bytes.count
            while state.bytes > Self.bytesMax, let oldest = state.order.popFirst() {
                state.bytes -= state.entries.removeValue(forKey: oldest)?.bytes.count ?? 0
            }
        }
    }
}
