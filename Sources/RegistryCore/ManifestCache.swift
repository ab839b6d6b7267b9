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

/// A manifest as its bytes alone describe it.
struct CachedManifest: Sendable {
    var content: StoredManifest
    /// True when a repository may have noted another type: the bytes name none.
    var isUntyped: Bool

    init(_ manifest: Manifest) {
        content = StoredManifest(digest: manifest.digest, mediaType: manifest.bodyType, bytes: manifest.bytes)
        isUntyped = manifest.isUntyped
    }
}

/// Manifests in memory by digest, so that the common pull reads nothing but links. First in, first out: a hit changes
/// nothing, so hits do not contend. Content never goes stale, for it is named by its digest; whether a repository still
/// holds it is asked of the tree at every hit.
final class ManifestCache: Sendable {
    /// Bytes of manifest documents kept.
    static let bytesMax = 16 << 20

    private struct State {
        var entries: [Digest: CachedManifest] = [:]
        var order: Deque<Digest> = []
        var bytes = 0
    }

    private let state = Mutex(State())

    func manifest(_ digest: Digest) -> CachedManifest? { state.withLock { $0.entries[digest] } }

    /// Forgets one whose bytes were taken out of the store: a client that asks is to be told, and pushes it again.
    func remove(_ digest: Digest) {
        state.withLock { $0.bytes -= $0.entries.removeValue(forKey: digest)?.content.bytes.count ?? 0 }
    }

    func insert(_ manifest: CachedManifest) {
        let content = manifest.content
        guard content.bytes.count <= Self.bytesMax / 8 else { return }
        state.withLock { state in
            guard state.entries.updateValue(manifest, forKey: content.digest) == nil else { return }
            state.order.append(content.digest)
            state.bytes += content.bytes.count
            while state.bytes > Self.bytesMax, let oldest = state.order.popFirst() {
                state.bytes -= state.entries.removeValue(forKey: oldest)?.content.bytes.count ?? 0
            }
        }
    }
}
