package import OCI
package import RegistryCollector
package import RegistryCore
import RegistryIndex
package import RegistryStorage

extension Registry {
    /// A collector on the same ground, with nothing set.
    package var collector: Collector { Collector(ground) }

    /// A registry over `storage` with an index in memory, compared with the tree once as at a start.
    package static func sample(
        _ storage: any StorageDriver = MemoryDriver(), configuration: Configuration = Configuration()
    ) async throws -> Registry {
        let registry = Registry(storage: storage, index: try ReferenceIndex(path: nil), configuration: configuration)
        try await registry.collector.reconcile(by: .test)
        return registry
    }

    /// A registry over `storage` that has read nothing of it yet.
    package static func unread(_ storage: any StorageDriver) throws -> Registry {
        Registry(storage: storage, index: try ReferenceIndex(path: nil))
    }

    /// Pushes bytes as a client does: opens a session, sends them, names the digest.
    package func push(blob: SampleImage.Blob, to name: RepositoryName) async throws {
        let status = try await startUpload(in: name, by: .test)
        let session = try await openUpload(status.id, in: name, by: .test)
        try blob.bytes.withUnsafeBytes { try session.append($0) }
        _ = try await session.finish(blob.digest, by: .test)
    }

    /// Pushes an image: blobs, then the manifest under its tag, or by digest when `tag` is nil.
    package func push(_ image: SampleImage, to name: RepositoryName, tag: Tag?) async throws {
        for blob in image.blobs { try await push(blob: blob, to: name) }
        try await push(image.manifest, to: name, tag: tag)
    }

    /// Pushes a manifest whose parts are there.
    package func push(_ manifest: Manifest, to name: RepositoryName, tag: Tag?) async throws {
        _ = try await putManifest(
            manifest.bytes, contentType: manifest.mediaType,
            reference: tag.map { .tag($0) } ?? .digest(manifest.digest),
            in: name, by: .test)
    }

    /// True when the manifest and everything it references can be read through the repository, byte for byte.
    package func isPullable(_ image: SampleImage, from name: RepositoryName, tag: Tag) async throws -> Bool {
        guard let manifest = try? await manifest(.tag(tag), in: name, by: .test), manifest.bytes == image.manifest.bytes
        else {
            return false
        }
        for blob in image.blobs {
            guard let content = try? await self.blob(blob.digest, in: name, by: .test),
                try await content.read(at: 0, count: blob.bytes.count + 1) == blob.bytes
            else { return false }
        }
        return true
    }
}

extension Client {
    package static let test = Client(address: "test")
}
