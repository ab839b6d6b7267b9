import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryIndex
import RegistryStorage
import Synchronization
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// Clocks that are wrong, and clocks that are set while something lasts: nothing goes early for that, and nothing stays for
/// ever.
@Suite struct ClockTests {
    /// A wall clock that is set, and a steady one that goes on.
    private final class Hands: Sendable {
        private let hands = Mutex((wall: Int64(1_800_000_000), steady: Int64(50)))

        var clocks: Clocks {
            Clocks(
                wall: { [self] in hands.withLock { $0.wall * 1_000_000_000 } },
                steady: { [self] in hands.withLock { $0.steady * 1_000_000_000 } })
        }

        var now: Int64 { hands.withLock { $0.wall } }

        func pass(_ seconds: Int64) {
            hands.withLock { hands in
                hands.wall += seconds
                hands.steady += seconds
            }
        }

        func set(by seconds: Int64) { hands.withLock { $0.wall += seconds } }
    }

    private static let jumps: [Int64] = [86_400 * 365, -86_400 * 365, 3_600, -3_600]

    // MARK: While it runs

    @Test(arguments: jumps) func aPromiseLastsAsLongAsItWasGivenFor(jump: Int64) throws {
        let hands = Hands()
        let promises = Promises(clocks: hands.clocks)
        let (digest, name) = (Digest.of([1]), try RepositoryName("a"))
        promises.note(.given(digest, in: name, at: hands.now))
        promises.note(.awaited([digest], in: name, at: hands.now))
        hands.pass(100)
        hands.set(by: jump)
        #expect(promises.promised(digest) == Promised(given: hands.now - 100, awaited: hands.now + 500))
        #expect(promises.all().given == [digest: [name: hands.now - 100]])
        #expect(promises.all().awaited == [digest: hands.now + 500])
    }

    @Test(arguments: jumps) func theEndOfAQuarantineIsNotMovedByTheClock(jump: Int64) {
        let hands = Hands()
        let deadlines = Deadlines<Int>(clocks: hands.clocks)
        let end = hands.now + 1000
        #expect(!deadlines.isOver(1, end: end, lasting: 3600))
        hands.set(by: jump)
        #expect(!deadlines.isOver(1, end: end, lasting: 3600))
        hands.pass(999)
        #expect(!deadlines.isOver(1, end: end, lasting: 3600))
        hands.pass(1)
        #expect(deadlines.isOver(1, end: end, lasting: 3600))
    }

    @Test func anEndThatIsDecadesAwayIsAsFarAsItLasts() {
        let hands = Hands()
        let deadlines = Deadlines<Int>(clocks: hands.clocks)
        let end = hands.now + 2_000_000_000
        #expect(!deadlines.isOver(1, end: end, lasting: 3600))
        hands.pass(3600)
        #expect(deadlines.isOver(1, end: end, lasting: 3600))
        // What was over before anybody asked is over.
        #expect(deadlines.isOver(2, end: 0, lasting: 3600))
    }

    @Test(arguments: jumps) func anUploadIsIdleForAsLongAsNobodyWroteToIt(jump: Int64) throws {
        let hands = Hands()
        let uploads = UploadTable(clocks: hands.clocks)
        let (id, name) = (UploadID(), try RepositoryName("a"))
        uploads.begin(id, .sha256, in: name)
        hands.pass(70)
        hands.set(by: jump)
        #expect(uploads.idleSeconds(id) == 70)
        uploads.goesOn(id, in: name)
        #expect(uploads.idleSeconds(id) == 0)
        let met = UploadID()
        uploads.met(met, in: name)
        #expect(uploads.idleSeconds(met) == nil)
    }

    // MARK: What was written down

    private let future: Int64 = 3_900_000_000

