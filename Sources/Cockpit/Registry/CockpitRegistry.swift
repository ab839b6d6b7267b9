package import Foundation
package import OCI
package import RegistryCollector
package import RegistryCore

/// The registry as the cockpit needs it: verbs that take and give values, so that it may be in this process or in another.
///
/// Whoever conforms has the cockpit's access. Verbs may block the thread they run on; they throw what the registry's verbs of the same names throw.
package protocol CockpitRegistry: CockpitBrowsing, CockpitTagging, CockpitCollecting, CockpitChecking, CockpitWatching {
}

/// What there is.
package protocol CockpitBrowsing: Sendable {
    /// What a list of the repositories has to change since a moment; nil for all of them.
    func repositories(since mark: Int64?) async throws(RegistryError) -> RepositoryChanges
    /// The tags of a repository; nil where nothing has changed since a moment.
    func tags(in name: RepositoryName, since mark: Int64?) async throws(RegistryError) -> TagList?
    func graph(of reference: Reference, in name: RepositoryName) async throws(RegistryError) -> ImageGraph
    /// The tags that reach a blob, over all repositories.
    func users(of digest: Digest) async throws(RegistryError) -> [BlobUse]
    /// Something of the repository that can be pulled; nil where nothing can.
    func pullable(in name: RepositoryName) async throws(RegistryError) -> RepositoryReference?
    /// What a tag points at and pointed at, the present first.
    func history(of tag: Tag, in name: RepositoryName) async throws(RegistryError) -> [TagHistoryEntry]
    /// Tags that were deleted, the last first.
    func deletedTags(in name: RepositoryName, limit: Int) async throws(RegistryError) -> [TagDeparture]
}

/// What is done to tags.
package protocol CockpitTagging: Sendable {
    func deleteTag(_ tag: Tag, in name: RepositoryName) async throws(RegistryError)
    func restoreTag(_ deleted: TagDeparture) async throws(RegistryError)
    func setTag(_ tag: Tag, to digest: Digest, in name: RepositoryName) async throws(RegistryError)
}

/// What takes something out for good, and what brings it back.
package protocol CockpitCollecting: Sendable {
    /// What deleting something would give back.
    func reclaim(_ subject: Reclaim.Subject) async throws(RegistryError) -> Reclaim
    /// What a sweep would remove now. Changes nothing.
    func planSweep(_ options: SweepOptions) async throws(RegistryError) -> SweepPlan
    /// Runs a plan, or what is left of a run, and nothing else.
    ///
    /// - Parameter progress: told after each line; false ends the run.
    func sweep(
        _ job: SweepJob, progress: @escaping @Sendable (SweepProgress) -> Bool
    ) async throws(RegistryError) -> SweepReport
    /// Tells the running sweep what to do; nothing where none runs.
    func steer(_ order: SweepOrder) async
    /// What can come back, with its lines.
    func quarantinedRuns() async throws(RegistryError) -> [QuarantinedRun]
    /// Brings a run back.
    ///
    /// - Parameter items: nil for all of it.
    func undoRun(
        _ id: UUID, only items: Set<SweepPlan.Item>?
    ) async throws(RegistryError) -> UndoReport
    /// Frees a run for good; gives the room on the medium that came back.
    func purgeRun(_ id: UUID) async throws(RegistryError) -> Int64
}

/// Whether all is as it should be.
package protocol CockpitChecking: Sendable {
    /// What of the tree could not be read when the index was last compared with it.
    func damage() async throws(RegistryError) -> [SweepPlan.Damage]
    /// Ends where it is when its task is cancelled, with a report of a part.
    ///
    /// - Parameter progress: false ends it.
    func check(
        _ options: CheckOptions, progress: @escaping @Sendable (CheckProgress) -> Bool
    ) async throws(RegistryError) -> CheckReport
    func repair(_ findings: [CheckFinding]) async throws(RegistryError) -> RepairReport
}

/// What moves by itself.
package protocol CockpitWatching: Sendable {
    /// As it is known now. Costs a few locks; looked at a few times a second.
    var state: RegistryState { get }
    /// What is around it. Costs calls of the system; looked at every few seconds.
    var surroundings: RegistrySurroundings { get }
    /// Has the transfers of ``state`` brought up to this moment.
    func refreshTransfers() async
    /// Begins to collect what happens; ``unsubscribe(_:)`` ends it.
    ///
    /// - Parameters:
    ///   - eventsMax: events that wait to be taken; beyond, the oldest are counted and lost.
    ///   - onArrival: called when the first event since the last were taken has come, and when a transfer begins and
    ///     none was under way; it must only wake somebody. One subscriber at a time is told of transfers.
    func subscribe(eventsMax: Int, onArrival: (@Sendable () -> Void)?) -> EventSubscription
    func unsubscribe(_ subscription: EventSubscription)
}
