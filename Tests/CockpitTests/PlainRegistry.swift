import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Synchronization

@testable import Cockpit

/// A registry of plain values: nothing is stored, indexed or collected behind it.
final class PlainRegistry: CockpitRegistry {
    private struct State {
        var values: FakeRegistry
        var transfers: [Transfer] = []
        var counters = RegistryCounters()
        var sweep: SweepProgress?
        /// What was asked to change something, oldest first.
        var acts: [Act] = []
    }

    enum Act: Equatable {
        case delete(Tag, RepositoryName)
        case restore(Tag)
        case set(Tag, Digest, RepositoryName)
        case sweep(SweepJob)
        case steer(SweepOrder)
        case undo(UUID, Set<SweepPlan.Item>?)
        case purge(UUID)
        case repair([CheckFinding])
    }

    private let values: Mutex<State>
    private let hub = EventHub()

    init(_ values: FakeRegistry) { self.values = Mutex(State(values: values)) }

    var acts: [Act] { values.withLock { $0.acts } }

    private func read<Value: Sendable>(_ body: (FakeRegistry) -> Value) -> Value {
        values.withLock { body($0.values) }
    }

    private func act(_ act: Act, _ change: (inout FakeRegistry) -> Void = { _ in }) {
        values.withLock { state in
            state.acts.append(act)
            change(&state.values)
            state.values.generation += 1
        }
    }

    // MARK: What happens in it

    func happened(_ event: RegistryEvent) {
        hub.publish(event.action, by: event.client, at: event.time)
    }

    func move(_ transfers: [Transfer]) { values.withLock { $0.transfers = transfers } }

    // MARK: What there is

    func repositories(since mark: Int64?) async throws(RegistryError) -> RepositoryChanges {
        RepositoryChanges(changed: read { $0.repositories.sorted { $0.name < $1.name } })
    }

    func tags(in name: RepositoryName, since mark: Int64?) async throws(RegistryError) -> TagList? {
        guard let tags = read({ $0.tags[name] }) else { throw .nameUnknown(name) }
        return TagList(tags)
    }

    func graph(of reference: Reference, in name: RepositoryName) async throws(RegistryError) -> ImageGraph {
        guard let graph = read({ $0.graphs[name]?[reference] }) else { throw .manifestUnknown(reference, name) }
        return graph
    }

    func users(of digest: Digest) async throws(RegistryError) -> [BlobUse] {
        read { $0.users[digest] ?? $0.otherUsers }
    }

    func pullable(in name: RepositoryName) async throws(RegistryError) -> RepositoryReference? {
        read { $0.tags[name]?.last.map { RepositoryReference(name, .tag($0.tag)) } }
    }

    func history(of tag: Tag, in name: RepositoryName) async throws(RegistryError) -> [TagHistoryEntry] {
        read { $0.history }
    }

    func deletedTags(in name: RepositoryName, limit: Int) async throws(RegistryError) -> [TagDeparture] {
        read { Array($0.departures.prefix(limit)) }
    }

    // MARK: Tags

    func deleteTag(_ tag: Tag, in name: RepositoryName) async throws(RegistryError) {
        act(.delete(tag, name)) { $0.tags[name]?.removeAll { $0.tag == tag } }
    }

    func restoreTag(_ deleted: TagDeparture) async throws(RegistryError) {
        act(.restore(deleted.tag))
    }

    func setTag(
        _ tag: Tag, to digest: Digest, in name: RepositoryName
    ) async throws(RegistryError) {
        act(.set(tag, digest, name))
    }

    // MARK: Sweeps

    func reclaim(_ subject: Reclaim.Subject) async throws(RegistryError) -> Reclaim { read { $0.reclaim } }

    func planSweep(_ options: SweepOptions) async throws(RegistryError) -> SweepPlan {
        read { $0.plan.asked(by: options, generation: $0.generation) }
    }

    func sweep(
        _ job: SweepJob, progress: @escaping @Sendable (SweepProgress) -> Bool
    ) async throws(RegistryError) -> SweepReport {
        act(.sweep(job))
        let far = SweepProgress(linesDone: 1, lines: 2, bytesDone: 4)
        values.withLock { $0.sweep = far }
        _ = progress(far)
        values.withLock { $0.sweep = nil }
        return read { $0.report }
    }

    func steer(_ order: SweepOrder) async { act(.steer(order)) }

    func quarantinedRuns() async throws(RegistryError) -> [QuarantinedRun] { read { $0.runs } }

    func undoRun(
        _ id: UUID, only items: Set<SweepPlan.Item>?
    ) async throws(RegistryError) -> UndoReport {
        act(.undo(id, items))
        return UndoReport(run: id, restored: read { $0.runs.first?.lines ?? [] }, kept: [])
    }

    func purgeRun(_ id: UUID) async throws(RegistryError) -> Int64 {
        act(.purge(id))
        return 222 << 20
    }

    // MARK: Checks

    func damage() async throws(RegistryError) -> [SweepPlan.Damage] { read { $0.damage } }

    func check(
        _ options: CheckOptions, progress: @escaping @Sendable (CheckProgress) -> Bool
    ) async throws(RegistryError) -> CheckReport {
        read { $0.checkReport }
    }

    func repair(_ findings: [CheckFinding]) async throws(RegistryError) -> RepairReport {
        act(.repair(findings))
        return read { $0.repairReport }
    }

    // MARK: What moves by itself

    var state: RegistryState {
        values.withLock { state in
            RegistryState(
                generation: state.values.generation, transfers: state.transfers, counters: state.counters,
                sweep: state.sweep)
        }
    }

    var surroundings: RegistrySurroundings {
        RegistrySurroundings(capacity: StorageCapacity(bytesFree: 30 << 30, bytesTotal: 40 << 30))
    }

    func refreshTransfers() async {}

    func subscribe(eventsMax: Int, onArrival: (@Sendable () -> Void)?) -> EventSubscription {
        hub.subscribe(by: .cockpit, capacity: eventsMax, onArrival: onArrival)
    }

    func unsubscribe(_ subscription: EventSubscription) { hub.unsubscribe(subscription) }
}
