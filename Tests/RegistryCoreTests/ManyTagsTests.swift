import Glibc
import ImageBuilder
import OCI
import RegistryCore
import RegistryStorage
import StorageProbes
import Testing

/// A manifest that very many tags name.
@Suite struct ManyTagsTests {
    private static let count = 600

    private let storage = FaultyDriver()
    private let registry: Registry
    private let name: RepositoryName
    private let image: SampleImage

    init() async throws {
        registry = try await Registry.sample(storage)
        name = try RepositoryName("team/app")
        image = try SampleImage(layers: [[1, 2, 3]])
        let other = try SampleImage(layers: [[4]])
        for blob in image.blobs { try await registry.push(blob: blob, to: name) }
        for number in 0..<Self.count {
            try await registry.push(image.manifest, to: name, tag: try Tag("t\(number)"))
        }
        try await registry.push(other, to: name, tag: try Tag("other"))
    }

    @Test func deletingItTakesThemTogether() async throws {
        _ = storage.takeCalls()
        try await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
        let calls = storage.takeCalls()
        let settled = calls.filter { $0.operation == .settle && $0.path == Layout.tags(name) }.count
        #expect((1...10).contains(settled), "\(settled) syncs for \(Self.count) tags")
        #expect(try await registry.tags(in: name, by: .test).map(\.tag.text) == ["other"])
        let left = try await storage.list(Layout.tags(name))?.map(\.name)
        #expect(left == ["other"])
        let deleted = try await registry.deletedTags(in: name, limit: Self.count * 2, by: .test)
        #expect(deleted.count == Self.count)
        #expect(deleted.allSatisfy { $0.digest == image.manifest.digest && !$0.canReturn })
        await #expect(throws: RegistryError.manifestUnknown(.digest(image.manifest.digest), name)) {
            try await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
        }
    }

    /// The tags before the manifest: none of them may point at nothing.
    @Test func aFailureInTheMiddleLeavesTheManifestAndTheIndexRight() async throws {
        let victim = Layout.tag(try Tag("t300"), in: name)
        storage.fail(with: EIO) { $0.operation == .remove && $0.path == victim }
        await #expect(throws: RegistryError.self) {
            try await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
        }
        storage.recover()
        let inTree = try await storage.list(Layout.tags(name))?.map(\.name).sorted() ?? []
        let inIndex = try await registry.tags(in: name, by: .test).map(\.tag.text).sorted()
        #expect(inTree == inIndex)
        #expect(inTree.contains("t300") && inTree.count < Self.count)
        _ = try await registry.manifest(.tag(try Tag("t300")), in: name, by: .test)
        try await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
        #expect(try await registry.tags(in: name, by: .test).map(\.tag.text) == ["other"])
    }
}
