import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes
import Testing

/// Whoever meets something damaged says so by the names that people know: in the log, as an event, and when it is checked.
@Suite struct DamageTests {
    let storage = MemoryDriver()
    let log = RecordedLog()
    let registry: Registry
    let name: RepositoryName
    let tag: OCI.Tag
    let image: SampleImage

    init() async throws {
        registry = Registry(storage: storage, index: try ReferenceIndex(path: nil), logger: log.logger)
        name = try RepositoryName("team/app")
        tag = try Tag("v1")
        image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
        try await registry.push(image, to: name, tag: tag)
    }

    /// Places of the tree, with bytes that cannot stand there.
    enum Damage: CaseIterable {
        case manifest, revisionLink, tagLink

        func path(_ image: SampleImage, _ name: RepositoryName, _ tag: OCI.Tag) -> StoragePath {
            switch self {
            case .manifest: Layout.blobData(image.manifest.digest)
            case .revisionLink: Layout.revisionLink(image.manifest.digest, in: name)
            case .tagLink: Layout.tagCurrent(tag, in: name)
            }
        }
    }

    @Test(arguments: Damage.allCases) func aRequestTellsOfItWithRepositoryAndTag(damage: Damage) async throws {
        let path = damage.path(image, name, tag)
        try await storage.write(path, [0, 0, 0])
        let events = registry.events.subscribe(by: .test)
        for _ in 0..<3 {
            await #expect(throws: RegistryError.manifestUnknown(.tag(tag), name)) {
                _ = try await registry.manifest(.tag(tag), in: name, by: .test)
            }
        }
        // Each request is an event, the place one line.
        let told = events.take().events.compactMap { event -> String? in
            guard case .refused(name, "MANIFEST_UNKNOWN", let message) = event.action else { return nil }
            return message
        }
        #expect(told.count == 3)
        #expect(told.allSatisfy { $0.hasPrefix("team/app:v1 is damaged: ") })
        let lines = log.lines.filter { $0.metadata["path"] == path.text }
        #expect(lines.count == 1)
        #expect(lines.first?.metadata["repository"] == "team/app")
        #expect(lines.first?.metadata["tag"] == "v1")
        #expect(lines.first?.metadata["reason"]?.isEmpty == false)
    }

    @Test func whatIsSimplyNotThereIsNoDamage() async throws {
        let events = registry.events.subscribe(by: .test)
        for reference in [Reference.tag(try Tag("nope")), .digest(Digest.of([1]))] {
            await #expect(throws: RegistryError.manifestUnknown(reference, name)) {
                _ = try await registry.manifest(reference, in: name, by: .test)
            }
        }
        await #expect(throws: RegistryError.self) { _ = try await registry.blob(Digest.of([1]), in: name, by: .test) }
        #expect(events.take().events.isEmpty)
        #expect(log.lines.isEmpty)
    }

    @Test(arguments: Damage.allCases) func aComparisonNamesTheRepository(damage: Damage) async throws {
        try await storage.write(damage.path(image, name, tag), [0, 0, 0])
        let late = Registry(storage: storage, index: try ReferenceIndex(path: nil), logger: log.logger)
        try await late.collector.reconcile(by: .test)
        let lines = log.lines.filter { $0.message == "damaged" }
        #expect(!lines.isEmpty)
        #expect(lines.allSatisfy { $0.metadata["repository"] == "team/app" })
        // Of a manifest its digest, and where its tag was met that one too.
        #expect(lines.contains { $0.metadata["tag"] == "v1" || damage == .revisionLink })
    }

    /// Ten at most, whatever leads there.
    @Test(arguments: [2, 3, 25]) func aCheckNamesTheTagsThatLeadToAManifest(count: Int) async throws {
        for number in 1..<count { try await registry.push(image.manifest, to: name, tag: try Tag("v1-\(number)")) }
        try await storage.write(Layout.blobData(image.manifest.digest), Array(image.manifest.bytes.dropLast(9)))
        let late = try await Registry.sample(storage)
        let found = try await late.collector.check(CheckOptions(), by: .test).findings
        #expect(found.map(\.kind) == [.corruptBytes])
        let users = try #require(found.first).users
        #expect(users.count == min(count, CheckFinding.usersMax))
        #expect(users.first == "team/app:v1")
        #expect(found.first?.repository == name)
    }

    @Test func aCheckNamesTheTagsThatABlobIsLostTo() async throws {
        try await storage.write(Layout.blobData(image.blobs[0].digest), [])
        let found = try await registry.collector.check(CheckOptions(), by: .test).findings
        let empty = try #require(found.first { $0.kind == .corruptBytes })
        #expect(empty.users == ["team/app:v1"])
        #expect(empty.owner == "team/app:v1")
    }

    /// An image of 2015 beside those of today.
    @Test func aCheckNamesTheTagOfASchema1Image() async throws {
        let old = Array(#"{"schemaVersion":1,"name":"team/app","tag":"2015","fsLayers":[]}"#.utf8)
        let digest = Digest.of(old)
        try await storage.write(Layout.blobData(digest), old)
        try await storage.write(Layout.revisionLink(digest, in: name), Link.content(digest))
        try await storage.write(Layout.tagCurrent(try Tag("2015"), in: name), Link.content(digest))
        let found = try await registry.collector.check(CheckOptions(), by: .test).findings
        #expect(found.map(\.kind) == [.unreadableManifest])
        #expect(found.map(\.owner) == ["team/app:2015"])
        #expect(found.map(\.repair) == [nil])
    }
}
