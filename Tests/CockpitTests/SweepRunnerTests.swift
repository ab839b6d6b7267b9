import Drawing
import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// Sweeping, putting back, freeing, asking and rolling back by keys alone, on a real registry in memory.
@Suite struct SweepRunnerTests {
    private static func app() throws -> RepositoryName { try RepositoryName("team/app") }

    /// Two images of `team/app`, which share a layer; the tag of the first is deleted by keys.
    private func deleted() async throws -> (session: LiveSession, gone: SampleImage) {
        var session = try await LiveSession()
        let (shared, own) = (SampleImage.noise(4_000, seed: 1), SampleImage.noise(9_000, seed: 2))
        let gone = try SampleImage(layers: [shared, own], architecture: "amd64")
        try await session.registry.push(gone, to: Self.app(), tag: try Tag("1"))
        try await session.registry.push(
            SampleImage(layers: [shared], architecture: "arm64"), to: Self.app(), tag: try Tag("2"))
        await session.look()
        await session.press(.enter)
        await session.type("dy")
        return (session, gone)
    }

    /// The same after a sweep into the quarantine, its list on the screen.
    private func swept() async throws -> (session: LiveSession, gone: SampleImage) {
        var (session, gone) = try await deleted()
        await session.type("5tf---")
        await session.press(.enter)
        await session.type("y")
        let isThere = try await session.registry.isPullable(gone, from: Self.app(), tag: try Tag("1"))
        #expect(!isThere)
        #expect(session.model.sweep.session.report?.purged != nil)
        await session.look()
        await session.press(.left)
        return (session, gone)
    }

    @Test func aRunComesBackWithItsTagAfterwards() async throws {
        var (session, gone) = try await swept()
        let run = try #require(session.model.sweep.quarantine.value?.first)
        #expect(run.state == .finished && run.by == "cockpit" && run.quarantineSeconds == 86_400)
        #expect(session.shows("[quarantine 1]"))
        await session.type("z")
        await session.type("y")
        await session.look()
        #expect(session.shows("put back \(run.lines.count) lines"))
        #expect(session.model.sweep.quarantine.value?.isEmpty == true)
        await session.press(.escape, .enter)
        await session.type("D")
        await session.press(.enter)
        let isThere = try await session.registry.isPullable(gone, from: Self.app(), tag: try Tag("1"))
        #expect(isThere)
        await session.look()
        #expect(session.model.tags.list.rows.map(\.tag.text) == ["1", "2"])
    }

    @Test func aLineComesBackWithWhatItNeeds() async throws {
        var (session, gone) = try await swept()
        await session.press(.enter, .down)
        #expect(session.model.sweep.list.selected?.item == .revision(gone.manifest.digest, try Self.app()))
        await session.type("zy")
        await session.look()
        let manifest = try? await session.registry.manifest(.digest(gone.manifest.digest), in: Self.app(), by: .test)
        #expect(manifest?.bytes == gone.manifest.bytes)
        let layer = try? await session.registry.blob(gone.blobs[2].digest, in: Self.app(), by: .test)
        #expect(layer != nil)
    }

    @Test func aRunIsFreedForGood() async throws {
        var (session, gone) = try await swept()
        await session.type("Py")
        await session.look()
        #expect(session.model.sweep.quarantine.value?.isEmpty == true)
        #expect(session.model.counters.bytesFreed > 0 && session.shows("freed"))
        let blob = try? await session.registry.blob(gone.blobs[2].digest, in: Self.app(), by: .test)
        #expect(blob == nil)
    }

