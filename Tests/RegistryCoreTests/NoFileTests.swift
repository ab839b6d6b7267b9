import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes
import Testing

/// Sockets, pipes and directories where the tree has files: served as absent and said, waited for by nobody.
@Suite("No files where files should be", .timeLimit(.minutes(1)))
struct NoFileTests {
    enum Kind: CaseIterable {
        case socket, pipe, folder

        func make(at place: String) throws {
            try FileManager.default.removeItem(atPath: place)
            switch self {
            case .socket: try makeSocket(at: place)
            case .pipe: try #require(mkfifo(place, 0o600) == 0)
            case .folder: try #require(mkdir(place, 0o700) == 0)
            }
        }

        /// Bound under a short name, for an address takes some hundred bytes.
        private func makeSocket(at place: String) throws {
            let short = "/tmp/\(UUID().uuidString)"
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: short.utf8) }
            let descriptor = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            let isBound = withUnsafeBytes(of: &address) { raw in
                bind(
                    descriptor, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count)) == 0
            }
            try #require(isBound)
            try #require(rename(short, place) == 0)
        }
    }

    enum Place: CaseIterable {
        case manifest, revisionLink, tagLink, layer, layerLink
    }

    @Test("each is served as absent, by every way to ask", arguments: Kind.allCases, Place.allCases)
    func request(kind: Kind, place: Place) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let (name, tag, log) = (try RepositoryName("team/app"), try Tag("v1"), RecordedLog())
        let image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
        let storage = try FileSystemDriver(root: root)
        let registry = Registry(storage: storage, index: try ReferenceIndex(path: nil), logger: log.logger)
        try await registry.push(image, to: name, tag: tag)
        _ = try await registry.manifest(.tag(tag), in: name, by: .test)

        let (manifest, layer) = (image.manifest.digest, image.blobs[0].digest)
        let path =
            switch place {
            case .manifest: Layout.blobData(manifest)
            case .revisionLink: Layout.revisionLink(manifest, in: name)
            case .tagLink: Layout.tagCurrent(tag, in: name)
            case .layer: Layout.blobData(layer)
            case .layerLink: Layout.layerLink(layer, in: name)
            }
        try kind.make(at: "\(root)/\(path)")
        if place == .layer || place == .layerLink {
            await #expect(throws: RegistryError.blobUnknown(layer, name)) {
                if try registry.blobNow(layer, in: name, by: .test) == nil {
                    _ = try await registry.blob(layer, in: name, by: .test)
                }
            }
            await #expect(throws: RegistryError.blobUnknown(layer, name)) {
                if try registry.promiseBlobNow(layer, in: name, by: .test) == nil {
                    _ = try await registry.promiseBlob(layer, in: name, by: .test)
                }
            }
        } else {
            await #expect(throws: RegistryError.manifestUnknown(.tag(tag), name)) {
                if try registry.manifestNow(.tag(tag), in: name, by: .test) == nil {
                    _ = try await registry.manifest(.tag(tag), in: name, by: .test)
                }
            }
        }
        let lines = log.lines.filter { $0.level == "warning" }
        #expect(lines.count == 1)
        #expect(lines.first?.metadata["repository"] == "team/app")
    }

    @Test("nothing is appended to one, and nobody waits for its reader", arguments: Kind.allCases)
    func append(kind: Kind) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let storage = try FileSystemDriver(root: root)
        let place = StoragePath.root.appending("data")
        try await storage.write(place, [])
        try kind.make(at: "\(root)/data")
        let error = await #expect(throws: StorageError.self) { _ = try await storage.upload(to: place, at: 0) }
        #expect(error?.isNoFile == true)
    }
}
