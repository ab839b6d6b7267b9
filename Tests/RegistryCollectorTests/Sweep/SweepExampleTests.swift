import ImageBuilder
import StorageProbes
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

/// The example of distribution's documentation ("How garbage collection works"): manifests A {a, b} and B {a, c}. Deleting
/// B makes exactly B and c removable; a and b stay.
@Suite struct SweepExampleTests {
    let name: RepositoryName
    let a = SampleImage.noise(3000, seed: 1)
    let b = SampleImage.noise(2000, seed: 2)
    let c = SampleImage.noise(1000, seed: 3)

    init() throws { name = try RepositoryName("example/app") }

    /// Both images share their config, so that only the layers tell them apart.
    private func prepare() async throws -> (registry: Registry, A: SampleImage, B: SampleImage) {
        let registry = try await Registry.sample()
        let A = try SampleImage(layers: [a, b])
        let B = try SampleImage(layers: [a, c])
        try await registry.push(A, to: name, tag: try Tag("A"))
        try await registry.push(B, to: name, tag: try Tag("B"))
        return (registry, A, B)
    }

    @Test func nothingIsRemovableWhileBothAreThere() async throws {
        let (registry, _, _) = try await prepare()
        let plan = try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test)
        #expect(plan.lines.isEmpty)
        #expect(plan.spared.isEmpty)
    }

    @Test func deletingBMakesExactlyBAndCRemovable() async throws {
        let (registry, A, B) = try await prepare()
        try await registry.deleteManifest(B.manifest.digest, in: name, by: .test)
        let plan = try await registry.collector.planSweep(SweepOptions(graceSeconds: 0), by: .test)
        #expect(plan.lines.map(\.digest) == [Digest.of(c), B.manifest.digest])
        #expect(plan.bytes == Int64(c.count + B.manifest.bytes.count))

        let report = try await registry.collector.run(plan, by: .test) { _ in true }
        #expect(report.removed == plan.lines)
        #expect(report.spared.isEmpty)
        // Measured as it went: the link to c had a size too.
        #expect(report.bytesFreed == plan.bytes + Int64(Digest.of(c).description.utf8.count))
        for gone in [Digest.of(c), B.manifest.digest] {
            #expect(try await registry.storage.stat(Layout.blob(gone)) == nil)
            #expect(try await registry.storage.stat(Layout.layerLink(gone, in: name)) == nil)
        }
        #expect(try await registry.isPullable(A, from: name, tag: try Tag("A")))
        #expect(try await registry.collector.planSweep(SweepOptions(graceSeconds: 0), by: .test).lines.isEmpty)
    }

    /// The cockpit deletes tags: the manifest becomes untagged, and only the switch makes it garbage.
    @Test func deletingTheTagOfBNeedsTheUntaggedSwitch() async throws {
        let (registry, A, B) = try await prepare()
        try await registry.deleteTag(try Tag("B"), in: name, by: .test)
        #expect(try await registry.collector.planSweep(SweepOptions(graceSeconds: 0), by: .test).lines.isEmpty)

        let plan = try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 3600), by: .test)
        #expect(plan.lines.map(\.kind) == [.revision, .blob, .blob])
        #expect(plan.lines.map(\.digest) == [B.manifest.digest, Digest.of(c), B.manifest.digest])
        #expect(plan.lines.map(\.reason) == [.untagged, .onlyRemovedReferences, .onlyRemovedReferences])
        let report = try await registry.collector.run(plan, by: .test) { _ in true }
        #expect(report.removed == plan.lines)
        #expect(try await registry.isPullable(A, from: name, tag: try Tag("A")))
        await #expect(throws: RegistryError.manifestUnknown(.digest(B.manifest.digest), name)) {
            try await registry.manifest(.digest(B.manifest.digest), in: name, by: .test)
        }
    }

    @Test func thePreviewWritesNothing() async throws {
        let (registry, _, B) = try await prepare()
        try await registry.deleteManifest(B.manifest.digest, in: name, by: .test)
        let before = try await Tree.content(of: registry.storage)
        _ = try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test)
        #expect(try await Tree.content(of: registry.storage) == before)
    }
}
