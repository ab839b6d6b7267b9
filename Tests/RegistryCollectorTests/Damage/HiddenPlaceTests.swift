import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// Places of the tree that read as absent although nobody has deleted anything: a disk that is not mounted, a directory that
/// was moved away, a file in its place. Absence is no deletion there: nothing goes that what is hidden may need.
@Suite struct HiddenPlaceTests {
    enum Cover: CaseIterable {
        case linkToNothing, linkToItself, file, socket

        func put(at path: String) throws {
            switch self {
            case .linkToNothing: try #require(symlink("/no/such/disk", path) == 0)
            case .linkToItself: try #require(symlink(URL(filePath: path).lastPathComponent, path) == 0)
            case .file: try Data("x".utf8).write(to: URL(filePath: path))
            case .socket: try #require(mknod(path, S_IFSOCK | 0o600, 0) == 0)
            }
        }
    }

    private let name: RepositoryName
    private let tag: OCI.Tag
    private let image: SampleImage

    init() throws {
        name = try RepositoryName("team/app")
        tag = try Tag("v1")
        image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
    }

    /// Directories of the tree above the tag's link and above the manifest's.
    private static let directories = [
        "", "team/app/_manifests", "team/app/_manifests/tags", "team/app/_manifests/tags/v1",
        "team/app/_manifests/tags/v1/current", "team/app/_manifests/revisions",
        "team/app/_manifests/revisions/sha256", "team/app/_manifests/revisions/sha256/DIGEST",
    ]

    @Test(arguments: directories, Cover.allCases)
    func whatADirectoryHidesIsKept(directory: String, cover: Cover) async throws {
        try await expectKept(directory) { try cover.put(at: $0) }
    }

    /// A file in place of a link is read as one; what is no file, and a link, are what hides it.
    @Test(
        arguments: ["tags/v1/current/link", "revisions/sha256/DIGEST/link"],
        [Cover.linkToNothing, .linkToItself, .socket])
    func whatALinkHidesIsKept(link: String, cover: Cover) async throws {
        try await expectKept("team/app/_manifests/\(link)") { try cover.put(at: $0) }
    }

    @Test func repositoriesThatAreMissingBesideBlobsAreNoDeletion() async throws {
        try await expectKept("") { _ in }
    }

    /// With an index that knows the tree, with one that has seen it hidden, and with none; and when it is back all is well.
    private func expectKept(_ place: String, _ cover: (String) throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "berth-hidden-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let storage = try FileSystemDriver(root: "\(root)/data")
        let registry = try await Registry.sample(storage)
        try await registry.push(image, to: name, tag: tag)
        let parts = place.replacing("DIGEST", with: image.manifest.digest.hex)
        let path = "\(root)/data/\(Layout.repositories)" + (parts.isEmpty ? "" : "/\(parts)")
        try FileManager.default.moveItem(atPath: path, toPath: "\(root)/away")
        try cover(path)

        let needed = Set(image.blobs.map { SweepPlan.Item.blob($0.digest) })
        for known in [registry, Registry(storage: storage, index: try ReferenceIndex(path: nil))] {
            for _ in 0..<2 {
                try await known.collector.reconcile(by: .test)
                let plan = try await known.collector.planSweep(CollectorBench.everything, by: .test)
                #expect(needed.isDisjoint(with: plan.lines.map(\.item)))
                #expect(plan.damaged != [])
                _ = try await known.collector.run(plan, by: .test)
            }
            let findings = try await known.collector.check(CheckOptions(), by: .test).findings
            #expect(findings.contains { $0.path.hasPrefix(Layout.repositories.text) })
            _ = try await known.collector.repair(findings.filter { $0.kind == .emptyTag }, by: .test)
        }
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: "\(root)/away", toPath: path)
        let anew = Registry(storage: storage, index: try ReferenceIndex(path: nil))
        try await anew.collector.reconcile(by: .test)
        #expect(try await anew.isPullable(image, from: name, tag: tag))
        #expect(try await anew.collector.planSweep(CollectorBench.everything, by: .test).damaged == [])
    }
}
