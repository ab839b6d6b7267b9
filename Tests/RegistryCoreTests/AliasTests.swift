import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes
import Testing

/// Bytes that a repository calls by another digest than they lie under, as distribution's links may: who is promised the name
/// is promised the bytes.
@Suite struct AliasTests {
    private let driver = GatedDriver()
    private let registry: Registry
    private let (name, other): (RepositoryName, RepositoryName)
    private let bytes = SampleImage.noise(700, seed: 3)
    private let target: Digest
    private let alias: Digest
    private let everything = SweepOptions(untagged: true, graceSeconds: 0)
    private let gracious = SweepOptions(untagged: true, graceSeconds: 600)

    init() async throws {
        name = try RepositoryName("team/app")
        other = try RepositoryName("other")
        target = Digest.of(bytes)
        alias = Digest.of(bytes, .sha512)
        try await driver.write(Layout.blobData(target), bytes)
        for link in [target, alias] { try await driver.write(Layout.layerLink(link, in: name), Link.content(target)) }
        let index = try ReferenceIndex(path: nil)
        registry = Registry(storage: driver, index: index)
        try await registry.collector.reconcile(by: .test)
        // Long ago: no promise of the tree's stands.
        try index.write { try $0.timesEnded(at: 1, tags: true) }
    }

    private func goes(_ options: SweepOptions) async throws -> Bool {
        try await registry.collector.planSweep(options, by: .test).lines.contains { $0.item == .blob(target) }
    }

    @Test func aPromiseOfTheNameIsOneOfTheBytes() async throws {
        #expect(try await goes(gracious))
        let descriptor = try await registry.promiseBlob(alias, in: name, by: .test)
        #expect(descriptor.digest == alias && descriptor.size == 700)
        #expect(try await !goes(gracious))
    }

    @Test func aMountOfTheNameIsOneOfTheBytes() async throws {
        let descriptor = try await registry.mountBlob(alias, from: name, into: other, by: .test)
        #expect(descriptor?.size == 700)
        #expect(try await !goes(gracious))
        #expect(try await registry.blob(alias, in: other, by: .test).read(at: 0, count: 1000) == bytes)
        #expect(try await registry.collector.reconcile(by: .test).corrections == 0)
    }

    /// The push has looked at its layers and waits before its links; a sweep without grace comes in between.
    @Test func aSweepDoesNotTakeTheBytesOfAPushInFlight() async throws {
        let config = SampleImage.Blob(Array("{}".utf8))
        try await registry.push(blob: config, to: name)
        let manifest = try Manifest(
            bytes: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":{"mediaType":"\(MediaType.ociConfig)",\
                "digest":"\(config.digest)","size":2},"layers":[{"mediaType":"\(MediaType.ociLayer)",\
                "digest":"\(alias)","size":700}]}
                """.utf8))
        let plan = try await registry.collector.planSweep(everything, by: .test)
        #expect(plan.lines.contains { $0.item == .blob(target) })
        driver.close { $0.name == "link" && $0.text.contains("/revisions/") }
        let (registry, name) = (self.registry, self.name)
        async let pushed: Void = registry.push(manifest, to: name, tag: try Tag("v1"))
        await driver.arrival()
        let report = try await registry.collector.run(plan, by: .test)
        driver.open()
        try await pushed
        #expect(report.removed.allSatisfy { $0.item != .blob(target) })
        #expect(try await registry.blob(alias, in: name, by: .test).read(at: 0, count: 1000) == bytes)
    }
}
