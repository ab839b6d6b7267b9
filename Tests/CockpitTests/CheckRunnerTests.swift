import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

@testable import Cockpit

/// Check, repair, damage and the comparison on a real registry in memory.
@Suite struct CheckRunnerTests {
    /// What is wrong is found, asked about and mended, by keys alone; the index and the client follow.
    @Test(arguments: ["r", "H"]) func aWoundIsFoundAndMended(_ key: String) async throws {
        var session = try await LiveSession()
        let (app, tag) = (try RepositoryName("team/app"), try Tag("1"))
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
        try await session.registry.push(image, to: app, tag: tag)
        let storage = session.registry.storage
        let link = Layout.tagCurrent(tag, in: app)
        try await storage.write(link, [])
        let absent = Layout.layerLink(Digest.of([1]), in: app)
        try await storage.write(absent, Link.content(Digest.of([1])))
        await session.look()

        await session.type("7")
        #expect(session.shows("damaged 0"))
        await session.type(key)
        let found = try #require(session.model.check.session.report?.findings.map(\.kind))
        #expect(Set(found) == [.damagedLink, .danglingLink])
        #expect(session.shows("damaged-link") && session.shows("dangling-link"))
        await session.type("Ry")
        let repairs = try #require(session.model.check.session.repairs)
        #expect(session.shows("✔ 2 repaired") && repairs.left.isEmpty)
        #expect(try await storage.link(at: link) == .digest(image.manifest.digest))
        let quarantine = StoragePath.root.appending(try #require(repairs.quarantine).split(separator: "/"))
        #expect(try await storage.stat(quarantine.appending(absent.components)) != nil)
        #expect(try await session.registry.isPullable(image, from: app, tag: tag))
        await session.type(key)
        #expect(session.shows("✔ nothing is wrong"))
    }

    @Test func theListOfDamageIsWhatTheComparisonCouldNotRead() async throws {
        var session = try await LiveSession()
        let app = try RepositoryName("team/app")
        let image = try SampleImage(layers: [[1]])
        try await session.registry.push(image, to: app, tag: try Tag("1"))
        let link = Layout.tagCurrent(try Tag("1"), in: app)
        try await session.registry.storage.write(link, [])
        try await session.collector.reconcile(by: .test)
        await session.look()
        await session.type("7")
        #expect(session.model.check.list.rows.map(\.path) == [link.text])
        await session.type("6")
        #expect(session.shows("up to the tree; 1 place cannot be read · 7"))
    }

    /// A stop that comes before the check has begun to work is not lost.
    @Test func aCheckIsStopped() async throws {
        let session = try await LiveSession()
        let image = try SampleImage(layers: [[1]])
        try await session.registry.push(image, to: try RepositoryName("team/app"), tag: try Tag("1"))
        let job = CheckJob()
        job.begin()
        job.stop()
        let report = try await job.run(
            CheckOptions(hashesBytes: true), by: LocalRegistry(session.registry, session.collector))
        #expect(report.isPartial && report.blobsHashed == 0 && job.progress == nil)
        job.begin()
        let whole = try await job.run(
            CheckOptions(hashesBytes: true), by: LocalRegistry(session.registry, session.collector))
        #expect(!whole.isPartial && whole.isSound && whole.blobsHashed == 3)
    }

    @Test func aComparisonIsSampledWhileItRuns() async throws {
        let registry = try await Registry.sample()
        let collector = registry.collector
        var sampler = Sampler(
            registry: LocalRegistry(registry, collector), server: FakeServer(), log: LogRing())
        defer { sampler.end() }
        let first = sampler.look(at: noon)
        #expect(first?.isReconciled == true && first?.reconciling == nil)
        let image = try SampleImage(layers: [[1]])
        try await registry.push(image, to: try RepositoryName("team/app"), tag: try Tag("1"))
        var samples: [Sample] = []
        try await collector.reconcile(by: .test) { _ in
            if let sample = sampler.look(at: noon) { samples.append(sample) }
        }
        #expect(samples.contains { $0.reconciling?.manifests == 1 })
        let last = sampler.look(at: noon)
        #expect(last != nil && last?.reconciling == nil)
    }
}
