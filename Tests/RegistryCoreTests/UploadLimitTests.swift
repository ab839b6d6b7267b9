import ImageBuilder
import StorageProbes
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// Upload sessions cost a directory each and anybody who pushes can open them, so a repository has room for so many.
@Suite struct UploadLimitTests {
    let storage = MemoryDriver()
    let name: RepositoryName

    init() throws { name = try RepositoryName("team/app") }

    private func open(limit: Int) throws -> Registry {
        var configuration = Registry.Configuration()
        configuration.uploadsPerRepositoryMax = limit
        return Registry(storage: storage, index: try ReferenceIndex(path: nil), configuration: configuration)
    }

    private func refused(_ limit: Int) -> RegistryError { .tooManyUploads(name, limit: limit) }

    @Test("is a thousand unless somebody says otherwise")
    func standard() { #expect(Registry.Configuration().uploadsPerRepositoryMax == 1000) }

    @Test("counts the sessions of a repository, also those of another process, until one ends", arguments: 0...2)
    func counted(how: Int) async throws {
        var registry = try open(limit: 3)
        var sessions: [UploadStatus] = []
        for _ in 0..<3 { sessions.append(try await registry.startUpload(in: name, by: .test)) }
        await #expect(throws: refused(3)) { try await registry.startUpload(in: name, by: .test) }
        _ = try await registry.startUpload(in: try RepositoryName("team/other"), by: .test)
        registry = try open(limit: 3)
        await #expect(throws: refused(3)) { try await registry.startUpload(in: name, by: .test) }

        switch how {
        case 0: try await registry.cancelUpload(sessions[1].id, in: name, by: .test)
        case 1:
            let session = try await registry.openUpload(sessions[1].id, in: name, by: .test)
            _ = try await session.finish(Digest.of([]), by: .test)
        default: #expect(try await registry.collector.purgeUploads(olderThan: -10, dryRun: false, by: .test) == 4)
        }
        _ = try await registry.startUpload(in: name, by: .test)
    }

    /// After a cancellation distribution writes the state of its hash back into the directory it has just removed.
    @Test("does not count what distribution leaves behind, nor what is no session at all")
    func leftovers() async throws {
        let registry = try open(limit: 2)
        for number in 0..<5 {
            let id = "0000000\(number)-0000-4000-8000-000000000000"
            let place = Layout.upload(id, in: name)
            try await storage.write(place.appending(["hashstates", "sha256", "0"]), [])
            try await storage.write(Layout.uploads(name).appending("stray\(number)"), [])
        }
        for _ in 0..<2 { _ = try await registry.startUpload(in: name, by: .test) }
        await #expect(throws: refused(2)) { try await registry.startUpload(in: name, by: .test) }
    }

    @Test("of none takes no upload, and leaves no trace of one")
    func none() async throws {
        let registry = try open(limit: 0)
        await #expect(throws: refused(0)) { try await registry.startUpload(in: name, by: .test) }
        #expect(try await Tree.content(of: storage).isEmpty)
    }
}
