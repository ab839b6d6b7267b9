import ImageBuilder
import StorageProbes
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

/// Pushing: what is kept, what is refused, and that a refusal leaves no trace.
@Suite struct PushTests {
    let registry: Registry
    let name: RepositoryName
    let blob = SampleImage.Blob(SampleImage.noise(5000, seed: 1))

    init() async throws {
        registry = try await Registry.sample()
        name = try RepositoryName("team/app")
    }

    private func files() async throws -> Set<String> { Set(try await Tree.content(of: registry.storage).keys) }

    @Test func aBlobInChunksIsHashedAsOne() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        for part in [blob.bytes[..<1000], blob.bytes[1000..<1001], blob.bytes[1001...]] {
            let session = try await registry.openUpload(status.id, in: name, by: .test)
            try Array(part).withUnsafeBytes { try session.append($0) }
            #expect(try await session.suspend().offset == Int64(part.endIndex))
        }
        let session = try await registry.openUpload(status.id, in: name, by: .test)
        #expect(try await session.finish(blob.digest, by: .test).size == 5000)
        let content = try await registry.blob(blob.digest, in: name, by: .test)
        #expect(try await content.read(at: 0, count: 9999) == blob.bytes)
        await #expect(throws: RegistryError.uploadUnknown(status.id)) {
            try await registry.uploadStatus(status.id, in: name, by: .test)
        }
    }

    /// Another process, or this one after a restart, has no running hash: the file is hashed again.
    @Test func anUploadBegunElsewhereIsFinishedHere() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        var session = try await registry.openUpload(status.id, in: name, by: .test)
        try Array(blob.bytes[..<3000]).withUnsafeBytes { try session.append($0) }
        _ = try await session.suspend()

        let successor = try await Registry.sample(registry.storage)
        session = try await successor.openUpload(status.id, in: name, by: .test)
        #expect(session.offset == 3000)
        try Array(blob.bytes[3000...]).withUnsafeBytes { try session.append($0) }
        #expect(try await session.finish(blob.digest, by: .test).digest == blob.digest)
    }

    @Test func aWrongDigestIsRefusedAndNothingIsKept() async throws {
        let before = try await files()
        let wrong = Digest.of([1, 2, 3])
        let status = try await registry.startUpload(in: name, by: .test)
        let session = try await registry.openUpload(status.id, in: name, by: .test)
        try blob.bytes.withUnsafeBytes { try session.append($0) }
        await #expect(throws: RegistryError.digestMismatch(expected: wrong, actual: blob.digest)) {
            try await session.finish(wrong, by: .test)
        }
        #expect(try await files() == before)
        #expect(try await registry.collector.planSweep(SweepOptions(graceSeconds: 0), by: .test).lines.isEmpty)
    }

    @Test func aSessionIsOneRequestsAtATime() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        let session = try await registry.openUpload(status.id, in: name, by: .test)
        await #expect(throws: RegistryError.uploadConflict(status.id, reason: "another request is writing to it")) {
            _ = try await registry.openUpload(status.id, in: name, by: .test)
        }
        _ = try await session.suspend()
        try await registry.openUpload(status.id, in: name, by: .test).abandon()
    }

    @Test func aSessionOfAnotherRepositoryIsUnknown() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        await #expect(throws: RegistryError.uploadUnknown(status.id)) {
            _ = try await registry.openUpload(status.id, in: try RepositoryName("other/app"), by: .test)
        }
        #expect(try await registry.uploadStatus(status.id, in: name, by: .test).offset == 0)
    }

    @Test func sha512IsStoredUnderItsOwnName() async throws {
        let long = SampleImage.Blob(blob.bytes, .sha512)
        try await registry.push(blob: long, to: name)
        #expect(try await registry.storage.stat(Layout.blobData(long.digest))?.size == 5000)
        #expect(
            try await registry.storage.read(Layout.layerLink(long.digest, in: name), limit: 200)
                == Array(long.digest.description.utf8))
        #expect(try await registry.blob(long.digest, in: name, by: .test).size == 5000)
    }

    @Test func aPushOverDamagedBytesHealsThem() async throws {
        try await registry.push(blob: blob, to: name)
        try await registry.storage.write(Layout.blobData(blob.digest), Array("rot".utf8))
        try await registry.push(blob: blob, to: name)
        #expect(try await registry.storage.read(Layout.blobData(blob.digest), limit: 9999) == blob.bytes)
    }

    @Test func aMountNeedsTheSource() async throws {
        let other = try RepositoryName("other/app")
        #expect(try await registry.mountBlob(blob.digest, from: other, into: name, by: .test) == nil)
        try await registry.push(blob: blob, to: other)
        await #expect(throws: RegistryError.blobUnknown(blob.digest, name)) {
            try await registry.blob(blob.digest, in: name, by: .test)
        }
        #expect(try await registry.mountBlob(blob.digest, from: other, into: name, by: .test)?.size == 5000)
        #expect(try await registry.blob(blob.digest, in: name, by: .test).size == 5000)
    }

    @Test func aMountWithoutSourceTakesAnyRepositoryThatHoldsTheBlob() async throws {
        #expect(try await registry.mountBlob(blob.digest, from: nil, into: name, by: .test) == nil)
        try await registry.push(blob: blob, to: try RepositoryName("a/gone"))
        try await registry.push(blob: blob, to: try RepositoryName("other/app"))
        // The index is a hint: what it says of the first one is not true any more.
        try await registry.storage.remove(Layout.layers(try RepositoryName("a/gone")))
        #expect(try await registry.mountBlob(blob.digest, from: nil, into: name, by: .test)?.size == 5000)
        #expect(try await registry.blob(blob.digest, in: name, by: .test).size == 5000)
    }

    /// Distribution's `validation.disabled`: sparse images and indexes are taken, and a sweep keeps what is there of them.
    @Test func sparseManifestsAreTakenWhenValidationIsOff() async throws {
        var configuration = Registry.Configuration()
        configuration.requiresBlobs = false
        configuration.requiresIndexEntries = false
        let registry = try await Registry.sample(configuration: configuration)
        let (whole, absent) = (
            try SampleImage(layers: [blob.bytes]), try SampleImage(layers: [[1]], architecture: "arm64")
        )
        try await registry.push(blob: whole.blobs[0], to: name)
        try await registry.push(whole.manifest, to: name, tag: nil)
        let index = try SampleImage.index([("amd64", whole), ("arm64", absent)])
        try await registry.push(index, to: name, tag: try Tag("multi"))
        #expect(
            try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test).lines
                .isEmpty)
        #expect(try await registry.manifest(.tag(try Tag("multi")), in: name, by: .test).bytes == index.bytes)
        // A part that comes later makes it whole.
        try await registry.push(blob: whole.blobs[1], to: name)
        #expect(
            try await registry.graph(of: .tag(try Tag("multi")), in: name, by: .test).root.children[0].children
                .allSatisfy(
                    \.present))
    }

    @Test func aManifestWithoutItsPartsIsRefusedAndNothingIsKept() async throws {
        let image = try SampleImage(layers: [blob.bytes])
        try await registry.push(blob: image.blobs[1], to: name)
        let before = try await files()
        await #expect(throws: RegistryError.manifestReferencesUnknown([blob.digest])) {
            try await registry.push(image.manifest, to: name, tag: try Tag("v1"))
        }
        #expect(try await files() == before)
    }

    /// A blob of another repository is not this one's: who may read there need not be allowed to read here.
    @Test func partsMustBeInTheSameRepository() async throws {
        let image = try SampleImage(layers: [blob.bytes])
        for part in image.blobs { try await registry.push(blob: part, to: try RepositoryName("other/app")) }
        await #expect(throws: RegistryError.manifestReferencesUnknown([image.blobs[1].digest, blob.digest])) {
            try await registry.push(image.manifest, to: name, tag: try Tag("v1"))
        }
    }

    @Test func anIndexNeedsItsChildren() async throws {
        let image = try SampleImage(layers: [blob.bytes])
        let index = try SampleImage.index([("amd64", image)])
        await #expect(throws: RegistryError.manifestReferencesUnknown([image.manifest.digest])) {
            try await registry.push(index, to: name, tag: try Tag("multi"))
        }
        try await registry.push(image, to: name, tag: nil)
        try await registry.push(index, to: name, tag: try Tag("multi"))
        #expect(try await registry.manifest(.tag(try Tag("multi")), in: name, by: .test).bytes == index.bytes)
    }

    @Test func aManifestUnderAnotherDigestIsRefused() async throws {
        let image = try SampleImage(layers: [])
        let wrong = Digest.of([0])
        await #expect(throws: RegistryError.digestMismatch(expected: wrong, actual: image.manifest.digest)) {
            try await registry.putManifest(
                image.manifest.bytes, contentType: nil, reference: .digest(wrong), in: name, by: .test)
        }
    }

    @Test func aManifestOverTheLimitIsRefused() async throws {
        let bytes = [UInt8](repeating: 0x20, count: registry.configuration.manifestBytesMax + 1)
        await #expect(throws: RegistryError.manifestTooLarge(limit: registry.configuration.manifestBytesMax)) {
            try await registry.putManifest(
                bytes, contentType: nil, reference: .tag(try Tag("v1")), in: name, by: .test)
        }
    }

    @Test func readOnlyRefusesEveryWrite() async throws {
        var configuration = Registry.Configuration()
        configuration.readOnly = true
        let closed = try await Registry.sample(configuration: configuration)
        let image = try SampleImage(layers: [])
        await #expect(throws: RegistryError.readOnly) { _ = try await closed.startUpload(in: name, by: .test) }
        await #expect(throws: RegistryError.readOnly) { try await closed.push(image.manifest, to: name, tag: nil) }
        await #expect(throws: RegistryError.readOnly) {
            try await closed.deleteTag(try Tag("v1"), in: name, by: .test)
        }
        await #expect(throws: RegistryError.readOnly) {
            _ = try await closed.mountBlob(blob.digest, from: name, into: name, by: .test)
        }
        #expect(try await Tree.content(of: closed.storage).isEmpty)
    }

    @Test func deletionCanBeDisabled() async throws {
        var configuration = Registry.Configuration()
        configuration.deletionEnabled = false
        let registry = try await Registry.sample(configuration: configuration)
        let image = try SampleImage(layers: [blob.bytes])
        try await registry.push(image, to: name, tag: try Tag("v1"))
        await #expect(throws: RegistryError.deletionDisabled) {
            try await registry.deleteTag(try Tag("v1"), in: name, by: .test)
        }
        await #expect(throws: RegistryError.deletionDisabled) {
            try await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
        }
        await #expect(throws: RegistryError.deletionDisabled) {
            try await registry.deleteBlob(blob.digest, in: name, by: .test)
        }
        #expect(try await registry.isPullable(image, from: name, tag: try Tag("v1")))
    }

    @Test func deletingAManifestTakesItsTagsAlong() async throws {
        let image = try SampleImage(layers: [blob.bytes])
        try await registry.push(image, to: name, tag: try Tag("v1"))
        try await registry.push(image.manifest, to: name, tag: try Tag("latest"))
        try await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
        #expect(try await registry.tagNames(in: name, after: nil, limit: 10, by: .test).isEmpty)
        #expect(try await registry.storage.list(Layout.tags(name))?.isEmpty == true)
    }
}
