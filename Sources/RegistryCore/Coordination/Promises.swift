import OCI
import Synchronization

/// The promises "it is here" that clients were given, so that a sweep spares what they are about to reference, and what
/// pushes that were refused still lack.
///
/// In memory: HEAD must not cost a write. What a commit promised is also in the index and survives a restart. Only what was
/// found is promised, and what one repository is promised displaces nothing of another's.
final class Promises: Sendable {
    /// Seconds for which a refused push is waited for.
    private static let awaitedSeconds: Int64 = 600

    /// In nanoseconds of the steady clock, as all here: a clock that is set ends no promise and prolongs none.
    private let given = Mutex(PromiseTable())
    /// Until when.
    private let awaited = Mutex(PromiseTable())
    private let clocks: Clocks

    init(clocks: Clocks = .system) { self.clocks = clocks }

    func note(_ change: PromiseChange) {
        switch change {
        case .given(let digest, let name, let time):
            let time = clocks.toSteady()(time)
            given.withLock { $0.set(time, for: digest, in: name) }
        case .kept(let digests, let name):
            given.withLock { given in
                for digest in digests { given.remove(digest, in: name) }
            }
        case .awaited(let digests, let name, let time):
            let until = clocks.toSteady()(time + Self.awaitedSeconds)
            awaited.withLock { awaited in
                for digest in digests { awaited.set(until, for: digest, in: name) }
            }
        }
    }

    func promised(_ digest: Digest) -> Promised {
        let toWall = clocks.toWall()
        return Promised(
            given: given.withLock { $0.latest(digest) }.map(toWall) ?? 0,
            awaited: awaited.withLock { $0.latest(digest) }.map(toWall) ?? 0)
    }

    func all() -> PromisesMade {
        let toWall = clocks.toWall()
        var made = PromisesMade()
        made.given = given.withLock { $0.times }.mapValues { $0.mapValues(toWall) }
        made.awaited = awaited.withLock { $0.times }.compactMapValues { $0.values.max().map(toWall) }
        return made
    }
}
