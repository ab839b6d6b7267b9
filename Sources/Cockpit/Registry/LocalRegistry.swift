package import Foundation
package import OCI
package import RegistryCollector
package import RegistryCore

/// The registry in this process, with its collector.
package struct LocalRegistry: CockpitRegistry {
    private let registry: Registry
    private let collector: Collector
    private let access: Access

    package init(_ registry: Registry, _ collector: Collector, by access: Access = .cockpit) {
        self.registry = registry
        self.collector = collector
        self.access = access
    }

    // MARK: What there is

    package func repositories(since mark: Int64?) async throws(RegistryError) -> RepositoryChanges {
        try await registry.repositories(since: mark, by: access)
    }

    package func tags(in name: RepositoryName, since mark: Int64?) async throws(RegistryError) -> TagList? {
        try await registry.tags(in: name, since: mark, by: access)
    }

    package func graph(of reference: Reference, in name: RepositoryName) async throws(RegistryError) -> ImageGraph {
        try await registry.graph(of: reference, in: name, by: access)
    }

    package func users(of digest: Digest) async throws(RegistryError) -> [BlobUse] {
        try await registry.users(of: digest, by: access)
    }

    package func pullable(in name: RepositoryName) async throws(RegistryError) -> RepositoryReference? {
        try registry.pullable(in: name, by: access)
    }

    package func history(of tag: Tag, in name: RepositoryName) async throws(RegistryError) -> [TagHistoryEntry] {
        try await registry.history(of: tag, in: name, by: access)
    }

    package func deletedTags(in name: RepositoryName, limit: Int) async throws(RegistryError) -> [TagDeparture] {
        try await registry.deletedTags(in: name, limit: limit, by: access)
    }

    // MARK: Tags

    package func deleteTag(_ tag: Tag, in name: RepositoryName) async throws(RegistryError) {
        try await registry.deleteTag(tag, in: name, by: access)
    }

    package func restoreTag(_ deleted: TagDeparture) async throws(RegistryError) {
        try await registry.restoreTag(deleted, by: access)
    }

    package func setTag(
        _ tag: Tag, to digest: Digest, in name: RepositoryName
    ) async throws(RegistryError) {
        try await registry.setTag(tag, to: digest, in: name, by: access)
    }

    // MARK: Sweeps

    package func reclaim(_ subject: Reclaim.Subject) async throws(RegistryError) -> Reclaim {
        try await collector.reclaim(subject, by: access)
    }

    package func planSweep(_ options: SweepOptions) async throws(RegistryError) -> SweepPlan {
        try await collector.planSweep(options, by: access)
    }

    package func sweep(
        _ job: SweepJob, progress: @escaping @Sendable (SweepProgress) -> Bool
    ) async throws(RegistryError) -> SweepReport {
        switch job.work {
        case .plan(let plan): try await collector.run(plan, job.settings, by: access, progress: progress)
        case .resumed(let run): try await collector.resumeRun(run, job.settings, by: access, progress: progress)
        }
    }

    package func steer(_ order: SweepOrder) async { try? collector.steer(order, by: access) }

    package func quarantinedRuns() async throws(RegistryError) -> [QuarantinedRun] {
        try await collector.quarantinedRuns(by: access)
    }

    package func undoRun(
        _ id: UUID, only items: Set<SweepPlan.Item>?
    ) async throws(RegistryError) -> UndoReport {
        try await collector.undoRun(id, only: items, by: access)
    }

    package func purgeRun(_ id: UUID) async throws(RegistryError) -> Int64 {
        try await collector.purgeRun(id, by: access)
    }

    // MARK: Checks

    package func damage() async throws(RegistryError) -> [SweepPlan.Damage] { try collector.damage(by: access) }

    package func check(
        _ options: CheckOptions, progress: @escaping @Sendable (CheckProgress) -> Bool
    ) async throws(RegistryError) -> CheckReport {
        try await collector.check(options, by: access, progress: progress)
    }

    package func repair(_ findings: [CheckFinding]) async throws(RegistryError) -> RepairReport {
        try await collector.repair(findings, by: access)
    }

    // MARK: What moves by itself

    package var state: RegistryState {
        RegistryState(
            generation: registry.ground.generation, transfers: registry.transfers.snapshot(by: access),
            counters: registry.counters(), sweep: collector.sweepProgress, reconciling: collector.reconciling,
            isReconciled: registry.ground.isReconciled)
    }

    package var surroundings: RegistrySurroundings {
        RegistrySurroundings(capacity: registry.capacity, isAccompanied: registry.ground.isAccompanied)
    }

    package func refreshTransfers() async { await registry.transfers.refresh() }

    package func subscribe(eventsMax: Int, onArrival: (@Sendable () -> Void)?) -> EventSubscription {
        registry.transfers.onFirst(onArrival)
        return registry.events.subscribe(by: access, capacity: eventsMax, onArrival: onArrival)
    }

    package func unsubscribe(_ subscription: EventSubscription) {
        registry.events.unsubscribe(subscription)
        registry.transfers.onFirst(nil)
    }
}
