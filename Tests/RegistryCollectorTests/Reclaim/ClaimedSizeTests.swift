import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

/// A manifest claims sizes; the store has them. What is counted and shown is what the store has.
@Suite struct ClaimedSizeTests {
    private let registry: Registry
    private let name: RepositoryName
    private let tag: OCI.Tag
    private let layers = [SampleImage.Blob([1, 2, 3]), SampleImage.Blob([4, 5])]
    private let config = SampleImage.Blob(Array("{}".utf8))

    init() async throws {
        registry = try await Registry.sample()
        name = try RepositoryName("team/app")
        tag = try Tag("v1")
        for blob in layers + [config] { try await registry.push(blob: blob, to: name) }
    }

    private static func descriptor(_ digest: Digest, _ size: Int64, _ type: MediaType = .ociLayerGzip) -> String {
        #"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(size)}"#
    }

    private func manifest(_ layers: [String], configSize: Int64) throws -> Manifest {
        try Manifest(
            bytes: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
                "config":\(Self.descriptor(config.digest, configSize, .ociConfig)),\
                "layers":[\(layers.joined(separator: ","))]}
                """.utf8))
    }

    @Test(arguments: [0, 1, .max] as [Int64]) func whatIsClaimedIsTakenAndNotCounted(claim: Int64) async throws {
        let manifest = try manifest(layers.map { Self.descriptor($0.digest, claim) }, configSize: claim)
        try await registry.push(manifest, to: name, tag: tag)
        let bytes = Int64(3 + 2 + 2 + manifest.bytes.count)
        let graph = try await registry.graph(of: .tag(tag), in: name, by: .test)
        #expect(graph.bytes == bytes)
        #expect(graph.bytesExclusive == bytes)
        #expect(graph.root.children.map(\.bytes) == [2, 3, 2])
        #expect(graph.root.children.map(\.bytesClaimed) == [claim, claim, claim])
        #expect(try await registry.tags(in: name, by: .test).map(\.bytes) == [bytes])
        #expect(try await registry.repositories(by: .test).map(\.bytes) == [bytes])
    }

    @Test func whatIsClaimedRightlyIsNotNamed() async throws {
        let manifest = try manifest(
            layers.map { Self.descriptor($0.digest, Int64($0.bytes.count)) }, configSize: 2)
        try await registry.push(manifest, to: name, tag: tag)
        let graph = try await registry.graph(of: .tag(tag), in: name, by: .test)
        #expect(graph.root.children.allSatisfy { $0.bytesClaimed == nil })
    }

    @Test func aSizeThatAnIndexClaimsOfItsEntryIsNamed() async throws {
        let image = try manifest(layers.map { Self.descriptor($0.digest, Int64($0.bytes.count)) }, configSize: 2)
        try await registry.push(image, to: name, tag: nil)
        let list = try rawIndex([(.ociManifest, image.digest, 7)])
        try await registry.push(list, to: name, tag: tag)
        let found = try await registry.collector.check(CheckOptions(), by: .test).findings
        #expect(found.map(\.kind) == [.wrongSize])
        #expect(found.first?.digest == list.digest)
    }

    /// Layers that are kept elsewhere may be absent, so nobody knows better than the manifest.
    @Test func tenThousandClaimsOfTheLargestNumberAreNoBytes() async throws {
        let elsewhere = MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")
        let claims = (0..<10_000).map { Self.descriptor(Digest.of(Array("\($0)".utf8)), .max, elsewhere) }
        let manifest = try manifest(claims, configSize: 2)
        try await registry.push(manifest, to: name, tag: tag)
        let graph = try await registry.graph(of: .tag(tag), in: name, by: .test)
        #expect(graph.bytes == Int64(2 + manifest.bytes.count))
        let absent = graph.root.children.dropFirst()
        #expect(absent.allSatisfy { !$0.present && $0.bytes == 0 && $0.bytesClaimed == .max })
        #expect(try await registry.tags(in: name, by: .test).map(\.bytes) == [graph.bytes])
    }

    /// How many tags reach a blob, and whether this one alone does, counted without the list of them.
    @Test func sharesAreCountedOverTagsAndRepositories() async throws {
        let first = try manifest([Self.descriptor(layers[0].digest, 3)], configSize: 2)
        let both = try manifest(layers.map { Self.descriptor($0.digest, 1) }, configSize: 2)
        try await registry.push(first, to: name, tag: try Tag("first"))
        for number in 0..<3 { try await registry.push(both, to: name, tag: try Tag("both\(number)")) }
        let graph = try await registry.graph(of: .tag(try Tag("first")), in: name, by: .test)
        #expect(graph.root.usedByTags == 1)
        #expect(graph.root.children.map(\.usedByTags) == [4, 4])
        #expect(graph.bytesExclusive == Int64(first.bytes.count))
        let other = try await registry.graph(of: .tag(try Tag("both1")), in: name, by: .test)
        #expect(other.root.usedByTags == 3)
        #expect(other.bytesExclusive == 0)
    }
}
