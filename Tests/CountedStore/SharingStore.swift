import ImageBuilder
import OCI
package import RegistryCore
package import RegistryStorage
package import SeededRandom
import StorageProbes

/// A store of a few repositories in which everything is shared that can be: layers, configs, whole images under several tags,
/// platforms of indexes, indexes in indexes, referrers, untagged manifests. The same for the same seed.
package struct SharingStore {
    static let names = ["team/app", "team/app/sub", "base", "other/x"]
    static let tags = ["latest", "v1", "v2", "v3", "pr-1", "pr-2"]

    package let storage = MemoryDriver()
    package private(set) var registry: Registry
    private var dice: SeededGenerator
    private var pool: [(image: SampleImage, children: [SampleImage])] = []

    package init(seed: UInt64) async throws {
        dice = SeededGenerator(seed: seed)
        registry = try await Registry.sample(storage)
        let layers = (0..<8).map { SampleImage.noise(200 + Int($0) * 97, seed: $0) }
        for number in 0..<7 {
            let chosen = layers.shuffled(using: &dice).prefix(Int.random(in: 1...4, using: &dice))
            pool.append((try SampleImage(layers: Array(chosen), architecture: "a\(number % 3)"), []))
        }
        for _ in 0..<3 {
            let children = pool.shuffled(using: &dice).prefix(Int.random(in: 1...3, using: &dice)).map(\.image)
            let index = try SampleImage.index(children.enumerated().map { ("p\($0)", $1) })
            pool.append((SampleImage(blobs: [], manifest: index, children: children), children))
        }
        for number in 0..<4 {
            guard let about = pool.randomElement(using: &dice)?.image else { continue }
            let referrer = try SampleImage(
                layers: [layers[number], SampleImage.noise(40, seed: UInt64(100 + number))], subject: about.descriptor,
                artifactType: "application/x")
            pool.append((referrer, []))
        }
        for _ in 0..<14 { try await push() }
        for _ in 0..<3 { try await deleteTag() }
    }

    private mutating func pick(_ list: [String]) -> String { list.randomElement(using: &dice) ?? list[0] }

    private mutating func push() async throws {
        guard let (image, _) = pool.randomElement(using: &dice) else { return }
        let name = try RepositoryName(pick(Self.names))
        let isTagged = Int.random(in: 0..<4, using: &dice) > 0
        try await push(image, to: name, tag: isTagged ? try Tag(pick(Self.tags)) : nil)
    }

    private func push(_ image: SampleImage, to name: RepositoryName, tag: Tag?) async throws {
        for child in image.children { try await push(child, to: name, tag: nil) }
        try await registry.push(image, to: name, tag: tag)
    }

    private mutating func deleteTag() async throws {
        let name = try RepositoryName(pick(Self.names))
        guard let tags = try? await registry.tagNames(in: name, after: nil, limit: .max, by: .test),
            let tag = tags.randomElement(using: &dice)
        else { return }
        try await registry.deleteTag(tag, in: name, by: .test)
    }

    /// Breaks up to `count` blobs and tags, and has the index read the tree anew. Links by digest stay as they are: their paths
    /// say what they said, and the registry goes by that too. So do manifests that others are about: whether those hang on
    /// something that cannot be read is a matter of who asks.
    package mutating func damage(_ count: Int) async throws {
        let subjects = pool.compactMap { $0.image.manifest.subject?.digest.hex }
        let files = try await Tree.content(of: storage, below: Layout.version).keys.sorted()
            .filter { file in
                file.hasSuffix("/current/link")
                    || file.hasSuffix("/data") && !subjects.contains { file.contains("/\($0)/") }
            }
        for _ in 0..<count {
            guard let file = files.randomElement(using: &dice) else { continue }
            let path = file.split(separator: "/").reduce(StoragePath.root) { $0.appending(String($1)) }
            if Bool.random(using: &dice) {
                try await storage.write([[FileContent(path, Array("damaged".utf8))]])
            } else {
                try await storage.remove(path)
            }
        }
        registry = try await Registry.sample(storage)
    }

    package mutating func random<Value>(_ body: (inout SeededGenerator) -> Value) -> Value { body(&dice) }
}