    /// Sets the time of everything in a tree.
    private func setTimes(below root: String, to seconds: Int64) throws {
        let times = [timespec](repeating: timespec(tv_sec: Int(seconds), tv_nsec: 0), count: 2)
        for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
            try #require(utimensat(AT_FDCWD, "\(root)/\(path)", times, 0) == 0)
        }
    }

    private func withTree(_ body: (FileSystemDriver, _ root: String) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        try await body(try FileSystemDriver(root: root), root)
    }

    @Test func filesOfTheFutureAreAsOldAsIsKnown() async throws {
        try await withTree { driver, root in
            let name = try RepositoryName("a")
            let first = try await Registry.sample(driver)
            let garbage = SampleImage.Blob(SampleImage.noise(700, seed: 1))
            try await first.push(blob: garbage, to: name)
            let image = try SampleImage(layers: [SampleImage.noise(300, seed: 2)])
            try await first.push(image, to: name, tag: try Tag("v1"))
            try setTimes(below: root, to: future)
            let second = try await Registry.sample(driver)
            let spared = try await second.collector.planSweep(
                SweepOptions(untagged: true, graceSeconds: 600), by: .test
            ).spared
            let limit = Date().addingTimeInterval(601)
            #expect(spared.count == 1)
            guard case .leased(let until) = spared.first?.reason else { Issue.record("\(spared)"); return }
            #expect(until <= limit)
            let plan = try await second.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test)
            #expect(plan.lines.map(\.item) == [.blob(garbage.digest)])
            #expect(try await second.tags(in: name, by: .test).allSatisfy { ($0.updated ?? .distantPast) <= limit })
        }
    }

    @Test func anUploadOfTheFutureIsNoEternalOne() async throws {
        try await withTree { driver, root in
            let name = try RepositoryName("a")
            let id = try await Registry.sample(driver).startUpload(in: name, by: .test).id
            try setTimes(below: root, to: future)
            let index = try ReferenceIndex(path: nil)
            let registry = Registry(storage: driver, index: index)
            try await registry.collector.reconcile(by: .test)
            let options = SweepOptions(uploadSeconds: 1000, graceSeconds: 0)
            let spared = try await registry.collector.planSweep(options, by: .test).spared
            guard case .mayContinue(let until) = spared.first?.reason else { Issue.record("\(spared)"); return }
            #expect(until <= Date().addingTimeInterval(1001))
            #expect(try await registry.collector.purgeUploads(olderThan: 1000, dryRun: true, by: .test) == 0)
            // It is no sign of another registry that writes here.
            try await registry.collector.run(try await registry.collector.planSweep(options, by: .test), by: .test)
            // Met a thousand seconds ago, by an earlier run of the program.
            let met = try #require(try index.read { try $0.state("uploads.met") })
            #expect(met.hasPrefix("\(id)="))
            try index.write { try $0.setState("\(id)=\(Ground.now - 1001)", for: "uploads.met") }
            #expect(
                try await registry.collector.planSweep(options, by: .test).lines.contains {
                    $0.item == .upload(id, name)
                })
            #expect(try await registry.collector.purgeUploads(olderThan: 1000, dryRun: false, by: .test) == 1)
            #expect(try await driver.list(Layout.uploads(name)) ?? [] == [])
        }
    }

    /// The index was written to by a clock that was ahead.
    @Test func timesOfTheFutureInTheIndexCountFromWhenTheyAreNoticed() async throws {
        let index = try ReferenceIndex(path: nil)
        let registry = Registry(storage: MemoryDriver(), index: index)
        try await registry.collector.reconcile(by: .test)
        let name = try RepositoryName("a")
        let garbage = SampleImage.Blob(SampleImage.noise(700, seed: 1))
        try await registry.push(blob: garbage, to: name)
        registry.coordination.note(.kept([garbage.digest], in: name))
        try index.write { change in
            try change.blobPresent(garbage.digest, size: 700, leased: future)
            try change.layerLinked(garbage.digest, in: name, leased: future)
        }
        let spared = try await registry.collector.planSweep(SweepOptions(graceSeconds: 600), by: .test).spared
        guard case .leased(let until) = spared.first?.reason else { Issue.record("\(spared)"); return }
        #expect(until <= Date().addingTimeInterval(601))
        #expect(try index.read { try !$0.hasTimes(after: Ground.now, tags: true) })
        let plan = try await registry.collector.planSweep(SweepOptions(graceSeconds: 0), by: .test)
        #expect(plan.lines.contains { $0.item == .blob(garbage.digest) })
    }

    /// A tag of the future would be the newest for ever.
    @Test func aTagOfTheFutureIsNoNewerThanOneOfToday() async throws {
        var settings = Collector.Settings()
        settings.retention = RetentionPolicy(rules: [.init(tags: ["*"], keepSeconds: 1000)])
        let index = try ReferenceIndex(path: nil)
        let registry = Registry(storage: MemoryDriver(), index: index)
        let collector = Collector(registry.ground, settings)
        try await collector.reconcile(by: .test)
        let (name, tag) = (try RepositoryName("a"), try Tag("v1"))
        let image = try SampleImage(layers: [])
        try await registry.push(image, to: name, tag: tag)
        try index.write { try $0.tagSet(tag, to: image.manifest.digest, in: name, at: future, by: "test") }
        _ = try await collector.planSweep(SweepOptions(retention: true), by: .test)
        #expect(try await registry.tags(in: name, by: .test).allSatisfy { ($0.updated ?? .distantPast) <= Date() })
    }

    /// Damage that was seen by a clock that was ahead is forgotten once it is mended, like any other.
    @Test func whatWasSeenInTheFutureIsForgottenOnceItIsMended() async throws {
        let storage = MemoryDriver()
        let index = try ReferenceIndex(path: nil)
        let (name, tag) = (try RepositoryName("a"), try Tag("v1"))
        let image = try SampleImage(layers: [])
        try await Registry.sample(storage).push(image, to: name, tag: tag)
        let link = Layout.revisionLink(image.manifest.digest, in: name)
        try index.write {
            try $0.damaged(link.text, in: name, naming: nil, reason: "seen", pass: future * 1_000_000)
        }
        let registry = Registry(storage: storage, index: index)
        try await registry.collector.reconcile(by: .test)
        #expect(try registry.collector.damage(by: .test) == [])
    }
}
