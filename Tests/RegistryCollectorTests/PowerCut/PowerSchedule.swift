import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import SeededRandom
import StorageProbes
import Synchronization

/// One random schedule of pushes, uploads, tags, deletions, sweeps, undos and repairs over a disk that writes down what it is
/// asked.
final class PowerSchedule {
    let chronicle: PowerChronicle
    let world: CollectorWorld
    var dice: SeededGenerator
    private(set) var registry: Registry
    private let index: ReferenceIndex
    /// A second process on the same directory, which only pushes.
    private let neighbour: Registry
    private(set) var driver: FileSystemDriver
    /// Somebody who is no registry, and never dies.
    let outsider: FileSystemDriver
    private let root: String
    var model: CollectorModel
    /// Runs whose quarantine is not freed.
    var runs: [Run] = []
    /// What is damaged.
    var wounds: [Wound] = []
    var steps: [String] = []

    struct Run: Sendable {
        var id: UUID
        /// What it took, or was to take where it is not over.
        var lines: [SweepPlan.Line]
        var keepSeconds: Int
        var isOver: Bool

        var trash: StoragePath { Layout.trash.appending(id.uuidString.lowercased()) }
        /// Of the paths of what it took.
        var prefix: String { PowerTree.root + trash.text + "/" }
    }

    struct Wound {
        var path: StoragePath
        /// Of the link that was damaged; nil for a stray file.
        var place: CollectorModel.Place?
    }

    /// - Parameters:
    ///   - top: an empty directory.
    ///   - isOrdered: the disk makes changes of names durable in their order.
    init(
        seed: UInt64, world: CollectorWorld, top: String, isOrdered: Bool, indexes: [ReferenceIndex]
    ) async throws {
        let journal = DiskJournal(top: top, isOrdered: isOrdered)
        chronicle = PowerChronicle(journal)
        self.world = world
        dice = SeededGenerator(seed: seed)
        root = "\(top)/\(PowerTree.root)"
        driver = try FileSystemDriver(root: root, calls: chronicle.disk)
        outsider = try FileSystemDriver(root: root, calls: journal)
        let other = try FileSystemDriver(root: root, calls: journal)
        index = indexes[0]
        registry = Registry(storage: driver, index: index)
        neighbour = Registry(storage: other, index: indexes[1])
        model = CollectorModel(world.manifests)
        try await collector.reconcile(by: .test)
        try await neighbour.collector.reconcile(by: .test)
    }

    /// A sweep with retention takes every tag `2`.
    static var settings: Collector.Settings {
        var settings = Collector.Settings()
        settings.retention = RetentionPolicy(rules: [.init(tags: ["2"], keepSeconds: 0)])
        return settings
    }

    var collector: Collector { Collector(registry.ground, Self.settings) }

    func run(steps count: Int) async throws -> PowerRecord {
        for _ in 0..<count { try await step() }
        return chronicle.record()
    }

    /// One in so many verbs is the last of its process.
    private static let deathPeriod = 5
    /// It dies within so many calls.
    private static let lastCallsMax = 80

    private func step() async throws {
        guard roll(Self.deathPeriod) == 0 else { return try await verb() }
        chronicle.disk.die(after: roll(Self.lastCallsMax))
        do {
            try await verb()
        } catch {
            guard chronicle.disk.isDead else { throw error }
        }
        guard chronicle.disk.isDead else { return chronicle.disk.live() }
        steps.append("the process dies")
        chronicle.disk.live()
        chronicle.begin("start")
        driver = try FileSystemDriver(root: root, calls: chronicle.disk)
        try await reopen()
        try await look()
        // A person goes on with what was not done.
        if roll(2) == 0 { try await resume() }
        if roll(2) == 0 { try await undo() }
        try await mend()
    }

