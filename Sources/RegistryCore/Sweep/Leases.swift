import OCI
import Synchronization

/// The promises "it is here" that clients were given for blobs, so that a sweep spares what they are about to reference.
///
/// In memory: HEAD must not cost a write. What a commit promised is also in the index and survives a restart.
final class Leases: Sendable {
    /// Digests; beyond it the older half is forgotten, which costs a client a retry at worst.
    private static let entriesMax = 100_000

    /// Seconds for which a refused push is waited for.
    private static let claimSeconds: Int64 = 600

    /// When a promise was given last, in seconds since 1970, in each repository. A manifest of one repository makes good what
    /// was promised there and nowhere else.
    typealias Promises = [Digest: [RepositoryName: Int64]]

    /// In nanoseconds of the steady clock, as claims are: a clock that is set ends no promise and prolongs none.
    private let promises = Mutex<Promises>([:])
    private let claims = Mutex<[Digest: Int64]>([:])
    private let clocks: Clocks

    init(clocks: Clocks = .system) { self.clocks = clocks }

    func renew(_ digest: Digest, in name: RepositoryName, at time: Int64) {
        let time = clocks.toSteady()(time)
        promises.withLock { promises in
            promises[digest, default: [:]][name] = time
            guard promises.count > Self.entriesMax else { return }
            let times = promises.values.map { $0.values.max() ?? 0 }.sorted()
            let middle = times[times.count / 2]
            promises = promises.filter { $0.value.values.contains { $0 > middle } }
        }
    }

    /// The manifest has come: what was promised in its repository is kept.
    func fulfil(_ digests: some Sequence<Digest>, in name: RepositoryName) {
        promises.withLock { promises in
            for digest in digests where promises[digest]?.removeValue(forKey: name) != nil {
                if promises[digest]?.isEmpty == true { promises[digest] = nil }
            }
        }
    }

    /// A push was refused because some of these are missing: whatever the grace, they are spared now until the client has
    /// had time to send them again. Without it a client could lose every race against sweeps that never rest.
    func claim(_ digests: some Sequence<Digest>, at time: Int64) {
        let toSteady = clocks.toSteady()
        let (now, until) = (toSteady(time), toSteady(time + Self.claimSeconds))
        claims.withLock { claims in
            if claims.count > Self.entriesMax { claims = claims.filter { $0.value > now } }
            for digest in digests where claims.count <= Self.entriesMax { claims[digest] = until }
        }
    }

    func all() -> (promises: Promises, claims: [Digest: Int64]) {
        let toWall = clocks.toWall()
        return (
            promises.withLock { $0 }.mapValues { $0.mapValues(toWall) }, claims.withLock { $0 }.mapValues(toWall)
        )
    }

    /// When it was promised last, in seconds since 1970; 0 when it was not.
    func time(_ digest: Digest) -> Int64 {
        promises.withLock { $0[digest]?.values.max() }.map(clocks.toWall()) ?? 0
    }

    /// Until when a refused push is waited for, in seconds since 1970; 0 when none is.
    func claim(_ digest: Digest) -> Int64 { claims.withLock { $0[digest] }.map(clocks.toWall()) ?? 0 }
}
