import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes
import Testing

/// What says that something should be there, while it is not: a tag without its manifest's link, a link without its bytes, a
/// file or a link that leads nowhere where a directory should be. It is served as absent, and the log and an event say so.
/// What is simply not there is said to nobody.
@Suite("Missing parts of a tree on a disk")
struct MissingPartTests {
    private let name: RepositoryName
    private let tag: OCI.Tag
    private let image: SampleImage
    private let log = RecordedLog()

    init() throws {
        name = try RepositoryName("team/app")
        tag = try Tag("v1")
        image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
    }

    /// What happens to a file or a directory.
    enum Harm: CaseIterable {
        case missing, fileInPlaceOfFolder, loopInPlaceOfFolder

        /// - Parameter place: the file; its directory is what is replaced.
        func inflict(on place: String) throws {
            let folder = (place as NSString).deletingLastPathComponent
            switch self {
            case .missing: try FileManager.default.removeItem(atPath: place)
            case .fileInPlaceOfFolder:
                try FileManager.default.removeItem(atPath: folder)
                try #require(FileManager.default.createFile(atPath: folder, contents: Data()))
            case .loopInPlaceOfFolder:
                try FileManager.default.removeItem(atPath: folder)
                try #require(symlink((folder as NSString).lastPathComponent, folder) == 0)
            }
        }
    }

    private func withTree(cached: Bool, _ body: (Registry, _ root: String) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let storage = try FileSystemDriver(root: root)
        var registry = Registry(storage: storage, index: try ReferenceIndex(path: nil), logger: log.logger)
        try await registry.push(image, to: name, tag: tag)
        if cached {
            _ = try await registry.manifest(.tag(tag), in: name, by: .test)
        } else {
            registry = Registry(storage: storage, index: try ReferenceIndex(path: nil), logger: log.logger)
        }
        try await body(registry, root)
    }

    /// As a request is answered: at once, or else with waiting.
    private func pull(_ reference: Reference, _ registry: Registry) async throws {
        if try registry.manifestNow(reference, in: name, by: .test) == nil {
            _ = try await registry.manifest(reference, in: name, by: .test)
        }
    }

    private func pull(blob digest: Digest, head: Bool, _ registry: Registry) async throws {
        if head {
            if try registry.promiseBlobNow(digest, in: name, by: .test) == nil {
                _ = try await registry.promiseBlob(digest, in: name, by: .test)
            }
        } else if try registry.blobNow(digest, in: name, by: .test) == nil {
            _ = try await registry.blob(digest, in: name, by: .test)
        }
    }

    private func damageTold(by registry: Registry, _ body: () async throws -> Void) async rethrows -> [String] {
        let events = registry.events.subscribe(by: .test)
        try await body()
        return events.take().events.compactMap { event in
            if case .refused(_, _, let message) = event.action { message } else { nil }
        }
    }

    private func expectOneLine(_ key: String, _ value: String, at location: SourceLocation = #_sourceLocation) {
        let lines = log.lines.filter { $0.level == "warning" }
        #expect(lines.count == 1, sourceLocation: location)
        #expect(lines.first?.metadata["repository"] == "team/app", sourceLocation: location)
        #expect(lines.first?.metadata[key] == value, sourceLocation: location)
        #expect(lines.first?.metadata["reason"]?.isEmpty == false, sourceLocation: location)
    }

