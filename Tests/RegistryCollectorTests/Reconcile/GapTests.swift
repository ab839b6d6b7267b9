import ImageBuilder
import OCI
import Patience
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// Somebody else writes to the tree while we serve: requests are answered by it, and the index follows them.
@Suite struct GapTests {
    let registry: Registry
    /// The same tree in other hands.
    let other: Registry
    let name: RepositoryName
    let tag: OCI.Tag
    let image: SampleImage

    init() async throws {
        registry = try await Registry.sample()
        other = try await Registry.sample(registry.storage)
        name = try RepositoryName("team/app")
        tag = try Tag("v1")
        image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
    }

    @Test func aPullOfWhatTheIndexDoesNotKnowTeachesIt() async throws {
        try await other.push(image, to: name, tag: tag)
        await #expect(throws: RegistryError.nameUnknown(name)) { _ = try await registry.tags(in: name, by: .test) }
        #expect(try await registry.isPullable(image, from: name, tag: tag))
        await registry.collector.reconcileGapsNow()
        #expect(try await registry.tags(in: name, by: .test).map(\.digest) == [image.manifest.digest])
        #expect(try await registry.repositories(by: .test).map(\.manifestCount) == [1])
    }

    @Test func aPullOfWhatIsGoneTeachesItToo() async throws {
        try await registry.push(image, to: name, tag: tag)
        try await other.collector.reconcile(by: .test)
        try await other.deleteManifest(image.manifest.digest, in: name, by: .test)
        for reference in [Reference.tag(tag), .digest(image.manifest.digest)] {
            await #expect(throws: RegistryError.manifestUnknown(reference, name)) {
                _ = try await registry.manifest(reference, in: name, by: .test)
            }
        }
        await registry.collector.reconcileGapsNow()
        #expect(try await registry.tags(in: name, by: .test).isEmpty)
        #expect(try await registry.repositories(by: .test).map(\.manifestCount) == [0])
    }

    /// Nobody has asked for it here.
    @Test(.timeLimit(.minutes(1))) func whatAnotherNodeSaysIsFollowed() async throws {
        let coordination = ShakyCoordination()
        let node = Registry(storage: registry.storage, index: try ReferenceIndex(path: nil), coordination: coordination)
        try await node.collector.reconcile(by: .test)
        try await other.push(image, to: name, tag: tag)
        let following = Task { await node.collector.reconcileGaps() }
        coordination.tell(.manifest(image.manifest.digest, name))
        coordination.tell(.tag(tag, name))
        try await until { (try? await node.tags(in: name, by: .test))?.map(\.digest) == [image.manifest.digest] }
        following.cancel()
        await following.value
    }

    @Test func aTagThatWasMovedIsFollowed() async throws {
        try await registry.push(image, to: name, tag: tag)
        try await other.collector.reconcile(by: .test)
        let next = try SampleImage(layers: [SampleImage.noise(100, seed: 2)])
        try await other.push(next, to: name, tag: tag)
        #expect(try await registry.isPullable(next, from: name, tag: tag))
        await registry.collector.reconcileGapsNow()
        #expect(try await registry.tags(in: name, by: .test).map(\.digest) == [next.manifest.digest])
    }

    @Test func bytesThatAreGoneAreMissedOnce() async throws {
        try await registry.push(image, to: name, tag: tag)
        let digest = image.blobs[0].digest
        try await registry.storage.remove(Layout.blob(digest), .lasting)
        await #expect(throws: RegistryError.blobUnknown(digest, name)) {
            _ = try await registry.blob(digest, in: name, by: .test)
        }
        await registry.collector.reconcileGapsNow()
        let graph = try await registry.graph(of: .tag(tag), in: name, by: .test)
        #expect(graph.bytes == graphBytes(without: digest))
    }

    private func graphBytes(without digest: Digest) -> Int64 {
        let rest = image.blobs.filter { $0.digest != digest }.reduce(0) { $0 + $1.bytes.count }
        return Int64(rest + image.manifest.bytes.count)
    }
}
