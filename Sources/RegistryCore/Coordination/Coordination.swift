package import OCI

/// How all who work on one tree agree: pushes, deletions, comparisons and sweeps, of this process and of others.
///
/// What is asked of it decides whether something is taken out of the tree, so in doubt it refuses: who gets no hold, or has
/// lost it, changes nothing.
package protocol Coordination: Sendable {
    /// Waits until it has all of the keys, in one order for everybody, so that no two can wait for each other. Who holds some
    /// keys may ask only for others that come later in that order, see ``HoldKey``.
    ///
    /// - Throws: `notHeld` where nobody can be asked.
    func hold(_ keys: Set<HoldKey>, _ kind: Hold.Kind) async throws(RegistryError) -> Hold
    /// The same without waiting, for all of the keys or for none; nil when somebody holds one of them, or waits for it.
    func holdNow(_ keys: Set<HoldKey>, _ kind: Hold.Kind) throws(RegistryError) -> Hold?
    /// How a key is held at this moment; nil when nobody holds it.
    func kind(of key: HoldKey) -> Hold.Kind?
    /// Takes note of what a client was told. Never waits.
    func note(_ promise: PromiseChange)
    /// What stands of one digest, whichever repository it was said of.
    func promised(_ digest: Digest) -> Promised
    /// All that stands. Costs a copy of it.
    var promises: PromisesMade { get }
    /// Places of the tree that others have changed, so that the index can follow; ends when the waiting task is cancelled. For
    /// one reader.
    var changes: AsyncStream<GapQueue.Gap> { get }
}
