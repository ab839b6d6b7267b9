import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import SeededRandom
import StorageProbes
import Synchronization

/// One random schedule: clients that push, mount, tag and delete, a collector that previews, runs, undoes and purges, each a
/// step at a time in an order that the seed says, and a crash after some call of the storage.
///
/// After every step everything that was acknowledged and not deleted is read, byte for byte.
final class CollectorSchedule {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    private let seed: UInt64
    private var dice: SeededGenerator
    private let driver: any CrashableStorage
    private let index: ReferenceIndex
    private var registry: Registry
    private var model: CollectorModel
    private let world: CollectorWorld
    /// Whether sweeps of this schedule take untagged manifests.
    private let untagged: Bool
    private var clients: [CollectorClient] = []
    private let budget = CallBudget()
    private var steps: [String] = []

    /// - Parameters:
    ///   - driver: an empty tree.
    ///   - index: used for many schedules, for compiling its statements takes longer than a schedule does. What it knows of
    ///     trees is forgotten.
    init(
        seed: UInt64, world: CollectorWorld, driver: any CrashableStorage = FaultyDriver(), index: ReferenceIndex
    ) async throws {
        self.seed = seed
        self.driver = driver
        self.world = world
        dice = SeededGenerator(seed: seed)
        self.index = index
        registry = Registry(storage: driver, index: index)
        model = CollectorModel(world.manifests)
        untagged = Bool.random(using: &dice)
        try await collector.reconcile(by: .test)
    }

    /// A sweep with retention takes every tag `2`. In a third of the schedules a plan has room for a few lines only.
    private var collector: Collector {
        var settings = Collector.Settings()
        if seed.isMultiple(of: 3) {
            settings.planBytesMax = Int(1 + seed / 3 % 8) * MemoryLayout<SweepPlan.Line>.stride
        }
        settings.retention = RetentionPolicy(rules: [.init(tags: ["2"], keepSeconds: 0)])
        return Collector(registry.ground, settings)
    }

    func run(steps count: Int) async throws {
        do {
            for _ in 0..<count {
                try await step()
                try await budget.sparing { try await expectHeld() }
            }
            try await end()
        } catch {
            throw Failed(
                description: "seed \(seed): \(error); untagged \(untagged); \(steps.suffix(14).joined(separator: "; "))"
            )
        }
    }

    // MARK: Steps

    private func step() async throws {
        if roll(25) == 0 { armCrash() }
        let isArmed = budget.isArmed
        do {
            switch roll(20) {
            case 0...9: try await advanceClient()
            case 10, 11: try await deleteTag()
            case 12: try await deleteManifest()
            case 13: try await retag()
            case 14...17: try await sweep()
            case 18: try await undo()
            default: try await purge()
            }
        } catch let error as RegistryError {
            guard isArmed else { throw error }
            steps.append("crash: \(error.message)")
            try await restart()
        }
        // A crash that no verb told of: what came after it did not need the storage, or made do without.
        if budget.isUsedUp { try await restart() }
    }

