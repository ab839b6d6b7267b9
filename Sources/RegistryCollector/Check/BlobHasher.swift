import OCI
import RegistryCore
import RegistryStorage
import Synchronization

/// Hashes blobs of the store, several at a time and not faster than it is allowed.
final class BlobHasher: Sendable {
    /// Bytes that are read at a time.
    private static let chunk = 1 << 20

    private let ground: Ground
    private let bytesPerSecond: Int64?
    /// When the next bytes may be read.
    private let next = Mutex(ContinuousClock.now)

    init(_ ground: Ground, bytesPerSecond: Int64?) {
        self.ground = ground
        self.bytesPerSecond = bytesPerSecond
    }

    struct Hashed: Sendable {
        var digest: Digest
        /// Nil when the bytes are gone.
        var actual: Digest?
        var size: Int64
        /// Why the bytes cannot be read; nil when they can, or are gone.
        var failure: String?
    }

    private enum News: Sendable {
        case read(bytes: Int)
        case done(Result<Hashed, any Error>)
    }

    /// Hashes all of them at once. Throws `interrupted` when its task was cancelled, and what `reading` throws.
    ///
    /// - Parameter reading: told of every part that was read, in bytes.
    func hash(
        _ digests: [Digest], reading: (Int64) throws(RegistryError) -> Void = { _ in }
    ) async throws(RegistryError) -> [Hashed] {
        do {
            // Parts come from several tasks and are told by this one.
            let (news, teller) = AsyncStream<News>.makeStream()
            return try await withThrowingTaskGroup(of: Void.self) { group in
                for digest in digests {
                    group.addTask {
                        do {
                            let hashed = try await self.hash(digest) { teller.yield(.read(bytes: $0)) }
                            teller.yield(.done(.success(hashed)))
                        } catch {
                            teller.yield(.done(.failure(error)))
                        }
                    }
                }
                defer { group.cancelAll() }
                var results: [Hashed] = []
                for await event in news {
                    switch event {
                    case .read(let bytes): try reading(Int64(bytes))
                    case .done(let result): results.append(try result.get())
                    }
                    if results.count == digests.count { break }
                }
                if results.count < digests.count { throw RegistryError.interrupted }
                return results.sorted { $0.digest < $1.digest }
            }
        } catch {
            throw RegistryError(error)
        }
    }

    private func hash(_ digest: Digest, reading: @Sendable (Int) -> Void) async throws -> Hashed {
        do {
            return try await hashWhole(digest, reading: reading)
        } catch let error as StorageError where error.isOfOnePlace {
            return Hashed(digest: digest, size: 0, failure: error.cause)
        }
    }

    private func hashWhole(_ digest: Digest, reading: @Sendable (Int) -> Void) async throws -> Hashed {
        guard let reader = try await ground.storage.open(Layout.blobData(digest)) else {
            return Hashed(digest: digest, size: 0)
        }
        var digester = Digester(digest.algorithm)
        while digester.byteCount < reader.size {
            let bytes = try await reader.read(at: digester.byteCount, count: Self.chunk)
            guard !bytes.isEmpty else { break }
            bytes.withUnsafeBytes { digester.update($0) }
            reading(bytes.count)
            try await spend(bytes.count)
        }
        return Hashed(digest: digest, actual: digester.finalize(), size: digester.byteCount)
    }

    /// Waits until what was read fits the rate. A rate is kept by the clock: nothing else could end the wait.
    private func spend(_ bytes: Int) async throws {
        guard !Task.isCancelled else { throw RegistryError.interrupted }
        guard let bytesPerSecond else { return }
        let until = next.withLock { next in
            next = max(next, .now) + .seconds(Double(bytes) / Double(bytesPerSecond))
            return next
        }
        // The rate is what is kept here; there is nothing to wait for but time.
        do { try await ContinuousClock().sleep(until: until) } catch { throw RegistryError.interrupted }
    }
}