    @Test func whatIsKeptIsNotSwept() async throws {
        var (session, gone) = try await deleted()
        await session.type("5t---")
        let own = SweepPlan.Item.blob(gone.blobs.first { $0.bytes.count == 9_000 }?.digest ?? gone.manifest.digest)
        let row = try #require(session.model.sweep.list.rows.firstIndex { $0.item == own })
        for _ in 0..<row { await session.press(.down) }
        await session.type(" ")
        await session.press(.enter)
        await session.type("y")
        let removed = try #require(session.model.sweep.session.report?.removed)
        #expect(!removed.isEmpty && !removed.contains { $0.item == own })
        await session.type("r")
        #expect(session.model.sweep.session.plan?.lines.contains { $0.item == own } == true)
    }

    @Test func theDialogOfADeletionSaysWhatTheSweepThenFrees() async throws {
        var session = try await LiveSession()
        let image = try SampleImage(layers: [SampleImage.noise(9_000, seed: 2)])
        try await session.registry.push(image, to: Self.app(), tag: try Tag("1"))
        await session.look()
        await session.type("w")
        let total = Int64(image.blobs.reduce(image.manifest.bytes.count) { $0 + $1.bytes.count })
        #expect(session.shows("\(ByteFormat.size(total)) come back, with 1 tag, 1 manifest, 3 blobs"))
        await session.press(.escape, .enter)
        await session.type("d")
        #expect(session.shows("A later sweep of untagged manifests frees \(ByteFormat.size(total))."))
        await session.type("y5t---")
        #expect(session.model.sweep.session.plan?.bytes == total)
    }

    @Test func whatSeveralRepositoriesShareComesBackWithThem() async throws {
        var session = try await LiveSession()
        let image = try SampleImage(layers: [SampleImage.noise(9_000, seed: 2)])
        for name in ["a", "b"] { try await session.registry.push(image, to: RepositoryName(name), tag: try Tag("1")) }
        await session.look()
        await session.type("w")
        #expect(session.shows("0 B come back") && session.shows("b:1"))
        await session.press(.escape)
        await session.type("  w")
        #expect(session.shows("come back, with 2 tags, 2 manifests, 3 blobs"))
        await session.press(.escape)
        await session.type(":reclaim *:1")
        await session.press(.enter)
        #expect(session.shows("come back, with 2 tags, 2 manifests, 3 blobs"))
    }

    @Test func zPutsADeletedTagBack() async throws {
        var (session, gone) = try await deleted()
        #expect(session.shows("z puts it back"))
        await session.type("z")
        await session.look()
        #expect(session.model.tags.list.rows.map(\.tag.text) == ["1", "2"])
        let isThere = try await session.registry.isPullable(gone, from: Self.app(), tag: try Tag("1"))
        #expect(isThere)
    }

    @Test func aTagIsRolledBack() async throws {
        var session = try await LiveSession()
        let (first, second) = (try SampleImage(layers: [[1, 2]]), try SampleImage(layers: [[3, 4]]))
        try await session.registry.push(first, to: Self.app(), tag: try Tag("1"))
        try await session.registry.push(second, to: Self.app(), tag: try Tag("1"))
        await session.look()
        await session.press(.enter)
        await session.type("H")
        #expect(session.shows("● current") && session.shows(first.manifest.digest.short))
        await session.press(.down, .enter)
        await session.type("y")
        #expect(session.shows("team/app:1 points at \(first.manifest.digest.short)"))
        let isBack = try await session.registry.isPullable(first, from: Self.app(), tag: try Tag("1"))
        #expect(isBack)
        await session.look()
        #expect(session.model.tags.list.rows.first?.digest == first.manifest.digest)
    }