    private func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &dice) }

    private func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }

    // MARK: Crashes

    /// The storage dies after so many more calls.
    private func armCrash() {
        budget.arm(roll(40))
        let budget = self.budget
        driver.crash { budget.isDead() }
    }

    /// The process is back, with the index that it had or without one.
    private func restart() async throws {
        budget.disarm()
        driver.recover()
        // The index that it had, or one that knows nothing.
        if roll(3) == 0 { try await Registry(storage: MemoryDriver(), index: index).collector.reconcile(by: .test) }
        registry = Registry(storage: driver, index: index)
        try await collector.reconcile(by: .test)
        clients = clients.map { $0.restarted() }
        steps.append("restart")
        try await learn()
        if roll(2) == 0,
            let run = try await collector.quarantinedRuns(by: .test).first(where: { $0.state == .interrupted })
        {
            steps.append("resume")
            let report = try await collector.resumeRun(run.id, by: .test)
            await learn(sweptOf: Self.tags(of: report.removed))
        }
    }

    /// A crash in the middle of a verb leaves it done or not: the registry says which. What it left whole before it must
    /// have left so.
    private func learn() async throws {
        for name in world.names {
            for tag in world.tags {
                let place = CollectorModel.TagPlace(name: name, tag: tag)
                let now = (try? await registry.manifest(.tag(tag), in: name, by: .test))?.digest
                guard now != model.tags[place] else { continue }
                guard let pending, pending.allows(place, now) else {
                    throw Failed(
                        description: "\(name):\(tag) was \(model.tags[place]?.short ?? "-"), is \(now?.short ?? "-")")
                }
                model.tags[place] = now
            }
        }
        if let pending {
            for place in pending.revisions {
                let isThere = (try? await registry.manifest(.digest(place.digest), in: place.name, by: .test)) != nil
                if isThere { model.revisions.insert(place) } else { model.revisions.remove(place) }
            }
            if let swept = pending.swept { await learn(sweptOf: swept) }
        }
        pending = nil
    }

    /// What the verb in progress may have done when a crash ended it.
    private struct Pending {
        var tags: [CollectorModel.TagPlace: Digest?] = [:]
        var revisions: [CollectorModel.Place] = []
        /// Tags that a sweep may have taken, with what they pointed at; nil where it was no sweep.
        var swept: [CollectorModel.TagPlace: Digest]?

        func allows(_ place: CollectorModel.TagPlace, _ now: Digest?) -> Bool { tags[place].map { $0 == now } ?? false }
    }

    private var pending: Pending?

    // MARK: Clients

    /// Has one of up to three clients take its next step: a request of its push.
    private func advanceClient() async throws {
        if clients.count < 3 {
            let mode = pick([CollectorClient.Mode.sending, .asking, .mounting])
            clients.append(
                CollectorClient(
                    image: pick(world.images), name: pick(world.names), tag: roll(4) == 0 ? nil : pick(world.tags),
                    mode: mode, source: pick(world.names)))
        }
        let number = roll(clients.count)
        var client = clients[number]
        let manifest = client.image.manifest.digest
        pending = Pending(
            tags: client.tag.map { [CollectorModel.TagPlace(name: client.name, tag: $0): manifest] } ?? [:],
            revisions: (client.image.children.map(\.manifest.digest) + [manifest]).map {
                CollectorModel.Place(name: client.name, digest: $0)
            })
        let outcome = try await client.advance(registry)
        pending = nil
        steps.append("client \(number) \(client.image.manifest.digest.short) to \(client.name): \(outcome)")
        switch outcome {
        case .went: clients[number] = client
        case .linked(let digest):
            clients[number] = client
            model.put(digest, in: client.name, tag: nil)
        case .refused:
            guard !client.wasRefused else { throw Failed(description: "a push was refused again when it was repeated") }
            clients[number] = client.restarted(wasRefused: true)
        case .pushed:
            clients.remove(at: number)
            // Acknowledged with what it lists, which has to be there.
            for child in client.image.children { model.put(child.manifest.digest, in: client.name, tag: nil) }
            model.put(manifest, in: client.name, tag: client.tag)
        }
    }

    private func deleteTag() async throws {
        guard !model.tags.isEmpty else { return }
        let place = pick(model.tags.keys.sorted { "\($0)" < "\($1)" })
        steps.append("delete \(place.name):\(place.tag)")
        pending = Pending(tags: [place: nil])
        try await registry.deleteTag(place.tag, in: place.name, by: .test)
        pending = nil
        model.tags[place] = nil
        if roll(3) == 0 {
            let deleted = try await registry.deletedTags(in: place.name, limit: 10, by: .test).first {
                $0.tag == place.tag && $0.canReturn
            }
            guard let deleted else { return }
            steps.append("restore it")
            pending = Pending(tags: [place: deleted.digest])
            try await registry.restoreTag(deleted, by: .test)
            pending = nil
            model.put(deleted.digest, in: place.name, tag: place.tag)
        }
    }

    private func deleteManifest() async throws {
        guard !model.revisions.isEmpty else { return }
        let place = pick(model.revisions.sorted { "\($0)" < "\($1)" })
        let isListed = model.revisions.contains { other in
            other.name == place.name
                && model.manifests[other.digest]?.references.contains { $0.digest == place.digest } == true
        }
        // An index whose entries are deleted is whole no more, by the client's own wish.
        guard !isListed else { return }
        steps.append("delete manifest \(place.digest.short) in \(place.name)")
        var tags: [CollectorModel.TagPlace: Digest?] = [:]
        for (tag, digest) in model.tags where tag.name == place.name && digest == place.digest {
            tags[tag] = .some(nil)
        }
        pending = Pending(tags: tags, revisions: [place])
        try await registry.deleteManifest(place.digest, in: place.name, by: .test)
        pending = nil
        model.delete(place.digest, in: place.name)
        // Who was about to push an index of it begins anew, and is refused with reason.
        clients = clients.map { $0.restarted() }
    }

    private func retag() async throws {
        let held = model.held(untagged: untagged).sorted { "\($0)" < "\($1)" }
        guard !held.isEmpty else { return }
        let (place, tag) = (pick(held), pick(world.tags))
        steps.append("tag \(place.name):\(tag) = \(place.digest.short)")
        pending = Pending(tags: [CollectorModel.TagPlace(name: place.name, tag: tag): place.digest])
        try await registry.setTag(tag, to: place.digest, in: place.name, by: .test)
        pending = nil
        model.put(place.digest, in: place.name, tag: tag)
    }

    // MARK: The collector

    private func sweep() async throws {
        let options = SweepOptions(
            untagged: untagged, uploadSeconds: pick([nil, 0]), referrerSeconds: pick([nil, 0]),
            graceSeconds: pick([0, 0, 600]), retention: roll(3) == 0)
        let plan = try await collector.planSweep(options, by: .test)
        steps.append("sweep \(plan.lines.count) lines, grace \(options.graceSeconds)")
        // Between preview and run others may come.
        let others = roll(3)
        for _ in 0..<others { try await advanceClient() }
        let keep = pick([0, 3600])
        let drops = Self.tags(of: plan.lines)
        pending = Pending(tags: drops.mapValues { _ in Digest?.none }, swept: drops)
        let stopAfter = roll(4) == 0 ? roll(max(1, plan.lines.count)) : Int.max
        let report = try await collector.run(plan, SweepRunSettings(quarantineSeconds: keep), by: .test) {
            $0.linesDone <= stopAfter
        }
        // The storage died on the way: what it left is looked at after the restart.
        if budget.isUsedUp { return }
        pending = nil
        let asked = Set(plan.lines.map(\.item))
        let told = report.removed.map(\.item) + report.spared.map(\.item)
        guard told.count == asked.count, Set(told) == asked else {
            throw Failed(description: "the report is not about the plan")
        }
        if others == 0, stopAfter == .max, !budget.isArmed, !report.spared.isEmpty {
            throw Failed(description: "the run is not the preview: \(report.spared)")
        }
        await budget.sparing { await learn(sweptOf: drops) }
    }

    /// The tags among the lines, with what they pointed at in the preview.
    private static func tags(of lines: [SweepPlan.Line]) -> [CollectorModel.TagPlace: Digest] {
        var tags: [CollectorModel.TagPlace: Digest] = [:]
        for line in lines {
            if case .tag(let tag, let name) = line.item {
                tags[CollectorModel.TagPlace(name: name, tag: tag)] = line.target
            }
        }
        return tags
    }

    /// Tags of the plan may be gone with what only they held, and so may what nothing held before.
    private func learn(sweptOf drops: [CollectorModel.TagPlace: Digest]) async {
        // A tag that was set again since the plan was made is not the plan's.
        for (place, digest) in drops where model.tags[place] == digest {
            if (try? await registry.manifest(.tag(place.tag), in: place.name, by: .test)) == nil {
                model.tags[place] = nil
            }
        }
        for place in model.going(with: drops, untagged: untagged)
        where (try? await registry.manifest(.digest(place.digest), in: place.name, by: .test)) == nil {
            model.revisions.remove(place)
        }
        // Manifests that nothing holds may have survived: who has them still may count on them.
        let before = model
        model.swept(untagged: untagged)
        for place in before.revisions.subtracting(model.revisions)
        where (try? await registry.manifest(.digest(place.digest), in: place.name, by: .test)) != nil {
            if !untagged { model.revisions.insert(place) }
        }
    }

    private func undo() async throws {
        guard let run = try await collector.quarantinedRuns(by: .test).first, let line = run.lines.first else { return }
        let items: Set<SweepPlan.Item>? = roll(2) == 0 ? nil : [roll(2) == 0 ? line.item : pick(run.lines).item]
        steps.append("undo \(items.map { "\($0.map(\.text))" } ?? "all")")
        pending = Pending(tags: Self.tags(of: run.lines).mapValues { $0 })
        let report = try await collector.undoRun(run.id, only: items, by: .test)
        pending = nil
        for (place, digest) in Self.tags(of: report.restored) { model.put(digest, in: place.name, tag: place.tag) }
        // What came back is whole: a manifest with everything that it references.
        for line in report.restored {
            guard case .revision(let digest, let name) = line.item else { continue }
            try await expectWhole(CollectorModel.Place(name: name, digest: digest))
            model.revisions.insert(CollectorModel.Place(name: name, digest: digest))
        }
    }

    private func purge() async throws {
        guard let run = try await collector.quarantinedRuns(by: .test).last else { return }
        steps.append("purge")
        _ = try await collector.purgeRun(run.id, by: .test)
    }

    // MARK: Expectations

    private func expectHeld() async throws {
        for (place, digest) in model.tags {
            guard (try? await registry.manifest(.tag(place.tag), in: place.name, by: .test))?.digest == digest else {
                throw Failed(description: "\(place.name):\(place.tag) is not \(digest.short)")
            }
        }
        for place in model.held(untagged: untagged) { try await expectWhole(place) }
    }

    private func expectWhole(_ place: CollectorModel.Place) async throws {
        guard let expected = model.manifests[place.digest],
            (try? await registry.manifest(.digest(place.digest), in: place.name, by: .test))?.bytes == expected.bytes
        else { throw Failed(description: "\(place.name)@\(place.digest.short) cannot be pulled") }
        for reference in expected.references {
            guard let bytes = world.blobs[reference.digest] else { continue }
            guard let content = try? await registry.blob(reference.digest, in: place.name, by: .test),
                try await content.read(at: 0, count: bytes.count + 1) == bytes
            else {
                throw Failed(
                    description: "\(place.name)@\(place.digest.short) lacks its blob \(reference.digest.short)")
            }
        }
    }

    /// When everything is deleted, sweeps leave nothing that takes room.
    private func end() async throws {
        // Also for what the process has promised in memory.
        try await restart()
        steps.append("the end")
        for run in try await collector.quarantinedRuns(by: .test) {
            _ = try await collector.purgeRun(run.id, by: .test)
        }
        for name in world.names {
            for tag in (try? await registry.tagNames(in: name, after: nil, limit: .max, by: .test)) ?? [] {
                try await registry.deleteTag(tag, in: name, by: .test)
            }
        }
        let everything = SweepOptions(untagged: true, uploadSeconds: 0, referrerSeconds: 0, graceSeconds: 0)
        // What is about something goes once its subject has: two sweeps at most, for nothing is about what is about it.
        var wholePlans = 0
        var kept: [SweepPlan.Spared] = []
        while wholePlans < 3 {
            let plan = try await collector.planSweep(everything, by: .test)
            if !plan.isPart { wholePlans += 1 }
            kept = plan.spared
            guard !plan.isPart || !plan.lines.isEmpty else { throw Failed(description: "a part without a line") }
            let report = try await collector.run(plan, by: .test)
            guard report.spared.isEmpty else { throw Failed(description: "spared in the end: \(report.spared)") }
        }
        for entry in try await driver.list(Layout.trash) ?? [] {
            if let run = UUID(uuidString: entry.name) { _ = try await collector.purgeRun(run, by: .test) }
        }
        let left = try await Tree.content(of: driver).keys.filter { $0 != Layout.retentionConfirmed.text }
        guard left.isEmpty else { throw Failed(description: "left in the end: \(left.sorted()), \(kept)") }
        guard try await registry.repositories(by: .test).isEmpty else {
            throw Failed(description: "repositories are left")
        }
        let folders = try await driver.list(Layout.repositories) ?? []
        guard folders.isEmpty else { throw Failed(description: "directories are left: \(folders.map(\.name))") }
    }
}

/// Storage calls until the process dies.
private final class CallBudget: Sendable {
    private let left = Mutex<Int?>(nil)
    private let isHeld = Mutex(false)

    var isArmed: Bool { left.withLock { $0 != nil } }
    var isUsedUp: Bool { left.withLock { $0.map { $0 < 0 } ?? false } }

    func arm(_ calls: Int) { left.withLock { $0 = calls } }
    func disarm() { left.withLock { $0 = nil } }

    /// The calls of `body` do not count: they are those of a test that looks.
    func sparing(_ body: () async throws -> Void) async rethrows {
        isHeld.withLock { $0 = true }
        defer { isHeld.withLock { $0 = false } }
        try await body()
    }

    /// True for every call after the last one that was allowed.
    func isDead() -> Bool {
        if isHeld.withLock({ $0 }) { return false }
        return takeOne()
    }

    private func takeOne() -> Bool {
        left.withLock { left in
            guard let calls = left else { return false }
            left = calls - 1
            return calls <= 0
        }
    }
}
