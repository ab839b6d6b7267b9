import OCI
import RegistryStorage
import Synchronization

/// Hashes blobs of the store, several at a time and not faster than it is allowed.
final class BlobHasher: Sendable {
    /// Bytes that are read at a time.
    private static let chunk = 1 << 20

    private let registry: Registry
    private let bytesPerSecond: Int64?
    /// When the next bytes may be read.
    private let next = Mutex(ContinuousClock.now)

    init(registry: Registry, bytesPerSecond: Int64?) {
        self.registry = registry
        self.bytesPerSecond = bytesPerSecond
    }

    struct Hashed: Sendable {
        var digest: Digest
        /// Nil when the bytes are gone.
        var actual: Digest?
        var size: Int64
    }

    /// Hashes all of them at once. Throws `interrupted` when its task was cancelled.
    func hash(_ digests: [Digest]) async throws(RegistryError) -> [Hashed] {
        do {
            return try await withThrowingTaskGroup(of: Hashed.self) { group in
                for digest in digests { group.addTask { try await self.hash(digest) } }
                var results: [Hashed] = []
                for try await result in group { results.append(result) }
                return results.sorted { $0.digest < $1.digest }
            }
        } catch {
            throw RegistryError(error)
        }
    }

    private func hash(_ digest: Digest) async throws -> Hashed {
        guard let reader = try await registry.storage.open(Layout.blobData(digest)) else {
            return Hashed(digest: digest, size: 0)
        }
        var digester = Digester(digest.algorithm)
        while digester.byteCount < reader.size {
            let bytes = try await reader.read(at: digester.byteCount, count: Self.chunk)
            guard !bytes.isEmpty else { break }
            bytes.withUnsafeBytes { digester.update($0) }
            try await spend(bytes.count)
        }
        return Hashed(digest: digest, actual: digester.finalize(), size: digester.byteCount)
    }

    /// Waits until what was read fits the rate.
    private func spend(_ bytes: Int) async throws {
        guard !Task.isCancelled else { throw RegistryError.interrupted }
        guard let bytesPerSecond else { return }
        let until = next.withLock { next in
            next = max(next, .now) + .seconds(Double(bytes) / Double(bytesPerSecond))
            return next
        }
        do { try await ContinuousClock().sleep(until: until) } catch { throw RegistryError.interrupted }
    }
}
