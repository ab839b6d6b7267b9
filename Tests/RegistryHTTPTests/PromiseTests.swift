import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

/// What HEAD promises, over the wire: on the event loop and off it.
@Suite struct PromiseTests {
    private let name: RepositoryName
    private let gracious = SweepOptions(untagged: true, graceSeconds: 600)

    init() throws { name = try RepositoryName("team/app") }

    /// An untagged image that lies in the tree since years, so that no promise stands.
    private func old(_ image: SampleImage, in harbour: Harbour) async throws {
        for blob in image.blobs {
            try await harbour.registry.storage.write(Layout.blobData(blob.digest), blob.bytes)
            try await harbour.registry.storage.write(
                Layout.layerLink(blob.digest, in: name), Link.content(blob.digest))
        }
        let digest = image.manifest.digest
        try await harbour.registry.storage.write(Layout.blobData(digest), image.manifest.bytes)
        try await harbour.registry.storage.write(Layout.revisionLink(digest, in: name), Link.content(digest))
        let root = try #require(harbour.root)
        for path in FileManager.default.enumerator(atPath: root)?.compactMap({ $0 as? String }) ?? [] {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1.6e9)], ofItemAtPath: "\(root)/\(path)")
        }
        try await harbour.registry.collector.reconcile(by: .test)
    }

    private func isPlanned(_ item: SweepPlan.Item, _ harbour: Harbour) async throws -> Bool {
        try await harbour.registry.collector.planSweep(gracious, by: .test).lines.contains { $0.item == item }
    }

    @Test(arguments: [true, false]) func aManifestThatWasSeenByHeadStays(isInMemory: Bool) async throws {
        try await Harbour.open(.fileSystem) { harbour in
            let image = try SampleImage(layers: [SampleImage.noise(900, seed: 4)])
            try await old(image, in: harbour)
            let digest = image.manifest.digest
            let item = SweepPlan.Item.revision(digest, name)
            let target = "/v2/\(name)/manifests/\(digest)"
            // Once it is in memory the answer is given on the event loop.
            if isInMemory { _ = try await harbour.exchange("GET", target) }
            #expect(try await isPlanned(item, harbour))
            let answer = try await harbour.exchange("HEAD", target)
            #expect(answer.status == 200)
            #expect(try await !isPlanned(item, harbour))
        }
    }

    @Test(arguments: [Medium.fileSystem, .fileSystemOverTLS])
    func aBlobThatWasSeenByHeadStays(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let image = try SampleImage(layers: [SampleImage.noise(900, seed: 4)])
            try await old(image, in: harbour)
            let item = SweepPlan.Item.blob(image.blobs[0].digest)
            #expect(try await isPlanned(item, harbour))
            let answer = try await harbour.exchange("HEAD", "/v2/\(name)/blobs/\(image.blobs[0].digest)")
            #expect(answer.status == 200)
            #expect(try await !isPlanned(item, harbour))
        }
    }

    @Test(arguments: ["blobs", "manifests"]) func whatIsNotHereIsNotPromised(kind: String) async throws {
        try await Harbour.open(.fileSystem) { harbour in
            let client = try await harbour.connect()
            for number in 0..<50 {
                let digest = Digest.of(Array("\(number)".utf8))
                let answer = try await client.exchange("HEAD", "/v2/\(name)/\(kind)/\(digest)", [], body: nil)
                #expect(answer.status == 404)
            }
            await client.close()
            #expect(harbour.registry.coordination.promises.given.isEmpty)
        }
    }
}
