import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// What distribution of all ages has written, and we do not.
@Suite struct ForeignTreeTests {
    let registry: Registry
    let name: RepositoryName
    let tag: OCI.Tag

    init() async throws {
        registry = try await Registry.sample()
        name = try RepositoryName("old/app")
        tag = try Tag("v1")
    }

    private var storage: any StorageDriver { registry.storage }

    /// What a sweep that spares nothing would remove.
    private func garbage(untagged: Bool = true) async throws -> Set<Digest> {
        Set(
            try await registry.collector.planSweep(SweepOptions(untagged: untagged, graceSeconds: 0), by: .test).lines
                .compactMap(
                    \.digest))
    }

    // MARK: Before the first comparison

    /// A directory of hours is taken over, and a client deletes before the index knows all of it.
    @Test func aDeletionTakesTagsThatTheIndexDoesNotKnowYet() async throws {
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
        try await registry.push(image, to: name, tag: tag)
        let late = Registry(storage: storage, index: try ReferenceIndex(path: nil))
        try await late.deleteManifest(image.manifest.digest, in: name, by: .test)
        #expect(try await storage.stat(Layout.tag(tag, in: name)) == nil)
        #expect(try await late.tagNames(in: name, after: nil, limit: 10, by: .test) == [])
        try await late.collector.reconcile(by: .test)
        #expect(try await late.collector.check(CheckOptions(), by: .test).findings == [])
    }

    // MARK: Manifests of 2.1

    /// Registry 2.1.0 linked a manifest in `_layers` only, and a tag points at it.
    private func writeLegacy(_ image: SampleImage) async throws {
        for blob in image.blobs { try await registry.push(blob: blob, to: name) }
        let digest = image.manifest.digest
        try await storage.write(Layout.blobData(digest), image.manifest.bytes)
        try await storage.write(Layout.layerLink(digest, in: name), Link.content(digest))
        try await storage.write(Layout.tagCurrent(tag, in: name), Link.content(digest))
    }