    /// Learns what a verb that was not answered has done.
    private func look() async throws {
        model = CollectorModel(world.manifests)
        for name in world.names {
            for manifest in world.manifests
            where try await driver.stat(Layout.revisionLink(manifest.digest, in: name)) != nil {
                model.put(manifest.digest, in: name, tag: nil)
            }
            for tag in world.tags {
                guard let digest = try await driver.link(at: Layout.tagCurrent(tag, in: name)).digest else { continue }
                model.tags[CollectorModel.TagPlace(name: name, tag: tag)] = digest
            }
        }
        // What an undo had put back by then is in the hands of whoever comes next.
        var gone: [String] = []
        for path in chronicle.ledger.kept.keys {
            let place = StoragePath.root.appending(path.dropFirst(PowerTree.root.count).split(separator: "/"))
            if try await driver.stat(place) == nil { gone.append(path) }
        }
        chronicle.begin("start") { [gone] ledger in for path in gone { ledger.kept[path] = nil } }
    }

    private func verb() async throws {
        switch roll(28) {
        case 0...5: try await push(pick(world.images), to: pick(world.names), tag: tag())
        case 6...9: try await pushTwoAtOnce()
        case 10, 11: try await upload()
        case 12: try await mount()
        case 13, 14: try await deleteTag()
        case 15: try await deleteManifest()
        case 16: try await retag()
        case 17...19: try await sweep()
        case 20, 21, 25, 26: try await undo()
        case 22: try await purge()
        case 23: try await resume()
        case 24: try await undoInTheMiddle()
        default: try await repair()
        }
    }

    /// The process begins anew.
    func reopen() async throws {
        registry = Registry(storage: driver, index: index)
        try await collector.reconcile(by: .test)
    }

