import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes
import Testing

/// What a sweep spares: promises to clients, pushes in flight, what cannot be read, what came alive after the preview.
@Suite struct SweepSafetyTests {
    let registry: Registry
    let name: RepositoryName
    let now = SweepOptions(untagged: true, graceSeconds: 0)
    let gracious = SweepOptions(untagged: true, graceSeconds: 600)

    init() async throws {
        registry = try await Registry.sample()
        name = try RepositoryName("team/app")
    }

    private func orphan(_ seed: UInt64) async throws -> SampleImage.Blob {
        let blob = SampleImage.Blob(SampleImage.noise(700, seed: seed))
        try await registry.push(blob: blob, to: name)
        return blob
    }

    @Test func aFreshBlobIsSparedForTheGraceAndGoesWithoutIt() async throws {
        let blob = try await orphan(1)
        let spared = try await registry.collector.planSweep(gracious, by: .test)
        #expect(spared.lines.isEmpty)
        #expect(spared.spared.map(\.digest) == [blob.digest])
        guard case .leased = spared.spared.first?.reason else {
            Issue.record("spared for another reason: \(spared.spared)")
            return
        }
        #expect(try await registry.collector.planSweep(now, by: .test).lines.ofContent.map(\.digest) == [blob.digest])
    }

    /// The lease of a commit ends when a manifest takes the blob over, so a deletion is garbage at once.
    @Test func aDeletedImageIsGarbageAtOnceDespiteTheGrace() async throws {
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 4)])
        try await registry.push(image, to: name, tag: try Tag("v1"))
        try await registry.deleteTag(try Tag("v1"), in: name, by: .test)
        let plan = try await registry.collector.planSweep(gracious, by: .test)
        #expect(plan.spared.isEmpty)
        #expect(plan.lines.ofContent.count == 1 + image.blobs.count + 1)
    }

    @Test func aHeadBetweenPreviewAndRunSparesTheBlob() async throws {
        let blob = try await orphan(1)
        let clock = try await registry.collector.planSweep(SweepOptions(graceSeconds: 0), by: .test)
        var plan = clock
        plan.options.graceSeconds = 600
        _ = try await registry.promiseBlob(blob.digest, in: name, by: .test)
        let report = try await registry.collector.run(plan, by: .test) { _ in true }
        #expect(report.removed.isEmpty)
        #expect(try await registry.blob(blob.digest, in: name, by: .test).size == 700)
    }

    @Test func aManifestBetweenPreviewAndRunSparesWhatItReferences() async throws {
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 4)])
        for blob in image.blobs { try await registry.push(blob: blob, to: name) }
        let plan = try await registry.collector.planSweep(now, by: .test)
        #expect(plan.lines.ofContent.count == image.blobs.count)
        try await registry.push(image.manifest, to: name, tag: try Tag("v1"))
        #expect(registry.ground.generation != plan.generation)

        let report = try await registry.collector.run(plan, by: .test) { _ in true }
        #expect(report.removed.isEmpty)
        #expect(report.spared.ofContent.map(\.reason) == image.blobs.map { _ in .cameAlive })
        #expect(try await registry.isPullable(image, from: name, tag: try Tag("v1")))
    }

    @Test func aTagBetweenPreviewAndRunSparesTheManifest() async throws {
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 4)])
        try await registry.push(image, to: name, tag: try Tag("v1"))
        try await registry.deleteTag(try Tag("v1"), in: name, by: .test)
        let plan = try await registry.collector.planSweep(now, by: .test)
        try await registry.push(image.manifest, to: name, tag: try Tag("again"))
        let report = try await registry.collector.run(plan, by: .test) { _ in true }
        #expect(report.removed.isEmpty)
        #expect(try await registry.isPullable(image, from: name, tag: try Tag("again")))
    }

    @Test func stoppingSparesTheRestAndSaysSo() async throws {
        for seed in 1...5 { _ = try await orphan(UInt64(seed)) }
        let plan = try await registry.collector.planSweep(now, by: .test)
        let report = try await registry.collector.run(plan, by: .test) { $0.linesDone < 2 }
        #expect(report.removed == Array(plan.lines.prefix(2)))
        #expect(report.spared.ofContent.map(\.reason) == [.stopped, .stopped, .stopped])
        #expect(try await registry.collector.planSweep(now, by: .test).lines == Array(plan.lines.dropFirst(2)))
    }

    @Test func nothingIsLeftInTheQuarantine() async throws {
        _ = try await orphan(1)
        _ = try await registry.collector.run(try await registry.collector.planSweep(now, by: .test), by: .test) { _ in
            true
        }
        #expect(try await registry.storage.list(Layout.trash)?.isEmpty != false)
    }

    /// A crash between the rename and the purge leaves bytes that no path leads to; they are not left for ever.
    @Test func whatACrashLeftInTheQuarantineGoesWithTheNextRun() async throws {
        let left = Layout.trash.appending(["\(UUID().uuidString.lowercased()).purging", "docker", "0123", "data"])
        try await registry.storage.write(left, SampleImage.noise(900, seed: 5))
        let blob = try await orphan(1)
        let report = try await registry.collector.run(try await registry.collector.planSweep(now, by: .test), by: .test)
        { _ in
            true
        }
        #expect(report.removed.ofContent.map(\.digest) == [blob.digest])
        #expect(try await registry.storage.stat(left) == nil)
    }

    @Test func twoSweepsAtOnceAreRefused() async throws {
        let driver = GatedDriver()
        let registry = try await Registry.sample(driver)
        let collector = registry.collector
        let blob = SampleImage.Blob(SampleImage.noise(700, seed: 1))
        try await registry.push(blob: blob, to: name)
        let plan = try await collector.planSweep(now, by: .test)
        // The first waits at its first move into the quarantine, so it cannot have ended when the second is tried.
        driver.close { $0.text.hasPrefix(Layout.trash.text) && $0.text.hasSuffix(blob.digest.hex) }
        async let first = collector.run(plan, by: .test)
        await driver.arrival()
        #expect(collector.isSweeping)
        await #expect(throws: RegistryError.sweepRunning) { try await collector.run(plan, by: .test) }
        await #expect(throws: RegistryError.sweepRunning) { try await collector.purgeRun(plan.id, by: .test) }
        driver.open()
        #expect(try await first.removed == plan.lines)
        #expect(!collector.isSweeping)
    }

    @Test func nothingIsPlannedBeforeTheTreeWasRead() async throws {
        let fresh = Registry(storage: MemoryDriver(), index: try .init(path: nil))
        await #expect(throws: RegistryError.notReconciled) { try await fresh.collector.planSweep(now, by: .test) }
    }

    /// A manifest that another program wrote to the tree since the preview: the run finds it before it removes anything.
    @Test func aManifestThatOnlyTheTreeKnowsHoldsItsBlobs() async throws {
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 4)])
        for blob in image.blobs { try await registry.push(blob: blob, to: name) }
        let plan = try await registry.collector.planSweep(now, by: .test)
        #expect(plan.lines.ofContent.count == image.blobs.count)
        let digest = image.manifest.digest
        try await registry.storage.write(Layout.blobData(digest), image.manifest.bytes)
        try await registry.storage.write(Layout.revisionLink(digest, in: name), Link.content(digest))

        let report = try await registry.collector.run(plan, by: .test) { _ in true }
        #expect(report.removed.isEmpty)
    }

    /// Bytes on the disk that are not what their place says pin everything that they might have referenced.
    @Test(arguments: ["garbage", "empty link", "missing bytes", "garbled link"])
    func whatCannotBeReadPinsTheRepository(_ damage: String) async throws {
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 4)])
        for blob in image.blobs { try await registry.push(blob: blob, to: name) }
        let other = try RepositoryName("else/where")
        let free = SampleImage.Blob(SampleImage.noise(333, seed: 9))
        try await registry.push(blob: free, to: other)
        let digest = image.manifest.digest
        let link = Layout.revisionLink(digest, in: name)
        switch damage {
        case "garbage":
            try await registry.storage.write(Layout.blobData(digest), Array("{".utf8))
            try await registry.storage.write(link, Link.content(digest))
        case "empty link": try await registry.storage.write(link, [])
        case "missing bytes": try await registry.storage.write(link, Link.content(digest))
        default: try await registry.storage.write(link, Array("sha256:xyz\n".utf8))
        }
        try await registry.collector.reconcile(by: .test)

        let plan = try await registry.collector.planSweep(now, by: .test)
        #expect(plan.damaged.map(\.path) == [link.text])
        #expect(plan.lines.ofContent.map(\.digest) == [free.digest])
        let bytes: Set<Digest> = damage == "garbage" ? [digest] : []
        #expect(Set(plan.spared.map(\.digest)) == Set(image.blobs.map(\.digest)).union(bytes))
        let report = try await registry.collector.run(plan, by: .test) { _ in true }
        #expect(report.removed.ofContent.map(\.digest) == [free.digest])

        // Once it is whole again, the image is there and nothing is garbage.
        try await registry.push(image.manifest, to: name, tag: try Tag("healed"))
        try await registry.collector.reconcile(by: .test)
        #expect(try await registry.isPullable(image, from: name, tag: try Tag("healed")))
        #expect(try await registry.collector.planSweep(now, by: .test).damaged.isEmpty)
    }
}