    @Test func aTagThatIsNotRetainedGoesAndComesBackWithItsRun() async throws {
        var settings = Collector.Settings()
        settings.retention = RetentionPolicy(rules: [RetentionPolicy.Rule(keepTags: ["2"], keepSeconds: 0)])
        var setup = fixtureSetup()
        (setup.hasRetention, setup.sweep.quarantineSeconds) = (true, 3600)
        var session = try await LiveSession(collecting: settings, setup: setup)
        let (first, second) = (try SampleImage(layers: [[1, 2]]), try SampleImage(layers: [[3, 4]]))
        try await session.registry.push(first, to: Self.app(), tag: try Tag("1"))
        try await session.registry.push(second, to: Self.app(), tag: try Tag("2"))
        await session.look()
        await session.type("5tK---")
        let line = try #require(session.model.sweep.session.plan?.lines.first)
        guard case .tag(let tag, _) = line.item else {
            Issue.record("\(line)")
            return
        }
        #expect(session.shows("team/app:\(tag)") && session.shows("set more than"))
        await session.press(.enter)
        await session.type("y")
        await session.look()
        await session.type("2")
        #expect(session.model.tags.list.rows.count == 1)
        await session.type("5")
        await session.press(.left)
        await session.type("zy")
        await session.look()
        await session.type("2")
        #expect(session.model.tags.list.rows.map(\.tag.text) == ["1", "2"])
        let isThere = try await session.registry.isPullable(
            tag.text == "1" ? first : second, from: Self.app(), tag: tag)
        #expect(isThere)
    }

    @Test func anotherRegistryIsAQuestion() async throws {
        var settings = Collector.Settings()
        settings.otherWriters = { "registry 4711 has the tree open" }
        var session = try await LiveSession(collecting: settings)
        try await session.registry.push(
            SampleImage(layers: [[1]]), to: Self.app(), tag: nil)
        await session.look()
        await session.type("5t---")
        await session.press(.enter)
        await session.type("y")
        #expect(session.shows("registry 4711 has the tree open"))
        #expect(session.model.sweep.session.report == nil)
        await session.type("y")
        #expect(session.shows("✔ swept") && session.model.sweep.session.report?.removed.isEmpty == false)
    }

    /// However far it is when it is held: it goes on when it is told to, and a stop reaches it all the same.
    @Test(.timeLimit(.minutes(1)), arguments: [Effect.continueSweep, .stopSweep])
    func aHeldSweepGoesOnOrStops(_ word: Effect) async throws {
        let (looks, look) = AsyncStream.makeStream(of: Void.self)
        var settings = Collector.Settings()
        settings.otherWriters = {
            look.yield()
            return nil
        }
        let registry = try await Registry.sample()
        let collector = Collector(registry.ground, settings)
        try await registry.push(SampleImage(layers: [[1]]), to: Self.app(), tag: nil)
        let mailbox = Mailbox<Message>()
        let runner = EffectRunner(
            registry: LocalRegistry(registry, collector), server: FakeServer(), log: LogRing(), mailbox: mailbox)
        let plan = try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test)
        let run = Task { await runner.carryOut(.runSweep(SweepJob(.plan(plan)))) }
        for await _ in looks { break }
        await runner.carryOut(.pauseSweep)
        await runner.carryOut(word)
        await run.value
        guard case .swept(.success(let report)) = mailbox.take().messages.last else {
            Issue.record("no report")
            return
        }
        #expect(report.removed.count + report.spared.count == plan.lines.count && !plan.lines.isEmpty)
        if word == .continueSweep { #expect(report.spared.isEmpty) }
    }

    @Test func theFileHoldsThePlanThatWouldBeRun() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let plan = try samplePlan()
        let path = try SweepFile.write(.plan(plan), into: folder)
        let data = try Data(contentsOf: URL(filePath: path))
        let back = try CollectorJSON.decode(SweepPlan.self, from: data)
        #expect(path.hasPrefix("/") && back.lines == plan.lines && back.id == plan.id)
        let report = try SweepFile.write(.report(try sampleReport()), into: folder)
        let text = String(decoding: try Data(contentsOf: URL(filePath: report)), as: UTF8.self)
        #expect(text.contains("\"bytes_freed\" : 8192") && text.contains("came_alive"))
        #expect(throws: (any Error).self) {
            try SweepFile.write(.plan(plan), into: folder.appending(path: "none"))
        }
    }
}