    func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &dice) }

    func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }

    private func tag() -> Tag? { roll(4) == 0 ? nil : pick(world.tags) }

    private func pushes(_ registry: Registry) -> PowerPush { PowerPush(registry: registry, chronicle: chronicle) }

    // MARK: Pushes

    private func note(_ image: SampleImage, _ name: RepositoryName, _ tag: Tag?) {
        for child in image.children { model.put(child.manifest.digest, in: name, tag: nil) }
        model.put(image.manifest.digest, in: name, tag: tag)
        steps.append("push \(image.manifest.digest.short) to \(name):\(tag?.text ?? "-")")
    }

    private func push(_ image: SampleImage, to name: RepositoryName, tag: Tag?) async throws {
        try await pushes(registry).push(image, to: name, tag: tag)
        note(image, name, tag)
    }

    /// A push from its beginning to its end in the middle of another's, through the same process or another: mostly of the
    /// same content, for that is where one relies on what the other has begun.
    private func pushTwoAtOnce() async throws {
        let (image, name) = (pick(world.images), pick(world.names))
        let other = roll(3) == 0 ? pick(world.images) : image
        let otherName = roll(3) == 0 ? pick(world.names) : name
        let (first, second) = (pushes(registry), pushes(roll(2) == 0 ? registry : neighbour))
        let moment = MomentCounter(roll(60))
        steps.append("in the middle of the next, after \(moment.start) names")
        try await Overlap(chronicle.journal).run {
            try await first.push(image, to: name, tag: nil)
        } _: { [tags = world.tags] in
            try await second.push(other, to: otherName, tag: tags[0])
        } when: {
            moment.isUp($0)
        }
        note(other, otherName, world.tags[0])
        note(image, name, nil)
        // What the other process did is known to this one from the tree.
        try await collector.reconcile(by: .test)
    }

    /// A run that comes back in the middle of a push of what it took, or the other way round.
    private func undoInTheMiddle() async throws {
        guard !runs.isEmpty else { return }
        let run = runs.remove(at: roll(runs.count))
        let (image, name) = (pick(world.images), pick(world.names))
        let first = pushes(registry)
        let other = PowerUndo(registry: registry, chronicle: chronicle)
        let moment = MomentCounter(roll(60))
        let back = Mutex<[SweepPlan.Line]>([])
        steps.append("undo in the middle of the next, after \(moment.start) names")
        try await Overlap(chronicle.journal).run {
            try await first.push(image, to: name, tag: nil)
        } _: {
            let lines = try await other.undo(run)
            back.withLock { $0 = lines }
        } when: {
            moment.isUp($0)
        }
        isBack(back.withLock { $0 })
        note(image, name, nil)
    }

    private func upload() async throws {
        let name = pick(world.names)
        let blob = SampleImage.Blob(SampleImage.noise(60, seed: UInt64(roll(1000))))
        let push = pushes(registry)
        let id = try await push.start(in: name)
        var sent = 0
        for _ in 0..<roll(3) {
            let end = min(blob.bytes.count, sent + 25)
            try await push.append(Array(blob.bytes[sent..<end]), to: id, in: name, tearing: roll(3) == 0)
            sent = end
        }
        switch roll(3) {
        case 0: try await push.finish(id, Array(blob.bytes[sent...]), as: blob.digest, in: name)
        case 1: try await push.cancel(id, in: name)
        default: break
        }
        steps.append("upload to \(name)")
    }

    private func mount() async throws {
        let (source, name) = (pick(world.names), pick(world.names))
        let digest = pick(world.images.flatMap(\.blobs)).digest
        let place = CollectorModel.Place(name: name, digest: digest)
        chronicle.begin("mount") { $0.mayLink(place, true) }
        let mounted = try await registry.mountBlob(digest, from: source, into: name, by: .test)
        try chronicle.answer("mount") { ledger in if mounted != nil { ledger.links(place, true) } }
        steps.append("mount")
    }

    // MARK: Tags and deletions

    private func deleteTag() async throws {
        guard !model.tags.isEmpty else { return }
        let place = pick(model.tags.keys.sorted { "\($0)" < "\($1)" })
        steps.append("delete \(place.name):\(place.tag)")
        chronicle.begin("delete tag") { $0.mayPoint(place, to: nil) }
        try await registry.deleteTag(place.tag, in: place.name, by: .test)
        try chronicle.answer("delete tag") { $0.points(place, to: nil) }
        model.tags[place] = nil
    }

    private func deleteManifest() async throws {
        guard !model.revisions.isEmpty else { return }
        let place = pick(model.revisions.sorted { "\($0)" < "\($1)" })
        let isListed = model.revisions.contains { other in
            other.name == place.name
                && model.manifests[other.digest]?.references.contains { $0.digest == place.digest } == true
        }
        guard !isListed else { return }
        steps.append("delete \(place.name)@\(place.digest.short)")
        let tags = model.tags.filter { $0.key.name == place.name && $0.value == place.digest }.map(\.key)
        chronicle.begin("delete manifest") { ledger in
            for tag in tags { ledger.mayPoint(tag, to: nil) }
            ledger.mayHold(place, false)
        }
        try await registry.deleteManifest(place.digest, in: place.name, by: .test)
        try chronicle.answer("delete manifest") { ledger in
            for tag in tags { ledger.points(tag, to: nil) }
            ledger.holds(place, false)
        }
        model.delete(place.digest, in: place.name)
    }

    private func retag() async throws {
        guard !model.revisions.isEmpty else { return }
        let place = pick(model.revisions.sorted { "\($0)" < "\($1)" })
        let tag = CollectorModel.TagPlace(name: place.name, tag: pick(world.tags))
        steps.append("tag \(tag.name):\(tag.tag) = \(place.digest.short)")
        chronicle.begin("set tag") { $0.mayPoint(tag, to: place.digest) }
        try await registry.setTag(tag.tag, to: place.digest, in: place.name, by: .test)
        try chronicle.answer("set tag") { $0.points(tag, to: place.digest) }
        model.put(place.digest, in: place.name, tag: tag.tag)
    }
}

/// Is up after so many names that a push gives, before the sync that makes them durable.
private final class MomentCounter: Sendable {
    let start: Int
    private let left: Mutex<Int>

    init(_ count: Int) {
        start = count
        left = Mutex(count)
    }

    /// Not in the middle of the making of a directory: the driver holds what others need for that.
    func isUp(_ record: DiskJournal.Record) -> Bool {
        switch record {
        case .create, .rename, .remove:
            left.withLock { left in
                left -= 1
                return left < 0
            }
        case .write, .truncate, .makeDirectory, .synchronize, .synchronizeAll: false
        }
    }
}
