import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// Two processes with one secret on one directory, an upload in the hands of both.
@Suite struct TwoProcessesTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "berth-two-\(UUID().uuidString)")
    private let blob = SampleImage.Blob(SampleImage.noise(900, seed: 4))

    private func process() async throws -> Registry {
        try await Registry.sample(FileSystemDriver(root: root.path(percentEncoded: false)))
    }

    /// A process of another version cannot use the index of the first: what it writes is in the tree alone.
    @Test func listsAreTheTreesWhileAProcessKeepsItsIndexToItself() async throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let path = root.path(percentEncoded: false)
        let driver = try FileSystemDriver(root: path)
        let lock = try #require(try DirectoryLock(root: path))
        let one = Registry(storage: driver, index: try ReferenceIndex(path: nil), lock: lock)
        try await one.collector.reconcile(by: .test)
        let name = try RepositoryName("a")
        let image = try SampleImage(layers: [blob.bytes])
        try await one.push(image, to: name, tag: Tag("v1"))
        let other = try await process()
        try await other.push(image.manifest, to: name, tag: Tag("v2"))
        #expect(try await one.tagNames(in: name, after: nil, limit: 9, by: .test).map(\.text) == ["v1"])
        let apart = try #require(try DirectoryLock(root: path))
        apart.goApart()
        #expect(try await one.tagNames(in: name, after: nil, limit: 9, by: .test).map(\.text) == ["v1", "v2"])
    }

    @Test func whatOneHasCommittedTheOtherCannotWriteTo() async throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let (one, other) = (try await process(), try await process())
        let name = try RepositoryName("a")
        let id = try await one.startUpload(in: name, by: .test).id
        let held = try await other.openUpload(id, in: name, by: .test)
        await #expect(throws: RegistryError.self) { try await one.openUpload(id, in: name, by: .test) }
        _ = try await held.suspend()

        let session = try await one.openUpload(id, in: name, by: .test)
        try blob.bytes.withUnsafeBytes { try session.append($0) }
        let refusal = await #expect(throws: RegistryError.self) { try await other.openUpload(id, in: name, by: .test) }
        if case .uploadConflict = refusal {} else { Issue.record("refused for another reason") }
        _ = try await session.finish(blob.digest, by: .test)
        let gone = await #expect(throws: RegistryError.self) { try await other.openUpload(id, in: name, by: .test) }
        #expect(gone == .uploadUnknown(id))
        let content = try await other.blob(blob.digest, in: name, by: .test)
        #expect(try await content.read(at: 0, count: 1000) == blob.bytes)
    }
}
