import DequeModule
package import OCI
import RegistryStorage
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
    /// Of the file of its bytes: to build it takes as long as to look there.
    let path: StoragePath
    /// Of the file, when the bytes were read from it or written to it.
    private let version: Int64

    /// - Parameter file: that holds the bytes; nil when it is not there, and then nothing may be kept of it.
    init?(_ manifest: Manifest, file: FileStatus?) {
        guard let file, !file.isDirectory, file.size == Int64(manifest.bytes.count) else { return nil }
        content = StoredManifest(digest: manifest.digest, mediaType: manifest.bodyType, bytes: manifest.bytes)
        isUntyped = manifest.isUntyped
        path = Layout.blobData(manifest.digest)
        version = file.version
    }

    /// True while the file is as it was: what was cut, written over or lost since is not to be hidden by memory until the
    /// next start.
    func isStill(in file: FileStatus?) -> Bool {
        guard let file, !file.isDirectory else { return false }
        return file.size == Int64(content.bytes.count) && file.version == version
    }
}

/// Manifests in memory by digest, so that the common pull reads nothing but links. First in, first out: a hit changes
/// nothing, so hits do not contend. Content never goes stale, for it is named by its digest; whether a repository still
/// holds it, and the store its bytes, is asked of the tree at every hit.
package final class ManifestCache: Sendable {
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
    package func remove(_ digest: Digest) {
        state.withLock { $0.bytes -= $0.entries.removeValue(forKey: digest)?.content.bytes.count ?? 0 }
    }

    func insert(_ manifest: CachedManifest) {
        let content = manifest.content
        guard content.bytes.count <= Self.bytesMax / 8 else { return }
        state.withLock { state in
            // Bytes under one digest are the same, so only what is known of their file is new.
            guard state.entries.updateValue(manifest, forKey: content.digest) == nil else { return }
            state.order.append(content.digest)
            state.bytes += content.bytes.count
            while state.bytes > Self.bytesMax, let oldest = state.order.popFirst() {
                state.bytes -= state.entries.removeValue(forKey: oldest)?.content.bytes.count ?? 0
            }
        }
    }
}
