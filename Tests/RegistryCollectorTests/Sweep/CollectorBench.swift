import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes

/// A registry and two repositories to try the collector on, with short words for what clients do.
struct CollectorBench {
    let storage: any StorageDriver
    let index: ReferenceIndex
    let registry: Registry
    let collector: Collector
    let a: RepositoryName
    let b: RepositoryName

    /// Everything that nothing holds, now.
    static let everything = SweepOptions(untagged: true, uploadSeconds: 0, referrerSeconds: 0, graceSeconds: 0)

    init(
        _ storage: any StorageDriver = MemoryDriver(), coordination: any Coordination = LocalCoordination(),
        configuration: Registry.Configuration = .init(), collecting: Collector.Settings = .init()
    ) async throws {
        self.storage = storage
        index = try ReferenceIndex(path: nil)
        registry = Registry(
            storage: storage, index: index, coordination: coordination, configuration: configuration)
        collector = Collector(registry.ground, collecting)
        a = try RepositoryName("team/a")
        b = try RepositoryName("team/b")
        try await collector.reconcile(by: .test)
    }

    func image(_ seed: UInt64, architecture: String = "amd64", subject: Descriptor? = nil) throws -> SampleImage {
        try SampleImage(layers: [SampleImage.noise(300, seed: seed)], architecture: architecture, subject: subject)
    }

    func push(_ image: SampleImage, to name: RepositoryName, _ tag: String? = nil) async throws {
        try await registry.push(image, to: name, tag: try tag.map { try Tag($0) })
    }

    func push(_ manifest: Manifest, to name: RepositoryName, _ tag: String? = nil) async throws {
        try await registry.push(manifest, to: name, tag: try tag.map { try Tag($0) })
    }

    func untag(_ tag: String, _ name: RepositoryName) async throws {
        try await registry.deleteTag(try Tag(tag), in: name, by: .test)
    }

    func plan(_ options: SweepOptions = everything) async throws -> SweepPlan {
        try await collector.planSweep(options, by: .test)
    }

    @discardableResult
    func sweep(
        _ options: SweepOptions = everything, _ settings: SweepRunSettings = SweepRunSettings()
    ) async throws -> SweepReport {
        try await collector.run(try await plan(options), settings, by: .test)
    }

    /// True when the image can be pulled by digest, byte for byte.
    func has(_ image: SampleImage, _ name: RepositoryName) async throws -> Bool {
        guard await has(image.manifest, name) else { return false }
        for blob in image.blobs {
            guard let content = try? await registry.blob(blob.digest, in: name, by: .test),
                try await content.read(at: 0, count: blob.bytes.count + 1) == blob.bytes
            else { return false }
        }
        return true
    }

    func has(_ manifest: Manifest, _ name: RepositoryName) async -> Bool {
        (try? await registry.manifest(.digest(manifest.digest), in: name, by: .test))?.bytes == manifest.bytes
    }

    /// Digests of everything in the store.
    func stored() async throws -> Set<Digest> {
        var found: Set<Digest> = []
        for path in try await Tree.content(of: storage, below: Layout.blobs).keys where path.hasSuffix("/data") {
            let parts = path.split(separator: "/")
            if let algorithm = Digest.Algorithm(name: String(parts[parts.count - 4])),
                let digest = Digest(algorithm: algorithm, hex: parts[parts.count - 2])
            {
                found.insert(digest)
            }
        }
        return found
    }

    /// A registry on the same tree, as after a restart of the process: with the index or without.
    func restarted(keepingIndex: Bool = true) async throws -> Registry {
        let registry = Registry(
            storage: storage, index: keepingIndex ? index : try ReferenceIndex(path: nil))
        try await registry.collector.reconcile(by: .test)
        return registry
    }
}

/// An index of anything, whatever its entries are.
func rawIndex(_ entries: [(type: MediaType, digest: Digest, size: Int)], subject: Descriptor? = nil) throws -> Manifest
{
    let list = entries.map { #"{"mediaType":"\#($0.type)","digest":"\#($0.digest)","size":\#($0.size)}"# }
    let about = subject.map {
        #","subject":{"mediaType":"\#($0.mediaType)","digest":"\#($0.digest)","size":\#($0.size)}"#
    }
    return try Manifest(
        bytes: Array(
            """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)",\
            "manifests":[\(list.joined(separator: ","))]\(about ?? "")}
            """.utf8))
}
