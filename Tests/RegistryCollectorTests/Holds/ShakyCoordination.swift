import OCI
import RegistryCore
import Synchronization

/// Agrees as those of one process do, until it is told to be cut off from all others: then it gives no hold, or those that it
/// has given are lost.
final class ShakyCoordination: Coordination, HoldKeeper {
    enum Mood: Sendable, Equatable {
        case sound
        case refuses
        /// Every hold that was given is lost, and so is each that is given now.
        case lost
    }

    private let locks = KeyedLocks<HoldKey>()
    private let local = LocalCoordination()
    private let mood = Mutex(Mood.sound)
    /// Keys that are held now, as often as they are.
    private let held = Mutex(0)

    var keysHeld: Int { held.withLock { $0 } }

    func turn(_ mood: Mood) { self.mood.withLock { $0 = mood } }

    private func given(_ keys: Set<HoldKey>, _ kind: Hold.Kind) -> Hold {
        held.withLock { $0 += keys.count }
        return Hold(keys, kind, keptBy: self)
    }

    private func requireOthers() throws(RegistryError) {
        if mood.withLock({ $0 == .refuses }) { throw .notHeld(reason: "cut off") }
    }

    func hold(_ keys: Set<HoldKey>, _ kind: Hold.Kind) async throws(RegistryError) -> Hold {
        try requireOthers()
        await locks.lock(keys, exclusive: kind == .exclusive)
        return given(keys, kind)
    }

    func holdNow(_ keys: Set<HoldKey>, _ kind: Hold.Kind) throws(RegistryError) -> Hold? {
        try requireOthers()
        return locks.tryLock(keys, exclusive: kind == .exclusive) ? given(keys, kind) : nil
    }

    func confirm(_ keys: Set<HoldKey>, _ kind: Hold.Kind) throws(RegistryError) {
        if mood.withLock({ $0 == .lost }) { throw .notHeld(reason: "cut off") }
    }

    func release(_ keys: Set<HoldKey>, _ kind: Hold.Kind) {
        held.withLock { $0 -= keys.count }
        locks.unlock(keys, exclusive: kind == .exclusive)
    }

    func kind(of key: HoldKey) -> Hold.Kind? { locks.isHeldExclusive(key).map { $0 ? .exclusive : .shared } }

    func note(_ promise: PromiseChange) { local.note(promise) }

    func promised(_ digest: Digest) -> Promised { local.promised(digest) }

    var promises: PromisesMade { local.promises }

    private let told = AsyncStream.makeStream(of: GapQueue.Gap.self)

    var changes: AsyncStream<GapQueue.Gap> { told.stream }

    /// Another node has changed something.
    func tell(_ change: GapQueue.Gap) { told.continuation.yield(change) }
}
