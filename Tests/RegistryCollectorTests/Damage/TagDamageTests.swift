import ImageBuilder
import OCI
import RegistryCore
import RegistryStorage
import Testing

/// A tag that cannot be pulled whole is known to be damaged in the list of its repository.
@Suite struct TagDamageTests {
    private let storage = MemoryDriver()
    private let name: RepositoryName
    private let image: SampleImage

    init() throws {
        name = try RepositoryName("team/app")
        image = try SampleImage(layers: [SampleImage.noise(100, seed: 1), SampleImage.noise(200, seed: 2)])
    }

    private func damaged(afterRemoving path: StoragePath?) async throws -> [String] {
        let registry = try await Registry.sample(storage)
        try await registry.push(image, to: name, tag: try Tag("hit"))
        let other = try SampleImage(layers: [SampleImage.noise(300, seed: 3)], architecture: "arm64")
        try await registry.push(other, to: name, tag: try Tag("sound"))
        if let path { try await storage.remove(path, .lasting) }
        // What a comparison with the tree finds, as after a start.
        let again = try await Registry.sample(storage)
        return try await again.tags(in: name, by: .test).filter(\.isDamaged).map(\.tag.text)
    }

    @Test func aSoundTagIsNot() async throws {
        #expect(try await damaged(afterRemoving: nil) == [])
    }

    @Test(arguments: [0, 1, 2])
    func aMissingPartIsDamageOfItsTagAlone(_ part: Int) async throws {
        #expect(try await damaged(afterRemoving: Layout.blobData(image.blobs[part].digest)) == ["hit"])
    }
}
