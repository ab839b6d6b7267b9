import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes
import Testing

/// The index is derived: from the tree alone it comes out the same, and where the tree was changed by others it follows.
@Suite struct ReconcilerTests {
    let registry: Registry
    let name: RepositoryName
    let image: SampleImage

    init() async throws {
        registry = try await Registry.sample()
        name = try RepositoryName("team/app")
        image = try SampleImage(layers: [SampleImage.noise(900, seed: 1), SampleImage.noise(800, seed: 2)])
    }

    @Test func anIndexBuiltFromTheTreeAnswersAsTheOneThatGrewWithIt() async throws {
        let other = try SampleImage(layers: [SampleImage.noise(900, seed: 1)], architecture: "arm64")
        try await registry.push(image, to: name, tag: try Tag("v1"))
        try await registry.push(other, to: name, tag: nil)
        try await registry.push(
            try SampleImage.index([("amd64", image), ("arm64", other)]), to: name, tag: try Tag("multi"))
        try await registry.push(
            try SampleImage(layers: [], subject: image.descriptor), to: try RepositoryName("team/signed"), tag: nil)
        try await registry.push(blob: .init(SampleImage.noise(10, seed: 7)), to: name)

        let rebuilt = try await Registry.sample(registry.storage)
        for tag in ["v1", "multi"] {
            let reference = Reference.tag(try Tag(tag))
            #expect(
                try await rebuilt.graph(of: reference, in: name, by: .test)
                    == registry.graph(of: reference, in: name, by: .test))
        }
        func facts(_ registry: Registry) async throws -> [[String]] {
            try await [
                registry.repositories(by: .test).map {
                    "\($0.name) \($0.tagCount) \($0.manifestCount) \($0.bytes) \($0.bytesUnique)"
                },
                registry.tags(in: name, by: .test).map { "\($0.tag) \($0.digest) \($0.bytes) \($0.platforms)" },
                registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test).lines.map {
                    "\($0.item.text) \($0.reason)"
                },
                registry.users(of: image.blobs[0].digest, by: .test).map { "\($0.repository):\($0.tag)" },
            ]
        }
        #expect(try await facts(rebuilt) == facts(registry))
    }

    @Test func whatTheIndexForgotIsServedAllTheSame() async throws {
        try await registry.push(image, to: name, tag: try Tag("v1"))
        // Nothing was compared yet: the index is empty, the tree is not.
        let fresh = Registry(storage: registry.storage, index: try ReferenceIndex(path: nil))
        #expect(try await fresh.isPullable(image, from: name, tag: try Tag("v1")))
        #expect(try await fresh.repositoryNames(after: nil, limit: 9, by: .test) == [name])
        #expect(try await fresh.repositoryNames(after: name.text, limit: 9, by: .test).isEmpty)
        #expect(try await fresh.tagNames(in: name, after: nil, limit: 9, by: .test).map(\.text) == ["v1"])
        #expect(try await fresh.tagNames(in: name, after: "v1", limit: 9, by: .test).isEmpty)
        await #expect(throws: RegistryError.nameUnknown(try RepositoryName("no/such"))) {
            try await fresh.tagNames(in: try RepositoryName("no/such"), after: nil, limit: 9, by: .test)
        }
    }

    @Test func whatLeftTheTreeLeavesTheIndex() async throws {
        try await registry.push(image, to: name, tag: try Tag("v1"))
        try await registry.push(image.manifest, to: name, tag: try Tag("v2"))
        try await registry.storage.remove(Layout.tag(try Tag("v1"), in: name), .lasting)
        let report = try await registry.collector.reconcile(by: .test)
        #expect(report.corrections == 1)
        #expect(try await registry.tagNames(in: name, after: nil, limit: 9, by: .test).map(\.text) == ["v2"])

        try await registry.storage.remove(Layout.repositories, .lasting)
        try await registry.storage.remove(Layout.blobs, .lasting)
        try await registry.collector.reconcile(by: .test)
        #expect(try await registry.repositories(by: .test).isEmpty)
        #expect(
            try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test).lines
                .isEmpty)
    }

    @Test func aSecondComparisonFindsNothing() async throws {
        try await registry.push(image, to: name, tag: try Tag("v1"))
        #expect(try await registry.collector.reconcile(by: .test).corrections == 0)
    }

    /// Distribution lets upper-case letters into the first component; nobody may lose an image over it.
    @Test func aRepositoryWhoseNameWeWouldRefuseHoldsItsBlobs() async throws {
        try await registry.push(image, to: name, tag: try Tag("v1"))
        let here = Layout.repositories.appending("team")
        let storage = try #require(registry.storage as? any RenamingStorage)
        try await storage.move(here, to: Layout.repositories.appending("Team"))
        try await registry.collector.reconcile(by: .test)
        #expect(try await registry.repositories(by: .test).map(\.name.text) == ["Team/app"])
        #expect(
            try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test).lines
                .isEmpty)
    }

    @Test func strayFilesAreNoDamage() async throws {
        try await registry.push(image, to: name, tag: try Tag("v1"))
        let link = Layout.tags(name)
        try await registry.storage.write(link.appending("link.0123.tmp"), [1])
        try await registry.storage.write(Layout.blobs.appending(["sha256", "lost+found", "x"]), [])
        try await registry.storage.createDirectory(
            Layout.revisions(name).appending(["sha256", String(repeating: "0", count: 64)]))
        let report = try await registry.collector.reconcile(by: .test)
        #expect(report.damaged == 0)
        #expect(report.corrections == 0)
        // A directory without its link, as distribution leaves behind what it deletes, is no manifest.
        #expect(report.manifests == 1)
    }

    @Test func abandonedUploadsGoByTheirLastWrite() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        #expect(try await registry.collector.purgeUploads(olderThan: 3600, dryRun: false, by: .test) == 0)
        #expect(try await registry.collector.purgeUploads(olderThan: -10, dryRun: true, by: .test) == 1)
        #expect(try await registry.uploadStatus(status.id, in: name, by: .test).offset == 0)
        let session = try await registry.openUpload(status.id, in: name, by: .test)
        for dryRun in [true, false] {
            #expect(try await registry.collector.purgeUploads(olderThan: -10, dryRun: dryRun, by: .test) == 0)
        }
        _ = try await session.suspend()
        #expect(try await registry.collector.purgeUploads(olderThan: -10, dryRun: false, by: .test) == 1)
        #expect(try await registry.storage.list(Layout.uploads(name))?.isEmpty == true)
    }
}
