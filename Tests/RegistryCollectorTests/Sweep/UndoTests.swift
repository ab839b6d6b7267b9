import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import Testing

/// What does not come back from the quarantine, because it would not be whole or would undo somebody else's work.
@Suite struct UndoTests {
    private static let kept = SweepRunSettings(quarantineSeconds: 3600)

    /// What a person brought back, or stopped before its turn, does not go by the same run once more.
    @Test func aRunThatHasEndedIsNotResumed() async throws {
        let bench = try await CollectorBench()
        let (one, two) = (try bench.image(1), try bench.image(2))
        for image in [one, two] { try await bench.push(image, to: bench.a) }
        let run = try await bench.sweep(CollectorBench.everything, Self.kept).plan
        let item = SweepPlan.Item.revision(one.manifest.digest, bench.a)
        #expect(try await bench.collector.undoRun(run, only: [item], by: .test).kept.isEmpty)
        await #expect(throws: RegistryError.runEnded(run)) { try await bench.collector.resumeRun(run, by: .test) }
        #expect(try await bench.has(one, bench.a))
        // One that was stopped has come to its end, too.
        try await bench.push(two, to: bench.b)
        let plan = try await bench.plan()
        #expect(plan.lines.count > 1)
        try await bench.collector.run(plan, Self.kept, by: .test) { _ in false }
        await #expect(throws: RegistryError.runEnded(plan.id)) {
            try await bench.collector.resumeRun(plan.id, by: .test)
        }
    }

    @Test func aTagThatWasSetAgainStaysAsItIs() async throws {
        var settings = Collector.Settings()
        settings.retention = RetentionPolicy(rules: [.init(tags: ["goes"], keepSeconds: 0)])
        let bench = try await CollectorBench(collecting: settings)
        let (one, two) = (try bench.image(1), try bench.image(2))
        try await bench.push(one, to: bench.a, "goes")
        var options = CollectorBench.everything
        options.retention = true
        let run = try await bench.sweep(options, Self.kept).plan
        try await bench.push(two, to: bench.a, "goes")
        let undo = try await bench.collector.undoRun(run, by: .test)
        #expect(undo.kept.map(\.item) == [.tag(try Tag("goes"), bench.a)])
        #expect(undo.kept.map(\.reason) == [.failed("the tag has been set again since")])
        #expect(
            try await bench.registry.manifest(.tag(try Tag("goes")), in: bench.a, by: .test).digest
                == two.manifest.digest)
        // What it pointed at is back, without its name.
        #expect(try await bench.has(one, bench.a))
    }

    /// One run took the manifest, another the layer that it shared; the layer is gone for good.
    @Test func aManifestWhoseLayerIsGoneStaysAway() async throws {
        let bench = try await CollectorBench()
        let shared = SampleImage.noise(300, seed: 1)
        let one = try SampleImage(layers: [shared])
        let two = try SampleImage(layers: [shared], architecture: "arm64")
        try await bench.push(one, to: bench.a, "1")
        try await bench.push(two, to: bench.a, "2")
        try await bench.untag("1", bench.a)
        let first = try await bench.sweep(CollectorBench.everything, Self.kept).plan
        try await bench.untag("2", bench.a)
        try await bench.sweep()
        let undo = try await bench.collector.undoRun(first, by: .test)
        #expect(undo.kept.map(\.item) == [.revision(one.manifest.digest, bench.a)])
        #expect(await !bench.has(one.manifest, bench.a))
        let findings = try await bench.collector.check(CheckOptions(), by: .test).findings.map(\.kind)
        #expect(!findings.contains(.missingReference))
    }

    @Test func aLinkWhoseBytesAreGoneStaysAway() async throws {
        let bench = try await CollectorBench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.b, "v1")
        try await bench.registry.push(blob: image.blobs[0], to: bench.a)
        let link = SweepPlan.Item.layerLink(image.blobs[0].digest, bench.a)
        let first = try await bench.sweep(CollectorBench.everything, Self.kept)
        #expect(first.removed.contains { $0.item == link })
        try await bench.untag("v1", bench.b)
        try await bench.sweep()
        let undo = try await bench.collector.undoRun(first.plan, by: .test)
        #expect(undo.kept.map(\.item) == [link])
        await #expect(throws: RegistryError.blobUnknown(image.blobs[0].digest, bench.a)) {
            try await bench.registry.promiseBlob(image.blobs[0].digest, in: bench.a, by: .test)
        }
    }
}
