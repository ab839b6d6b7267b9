import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import StorageProbes
import Testing

/// A registry of which a part is on another file system, where nothing can be renamed from or to the rest.
@Suite struct SplitTreeTests {
    private let name: RepositoryName
    private let (stays, goes): (OCI.Tag, OCI.Tag)

    init() throws {
        name = try RepositoryName("team/app")
        (stays, goes) = (try Tag("stays"), try Tag("goes"))
    }

    private static let parts = [
        "docker", "docker/registry/v2/blobs", "docker/registry/v2/repositories", "berth",
        "docker/registry/v2/repositories/team/app/_uploads",
    ]

    private func withRegistry(far part: String, _ body: (Registry) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let driver = try FileSystemDriver(root: root, calls: SplitDisk(far: "\(root)/\(part)"))
        try await body(try await Registry.sample(driver))
    }

    @Test(arguments: parts) func pushesSweepsAndUndoes(far part: String) async throws {
        try await withRegistry(far: part) { registry in
            let one = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
            let two = try SampleImage(layers: [SampleImage.noise(700, seed: 2)], architecture: "arm64")
            try await registry.push(one, to: name, tag: stays)
            try await registry.push(two, to: name, tag: goes)
            try await registry.deleteTag(goes, in: name, by: .test)
            let options = SweepOptions(untagged: true, graceSeconds: 0)

            let kept = SweepRunSettings(quarantineSeconds: 3600)
            let run = try await registry.collector.run(
                try await registry.collector.planSweep(options, by: .test), kept, by: .test)
            #expect(run.spared == [])
            #expect(run.bytesQuarantined > 0)
            #expect(try await registry.storage.stat(Layout.blobData(two.blobs[0].digest)) == nil)
            let undo = try await registry.collector.undoRun(run.plan, by: .test)
            #expect(undo.kept == [])
            try await registry.setTag(goes, to: two.manifest.digest, in: name, by: .test)
            #expect(try await registry.isPullable(two, from: name, tag: goes))

            try await registry.deleteTag(goes, in: name, by: .test)
            var plan = try await registry.collector.planSweep(options, by: .test)
            plan.options.graceSeconds = 0
            let freed = try await registry.collector.run(plan, by: .test)
            #expect(freed.spared == [])
            #expect(freed.bytesFreed > 0)
            #expect(try await registry.storage.list(Layout.trash) ?? [] == [])
            #expect(try await registry.isPullable(one, from: name, tag: stays))
            #expect(try await registry.collector.check(CheckOptions(hashesBytes: true), by: .test).findings == [])
        }
    }
}
