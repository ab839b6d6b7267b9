import OCI
import Synchronization

/// The promises "it is here" that clients were given, so that a sweep spares what they are about to reference.
///
/// In memory: HEAD must not cost a write. What a commit promised is also in the index and survives a restart. Only what was
/// found is promised, and what one repository is promised displaces nothing of another's.
final class Leases: Sendable {
    /// Seconds for which a refused push is waited for.
    private static let claimSeconds: Int64 = 600

    /// When a promise was given last, in seconds since 1970, in each repository. A manifest of one repository makes good what
    /// was promised there and nowhere else.
    typealias Promises = [Digest: [RepositoryName: Int64]]

    /// In nanoseconds of the steady clock, as claims are: a clock that is set ends no promise and prolongs none.
    private let promises = Mutex(PromiseTable())
    /// Until when.
    private let claims = Mutex(PromiseTable())
    private let clocks: Clocks

    init(clocks: Clocks = .system) { self.clocks = clocks }

    func renew(_ digest: Digest, in name: RepositoryName, at time: Int64) {
        let time = clocks.toSteady()(time)
        promises.withLock { $0.set(time, for: digest, in: name) }
    }

    /// The manifest has come: what was promised in its repository is kept.
    func fulfil(_ digests: some Sequence<Digest>, in name: RepositoryName) {
        promises.withLock { promises in
            for digest in digests { promises.remove(digest, in: name) }
        }
    }

    /// A push to a repository was refused because some of these are missing: whatever the grace, they are spared now until the
    /// client has had time to send them again. Without it a client could lose every race against sweeps that never rest.
    func claim(_ digests: some Sequence<Digest>, in name: RepositoryName, at time: Int64) {
        let until = clocks.toSteady()(time + Self.claimSeconds)
        claims.withLock { claims in
            for digest in digests { claims.set(until, for: digest, in: name) }
        }
    }

    func all() -> (promises: Promises, claims: [Digest: Int64]) {
        let toWall = clocks.toWall()
        return (
            promises.withLock { $0.times }.mapValues { $0.mapValues(toWall) },
            claims.withLock { $0.times }.compactMapValues { $0.values.max().map(toWall) }
        )
    }

    /// How many promises stand.
    var count: Int { promises.withLock { $0.count } }

    /// When it was promised last, in seconds since 1970; 0 when it was not.
    func time(_ digest: Digest) -> Int64 { promises.withLock { $0.latest(digest) }.map(clocks.toWall()) ?? 0 }

    /// Until when a refused push is waited for, in seconds since 1970; 0 when none is.
    func claim(_ digest: Digest) -> Int64 { claims.withLock { $0.latest(digest) }.map(clocks.toWall()) ?? 0 }
}
