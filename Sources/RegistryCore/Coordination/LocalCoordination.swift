package import OCI

/// Those of one process agree by what is in its memory: a hold is never lost, and nothing can fail.
///
/// Other processes on the same tree are kept off by `Ground.whileAlone`.
package final class LocalCoordination: Coordination, HoldKeeper {
    private let locks = KeyedLocks<HoldKey>()
    private let book = Promises()

    package init() {}

    package func hold(_ keys: Set<HoldKey>, _ kind: Hold.Kind) async throws(RegistryError) -> Hold {
        await locks.lock(keys, exclusive: kind == .exclusive)
        return Hold(keys, kind, keptBy: self)
    }

    package func holdNow(_ keys: Set<HoldKey>, _ kind: Hold.Kind) throws(RegistryError) -> Hold? {
        guard locks.tryLock(keys, exclusive: kind == .exclusive) else { return nil }
        return Hold(keys, kind, keptBy: self)
    }

    package func confirm(_ keys: Set<HoldKey>, _ kind: Hold.Kind) throws(RegistryError) {}

    package func release(_ keys: Set<HoldKey>, _ kind: Hold.Kind) { locks.unlock(keys, exclusive: kind == .exclusive) }

    package func kind(of key: HoldKey) -> Hold.Kind? {
        locks.isHeldExclusive(key).map { $0 ? .exclusive : .shared }
    }

    package func note(_ promise: PromiseChange) { book.note(promise) }

    package func promised(_ digest: Digest) -> Promised { book.promised(digest) }

    package var promises: PromisesMade { book.all() }

    /// None: who changes the tree here tells the index itself.
    package var changes: AsyncStream<GapQueue.Gap> { AsyncStream { $0.finish() } }
}