    @Test("a tag whose manifest has no link is damaged", arguments: Harm.allCases, [true, false])
    func revisionLink(harm: Harm, cached: Bool) async throws {
        try await withTree(cached: cached) { registry, root in
            try harm.inflict(on: "\(root)/\(Layout.revisionLink(image.manifest.digest, in: name))")
            let told = await damageTold(by: registry) {
                for _ in 0..<3 {
                    await #expect(throws: RegistryError.manifestUnknown(.tag(tag), name)) {
                        try await pull(.tag(tag), registry)
                    }
                }
            }
            #expect(told.count == 3 && told.allSatisfy { $0.hasPrefix("team/app:v1 is damaged: ") })
            expectOneLine("tag", "v1")
        }
    }

    @Test(
        "what hides the link of a manifest is damage also for who asks by digest",
        arguments: [Harm.fileInPlaceOfFolder, .loopInPlaceOfFolder])
    func revisionFolder(harm: Harm) async throws {
        try await withTree(cached: true) { registry, root in
            let digest = image.manifest.digest
            try harm.inflict(on: "\(root)/\(Layout.revisionLink(digest, in: name))")
            for _ in 0..<3 {
                await #expect(throws: RegistryError.manifestUnknown(.digest(digest), name)) {
                    try await pull(.digest(digest), registry)
                }
            }
            expectOneLine("digest", "\(digest)")
        }
    }

    @Test(
        "a tag of which something else stands in the place is damaged",
        arguments: [Harm.fileInPlaceOfFolder, .loopInPlaceOfFolder], [true, false])
    func tagFolder(harm: Harm, cached: Bool) async throws {
        try await withTree(cached: cached) { registry, root in
            try harm.inflict(on: "\(root)/\(Layout.tagCurrent(tag, in: name))")
            for _ in 0..<3 {
                await #expect(throws: RegistryError.manifestUnknown(.tag(tag), name)) {
                    try await pull(.tag(tag), registry)
                }
            }
            expectOneLine("tag", "v1")
        }
    }

    @Test("a link whose bytes are missing is damaged", arguments: Harm.allCases, [true, false])
    func blobBytes(harm: Harm, head: Bool) async throws {
        try await withTree(cached: true) { registry, root in
            let digest = image.blobs[0].digest
            try harm.inflict(on: "\(root)/\(Layout.blobData(digest))")
            let told = await damageTold(by: registry) {
                for _ in 0..<3 {
                    await #expect(throws: RegistryError.blobUnknown(digest, name)) {
                        try await pull(blob: digest, head: head, registry)
                    }
                }
            }
            #expect(told.count == 3 && told.allSatisfy { $0.hasPrefix("blob \(digest) of team/app is damaged: ") })
            expectOneLine("digest", "\(digest)")
        }
    }

    @Test("a link that leads to a digest that is not there is damaged", arguments: [true, false])
    func blobAlias(head: Bool) async throws {
        try await withTree(cached: true) { registry, root in
            let digest = image.blobs[0].digest
            try await registry.storage.write(Layout.layerLink(digest, in: name), Link.content(Digest.of([1, 2, 3])))
            for _ in 0..<3 {
                await #expect(throws: RegistryError.blobUnknown(digest, name)) {
                    try await pull(blob: digest, head: head, registry)
                }
            }
            expectOneLine("digest", "\(digest)")
        }
    }

    @Test(
        "what hides the link of a blob is damage", arguments: [Harm.fileInPlaceOfFolder, .loopInPlaceOfFolder],
        [true, false])
    func layerFolder(harm: Harm, head: Bool) async throws {
        try await withTree(cached: true) { registry, root in
            let digest = image.blobs[0].digest
            try harm.inflict(on: "\(root)/\(Layout.layerLink(digest, in: name))")
            for _ in 0..<3 {
                await #expect(throws: RegistryError.blobUnknown(digest, name)) {
                    try await pull(blob: digest, head: head, registry)
                }
            }
            expectOneLine("digest", "\(digest)")
        }
    }

    @Test("what is simply not there is no damage, nor is what was deleted")
    func absence() async throws {
        try await withTree(cached: true) { registry, _ in
            var wanted: [Reference] = [.tag(try Tag("nope")), .digest(Digest.of([1]))]
            var blobs = [Digest.of([1])]
            let told = await damageTold(by: registry) {
                for _ in 0..<2 {
                    for reference in wanted {
                        await #expect(throws: RegistryError.manifestUnknown(reference, name)) {
                            try await pull(reference, registry)
                        }
                    }
                    for digest in blobs {
                        for head in [true, false] {
                            await #expect(throws: RegistryError.blobUnknown(digest, name)) {
                                try await pull(blob: digest, head: head, registry)
                            }
                        }
                    }
                    try? await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
                    try? await registry.deleteBlob(image.blobs[0].digest, in: name, by: .test)
                    wanted += [.tag(tag), .digest(image.manifest.digest)]
                    blobs.append(image.blobs[0].digest)
                }
            }
            #expect(told == [])
            #expect(log.lines.filter { $0.level == "warning" }.count == 0)
        }
    }
}
