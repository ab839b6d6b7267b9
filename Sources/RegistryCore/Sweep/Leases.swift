import OCI
import Synchronization

/// The last promise "it is here" that was given for a blob, so that a sweep spares what a client is about to reference.
///
/// In memory: HEAD must not cost a write. What a commit promised is also in the index and survives a restart.
final class Leases: Sendable {
    /// Entries; beyond it the older half is forgotten, which costs a client a retry at worst.
    private static let entriesMax = 100_000

    /// Seconds since 1970.
    private let times = Mutex<[Digest: Int64]>([:])

    func renew(_ digest: Digest, at time: Int64) {
        times.withLock { times in
            times[digest] = time
            guard times.count > Self.entriesMax else { return }
            let middle = times.values.sorted()[times.count / 2]
            times = times.filter { $0.value > middle }
        }
    }

    /// The manifest has come: the promise is kept.
    func fulfil(_ digests: some Sequence<Digest>) {
        times.withLock { times in
            for digest in digests { times[digest] = nil }
        }
    }

    func all() -> [Digest: Int64] { times.withLock { $0 } }

    /// Seconds since 1970; 0 when nothing was promised.
    func time(_ digest: Digest) -> Int64 { times.withLock { $0[digest] ?? 0 } }
}
