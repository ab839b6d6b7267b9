import Foundation
import ImageBuilder
import OCI
import RegistryCore
import RegistryStorage
import Testing

extension EndToEndTests {
    /// `berth check` and `berth reindex` as a script and a person use them.
    @Suite struct CheckCommandTests {
        private let folder: TemporaryFolder
        private let storage: FileSystemDriver
        private let name: RepositoryName
        private let tag: OCI.Tag
        private let image: SampleImage

        init() async throws {
            folder = try TemporaryFolder()
            storage = try FileSystemDriver(root: folder.path("data"))
            name = try RepositoryName("team/app")
            tag = try Tag("v1")
            image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
            try await Registry.sample(storage).push(image, to: name, tag: tag)
        }

        private func berth(_ arguments: String...) async throws -> Tool.Result {
            try await BerthProgram.result(arguments + ["--data", folder.path("data")], in: folder)
        }

        private struct Outcome: Decodable {
            struct Finding: Decodable {
                var kind: String
                var path: String
                var users: [String]
                var repair: String?
                var outcome: String?
            }

            var manifests: Int
            var blobs: Int
            var blobs_hashed: Int
            var is_partial: Bool
            var quarantine: String?
            var findings: [Finding]
            var new: [Finding]
        }

        private func outcome(_ result: Tool.Result) throws -> Outcome {
            try JSONDecoder().decode(Outcome.self, from: Data(result.output))
        }

        @Test func aSoundTreeIsSound() async throws {
            let result = try await berth("check", "--hash")
            #expect(result.exit == .status(0))
            #expect(result.text.contains("1 repositories, 1 tags, 1 manifests, 3 blobs"))
            #expect(result.text.hasSuffix("hashed: nothing is wrong\n"))
            #expect(result.errors.isEmpty)
            let read = try outcome(try await berth("check", "--hash", "--json"))
            #expect((read.manifests, read.blobs, read.blobs_hashed, read.findings.count) == (1, 3, 3, 0))
        }

        /// Found, listed with what can be done, mended on request, and then no more; what is beyond repair stays and says so.
        @Test func whatIsWrongIsListedAndMended() async throws {
            let link = Layout.revisionLink(image.manifest.digest, in: name)
            try await storage.write(link, [])
            let data = Layout.blobData(image.blobs[0].digest)
            try await storage.write(data, SampleImage.noise(900, seed: 9))

            let quick = try await berth("check")
            #expect(quick.exit == .status(1))
            #expect(quick.text.contains("damaged-link  \(link)"))
            #expect(quick.text.contains("--repair writes the link anew"))
            #expect(quick.text.contains("team/app:v1: the link is empty"))
            #expect(quick.text.hasSuffix(": 1 wrong\n"))
            #expect(try await storage.read(link, limit: 100) == [])

            let found = try outcome(try await berth("check", "--hash", "--json"))
            #expect(found.findings.map(\.kind) == ["damaged-link", "corrupt-bytes"])
            #expect(found.findings.map(\.path) == [link.text, data.text])
            #expect(found.findings.first?.users == ["team/app:v1"])
            #expect(found.findings.map(\.repair) == ["relink", "quarantine"])
            #expect(found.findings.allSatisfy { $0.outcome == nil })

            let mended = try await berth("check", "--hash", "--repair", "--json")
            // The rotted layer is out, so the image needs one that is not there.
            #expect(mended.exit == .status(1))
            let repairs = try outcome(mended)
            #expect(repairs.new.map(\.kind) == ["missing-reference", "dangling-link"])
            #expect(repairs.findings.map(\.outcome) == ["repaired", "repaired"])
            let quarantine = try #require(repairs.quarantine)
            #expect(try folder.bytes("data/\(quarantine)/\(data)") == SampleImage.noise(900, seed: 9))

            let left = try await berth("check")
            #expect(left.exit == .status(1))
            #expect(left.text.contains("missing-reference"))
            #expect(left.text.contains("push it again"))
        }

        /// Nobody repairs or rebuilds under a registry that serves; looking is allowed.
        @Test func besideARegistryOnlyLookingIsAllowed() async throws {
            try await storage.write(Layout.revisionLink(image.manifest.digest, in: name), [])
            try await RegistryProcess.serving(data: "data", in: folder) { _ in
                #expect(try await berth("check").exit == .status(1))
                for arguments in [["check", "--repair"], ["reindex"]] {
                    let result = try await BerthProgram.result(
                        arguments + ["--data", folder.path("data")], in: folder)
                    #expect([.status(2), .status(3)].contains(result.exit), "\(arguments)")
                    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
                }
                #expect(
                    try await storage.read(Layout.revisionLink(image.manifest.digest, in: name), limit: 100) == [])
            }
            #expect(try await berth("check", "--repair").exit == .status(0))
        }

        @Test func anIndexIsBuiltFromNothing() async throws {
            try folder.write("no database", to: "data/berth/index.sqlite")
            try await storage.write(Layout.tagCurrent(try Tag("half"), in: name), [])
            let result = try await berth("reindex")
            #expect(result.exit == .status(1))
            #expect(result.text.contains("damaged  \(Layout.tagCurrent(try Tag("half"), in: name))  the link is empty"))
            #expect(result.text.contains("1 repositories, 1 manifests, 2 tags, 3 blobs in "))
            try await storage.remove(Layout.tag(try Tag("half"), in: name), .lasting)
            #expect(try await berth("reindex", "--json").exit == .status(0))
        }

        @Test(arguments: ["check", "reindex"]) func aMistypedDirectoryIsNoEmptyRegistry(verb: String) async throws {
            let result = try await BerthProgram.result([verb, "--data", folder.path("dota")], in: folder)
            #expect(result.exit == .status(2))
            #expect(result.errors.hasPrefix("berth: there is no registry in \(folder.path("dota"))"))
            #expect(!FileManager.default.fileExists(atPath: folder.path("dota")))
        }
    }
}
