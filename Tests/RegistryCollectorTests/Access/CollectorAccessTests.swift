import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import StorageProbes
import Testing

/// Whoever may do everything in every repository and does not administer is refused by every verb of the collector, and
/// nothing is changed; whoever administers and may do nothing else is not.
@Suite struct CollectorAccessTests {
    struct Verb: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var call: @Sendable (Yard, Access) async throws -> Void

        init(_ words: String, _ call: @escaping @Sendable (Yard, Access) async throws -> Void) {
            (testDescription, self.call) = (words, call)
        }
    }

    /// A registry with something to sweep, something in the quarantine and an abandoned upload.
    struct Yard: Sendable {
        let registry: Registry
        let collector: Collector
        let plan: SweepPlan
        /// A run that is over.
        let run: UUID

        static func open() async throws -> Yard {
            let registry = try await Registry.sample()
            var settings = Collector.Settings()
            settings.retention = RetentionPolicy(rules: [])
            let collector = Collector(registry.ground, settings)
            let name = try RepositoryName("team/app")
            let options = SweepOptions(untagged: true, graceSeconds: 0)
            try await registry.push(blob: .init([1]), to: name)
            let first = try await collector.planSweep(options, by: .test)
            let run = try await collector.run(first, SweepRunSettings(quarantineSeconds: 600), by: .test).plan
            try await registry.push(blob: .init([2]), to: name)
            _ = try await registry.startUpload(in: name, by: .test)
            return Yard(
                registry: registry, collector: collector, plan: try await collector.planSweep(options, by: .test),
                run: run)
        }

        func state() async throws -> [String: [UInt8]] { try await Tree.content(of: registry.storage) }
    }

    static let verbs = [
        Verb("planSweep") { _ = try await $0.collector.planSweep(SweepOptions(), by: $1) },
        Verb("run") { _ = try await $0.collector.run($0.plan, by: $1) },
        Verb("sweep") { _ = try await $0.collector.sweep($0.plan, SweepRunSettings(), by: $1) },
        Verb("beginIntake") {
            let intake = try await $0.collector.beginIntake(SweepPlan.Head($0.plan), SweepRunSettings(), by: $1)
            await intake.giveUp()
        },
        Verb("sweep of an intake") { yard, access in
            let intake = try await yard.collector.beginIntake(
                SweepPlan.Head(yard.plan), SweepRunSettings(), by: .test)
            _ = try await yard.collector.sweep(intake, SweepRunSettings(), by: access)
        },
        Verb("resumeRun") { _ = try await $0.collector.resumeRun($0.run, by: $1) },
        Verb("steer") { try $0.collector.steer(.pause, by: $1) },
        Verb("undo") { _ = try await $0.collector.undo($0.run, by: $1) { _, _ in } },
        Verb("undoRun") { _ = try await $0.collector.undoRun($0.run, by: $1) },
        Verb("purgeRun") { _ = try await $0.collector.purgeRun($0.run, by: $1) },
        Verb("purgeExpiredRuns") { try await $0.collector.purgeExpiredRuns(by: $1) },
        Verb("purgeUploads") { _ = try await $0.collector.purgeUploads(olderThan: -10, dryRun: false, by: $1) },
        Verb("quarantinedHeads") { _ = try await $0.collector.quarantinedHeads(by: $1) },
        Verb("quarantinedRuns") { _ = try await $0.collector.quarantinedRuns(by: $1) },
        Verb("quarantinedLines") { try await $0.collector.quarantinedLines(of: $0.run, by: $1) { _ in } },
        Verb("reclaim") { _ = try await $0.collector.reclaim(.pattern("*"), by: $1) },
        Verb("check") { _ = try await $0.collector.check(CheckOptions(), by: $1) },
        Verb("damage") { _ = try $0.collector.damage(by: $1) },
        Verb("repair") { _ = try await $0.collector.repair([], by: $1) },
        Verb("reconcile") { try await $0.collector.reconcile(by: $1) },
        Verb("isRetentionConfirmed") { _ = try await $0.collector.isRetentionConfirmed(by: $1) },
        Verb("confirmRetention") { try await $0.collector.confirmRetention(by: $1) },
    ]

    private static func refusal(_ verb: Verb, _ yard: Yard, _ access: Access) async -> RegistryError? {
        do {
            try await verb.call(yard, access)
            return nil
        } catch {
            return RegistryError(error)
        }
    }

    @Test(arguments: verbs) func whoDoesNotAdministerIsRefusedAndNothingChanges(verb: Verb) async throws {
        let yard = try await Yard.open()
        let (before, generation) = (try await yard.state(), yard.registry.ground.generation)
        let events = yard.registry.events.subscribe(by: .test)
        let access = Access.test(.init(Set(Access.Action.allCases).subtracting([.administer]), "*"))
        #expect(await Self.refusal(verb, yard, access) == .denied(.administer, nil, nil))
        #expect(try await yard.state() == before)
        #expect(yard.registry.ground.generation == generation)
        #expect(events.take().events.isEmpty)
    }

    @Test(arguments: verbs) func whoAdministersIsNotRefused(verb: Verb) async throws {
        let yard = try await Yard.open()
        let refusal = await Self.refusal(verb, yard, .test(.init([.administer], nil)))
        switch refusal {
        case nil, .runEnded: break
        case .some(let error): Issue.record("\(error)")
        }
    }
}