    @Test func aManifestThatOnlyATagKnowsIsServedAndHoldsItsBlobs() async throws {
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
        try await writeLegacy(image)
        // By its tag at once, before anybody has compared anything.
        #expect(try await registry.isPullable(image, from: name, tag: tag))
        // Once and again: what the first comparison took in, the second must not throw out.
        for _ in 0..<3 {
            try await registry.collector.reconcile(by: .test)
            #expect(try await garbage() == [])
        }
        #expect(
            try await registry.manifest(.digest(image.manifest.digest), in: name, by: .test).bytes
                == image.manifest.bytes)
        #expect(try await registry.collector.check(CheckOptions(), by: .test).findings == [])
    }

    @Test func suchAManifestCanBeDeleted() async throws {
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
        try await writeLegacy(image)
        try await registry.collector.reconcile(by: .test)
        try await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
        for reference in [Reference.tag(tag), .digest(image.manifest.digest)] {
            await #expect(throws: RegistryError.manifestUnknown(reference, name)) {
                _ = try await registry.manifest(reference, in: name, by: .test)
            }
        }
        #expect(try await garbage() == Set(image.blobs.map(\.digest) + [image.manifest.digest]))
    }

    @Test func aLayerIsNoManifestForWhoAsksByItsDigest() async throws {
        let image = try SampleImage(layers: [])
        try await registry.push(image, to: name, tag: tag)
        let disguised = SampleImage.Blob(try SampleImage(layers: [], architecture: "arm64").manifest.bytes)
        try await registry.push(blob: disguised, to: name)
        await #expect(throws: RegistryError.manifestUnknown(.digest(disguised.digest), name)) {
            _ = try await registry.manifest(.digest(disguised.digest), in: name, by: .test)
        }
    }

    // MARK: Aliases

    /// Distribution stores what was pushed as sha512 under sha256, and links both; its own collector loses it (Q5).
    private func writeAlias(_ bytes: [UInt8]) async throws -> (long: Digest, short: Digest) {
        let (long, short) = (Digest.of(bytes, .sha512), Digest.of(bytes))
        try await registry.push(blob: .init(bytes), to: name)
        try await storage.write(Layout.layerLink(long, in: name), Link.content(short))
        try await registry.collector.reconcile(by: .test)
        return (long, short)
    }

    @Test func anAliasIsReadAndHoldsItsTargetWhileAManifestNeedsIt() async throws {
        let bytes = SampleImage.noise(400, seed: 3)
        let (long, short) = try await writeAlias(bytes)
        #expect(try await registry.blob(long, in: name, by: .test).size == 400)
        // Nothing references it yet; and it alone is garbage, not its neighbours' reason to stay.
        let idle = SampleImage.Blob(SampleImage.noise(50, seed: 4))
        try await registry.push(blob: idle, to: name)
        #expect(try await garbage() == [short, idle.digest])

        let config = SampleImage.Blob(Array("{}".utf8))
        try await registry.push(blob: config, to: name)
        let manifest = try Manifest(
            bytes: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
                "config":{"mediaType":"\(MediaType.ociConfig)","digest":"\(config.digest)","size":2},\
                "layers":[{"mediaType":"\(MediaType.ociLayerGzip)","digest":"\(long)","size":400}]}
                """.utf8))
        try await registry.push(manifest, to: name, tag: tag)
        #expect(try await garbage() == [idle.digest])
        #expect(try await registry.collector.reconcile(by: .test).corrections == 0)
        #expect(try await registry.collector.check(CheckOptions(hashesBytes: true), by: .test).findings == [])

        // Without the manifest the bytes go, and both links with them.
        try await registry.deleteManifest(manifest.digest, in: name, by: .test)
        let plan = try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test)
        #expect(Set(plan.lines.ofContent.map(\.digest)) == [short, idle.digest, config.digest, manifest.digest])
        _ = try await registry.collector.run(plan, by: .test) { _ in true }
        #expect(try await storage.stat(Layout.layerLink(long, in: name)) == nil)
        #expect(try await storage.stat(Layout.blobData(short)) == nil)
        #expect(try await registry.collector.check(CheckOptions(), by: .test).findings == [])
    }

    // MARK: Leftovers

    @Test func whatCannotBeReadIsNamedServedAsAbsentAndStopsNothing() async throws {
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
        try await registry.push(image, to: name, tag: tag)
        let old = Array(#"{"schemaVersion":1,"name":"old/app","tag":"v0","fsLayers":[],"signatures":[]}"#.utf8)
        let schema1 = Digest.of(old)
        try await storage.write(Layout.blobData(schema1), old)
        let revision = Layout.revisionLink(schema1, in: name)
        try await storage.write(revision, Link.content(schema1))
        // Registry 2.4 and before kept signatures beside the link.
        try await storage.write(
            try #require(revision.parent).appending(["signatures", "sha256", schema1.hex, "link"]),
            Link.content(schema1))
        let absent = Digest.of([7])
        try await storage.write(Layout.revisionLink(absent, in: name), Link.content(absent))
        try await storage.write(Layout.tagCurrent(try Tag("empty"), in: name), [])
        try await storage.write([[.directory(Layout.tag(try Tag("half"), in: name))]])
        try await storage.write([[.directory(Layout.repositories.appending(["Not A Name", "_layers"]))]])

        let fresh = try await Registry.sample(storage)
        #expect(try await fresh.isPullable(image, from: name, tag: tag))
        #expect(try await fresh.tagNames(in: name, after: nil, limit: 9, by: .test).map(\.text) == ["v1"])
        let expected = [
            Layout.repositories.appending("Not A Name").text, Layout.revisionLink(absent, in: name).text, revision.text,
            Layout.tagCurrent(try Tag("empty"), in: name).text,
        ]
        #expect(try fresh.collector.damage(by: .test).map(\.path) == expected.sorted())
        for tag in ["empty", "half"] {
            await #expect(throws: RegistryError.manifestUnknown(.tag(try Tag(tag)), name)) {
                _ = try await fresh.manifest(.tag(try Tag(tag)), in: name, by: .test)
            }
        }
        // What it may need is not for a sweep to take.
        #expect(
            try await fresh.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test).lines.isEmpty)
    }
}
