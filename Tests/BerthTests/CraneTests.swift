import Foundation
import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    /// google/go-containerregistry's client, where there is one.
    @Suite(.enabled(if: Tool.crane.path != nil && Tool.areUsable(.skopeo, .curl))) struct CraneTests {
        private let folder: TemporaryFolder
        private let image: SampleImage
        private let index: Manifest
        private let parts: [Digest: [UInt8]]

        init() throws {
            folder = try TemporaryFolder()
            image = try SampleImage.unpackable([SampleImage.noise(50_000, seed: 1), SampleImage.noise(70_000, seed: 2)])
            let base = SampleImage.noise(20_000, seed: 3)
            let images = try ["amd64", "arm64"].map { ($0, try SampleImage.unpackable([base], architecture: $0)) }
            index = try SampleImage.index(images)
            parts = images[0].1.contents.merging(images[1].1.contents) { $1 }
        }

        /// Serves while `body` runs, with `team` for the repositories there that the clients are told of.
        private func serving(
            _ body: (_ team: String, _ skopeo: Skopeo, _ curl: Curl) async throws -> Void
        ) async throws {
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                try await body(
                    "\(registry.address)/team", Skopeo(folder: folder, address: registry.address),
                    Curl(folder: folder, origin: "http://\(registry.address)"))
            }
        }

        /// Runs crane and returns the lines that it prints.
        @discardableResult
        private func crane(_ arguments: String...) async throws -> [String] {
            try await Tool.crane.run(["--insecure"] + arguments, in: folder)
                .split(separator: "\n").map(String.init)
        }

        /// Writes a layout into the folder and pushes it.
        private func push(_ document: Manifest, _ contents: [Digest: [UInt8]], as name: String) async throws {
            let layout = OCILayoutFolder(folder: try TemporaryFolder(), name: "layout")
            try layout.write(document, contents, tag: "made")
            let pushed = try await crane("push", layout.folder.path(layout.name), name)
            #expect(pushed.last?.hasSuffix("@\(document.digest)") == true)
        }

        private func expectPull(
            of name: String, is document: Manifest, _ contents: [Digest: [UInt8]],
            at location: SourceLocation = #_sourceLocation
        ) async throws {
            let layout = OCILayoutFolder(folder: try TemporaryFolder(), name: "pulled")
            try await crane("pull", "--format=oci", name, layout.folder.path(layout.name))
            var expected = Dictionary(uniqueKeysWithValues: contents.map { ($0.key.hex, $0.value) })
            expected[document.digest.hex] = document.bytes
            #expect(try layout.document == document.digest, sourceLocation: location)
            #expect(try layout.contents == expected, "\(name): bytes differ", sourceLocation: location)
        }

        @Test func anImageAndAnIndexComeBackAsTheyWent() async throws {
            try await serving { team, skopeo, _ in
                try await push(image.manifest, image.contents, as: "\(team)/app:1")
                try await push(index, parts, as: "\(team)/multi:1")
                try await expectPull(of: "\(team)/app:1", is: image.manifest, image.contents)
                try await expectPull(of: "\(team)/app@\(image.manifest.digest)", is: image.manifest, image.contents)
                try await expectPull(of: "\(team)/multi:1", is: index, parts)
                try await skopeo.expectPull(of: "team/app:1", is: image)
                try await skopeo.expectPull(of: "team/multi:1", is: index, parts)
                try await crane("validate", "--remote", "\(team)/app:1")
                try await crane("validate", "--remote", "\(team)/multi:1")
            }
        }

        @Test func aCopyWithinTheRegistryIsMounted() async throws {
            try await serving { team, _, _ in
                try await push(index, parts, as: "\(team)/multi:1")
                let copy = try await Tool.crane.result(
                    ["--insecure", "copy", "\(team)/multi:1", "\(team)/copy:1"], in: folder)
                #expect(copy.exit == .status(0))
                #expect(copy.errors.contains("mounted blob"), "\(copy.errors)")
                #expect(!copy.errors.contains("pushed blob"), "\(copy.errors)")
                try await expectPull(of: "\(team)/copy:1", is: index, parts)

                try await crane("tag", "\(team)/multi:1", "2")
                try await crane("copy", "--all-tags", "\(team)/multi", "\(team)/all")
                #expect(try await crane("ls", "\(team)/all").sorted() == ["1", "2"])
                try await expectPull(of: "\(team)/all:2", is: index, parts)
            }
        }

        @Test func anImageGrowsWhereItIs() async throws {
            let content = SampleImage.noise(30_000, seed: 9)
            let layer = TarLayer([("added.bin", content)])
            try folder.write(layer.tar, to: "added.tar")
            try await serving { team, skopeo, curl in
                try await push(image.manifest, image.contents, as: "\(team)/app:1")
                try await crane(
                    "append", "--base", "\(team)/app:1", "--new_layer", folder.path("added.tar"), "--new_tag",
                    "\(team)/app:grown")
                let grown = try await skopeo.manifest("team/app:grown")
                #expect(grown.layers.dropLast().map(\.digest) == image.manifest.layers.map(\.digest))
                try await crane("export", "\(team)/app:grown", folder.path("whole.tar"))
                let whole = Data(try folder.bytes("whole.tar"))
                #expect(whole.range(of: Data(content)) != nil)

                try await crane("mutate", "\(team)/app:grown", "--label", "who=me", "--tag", "\(team)/app:labelled")
                let labelled = try await skopeo.manifest("team/app:labelled")
                #expect(labelled.layers == grown.layers)
                let config = try #require(labelled.config)
                let text = try await curl("GET", "/v2/team/app/blobs/\(config.digest)").text
                #expect(text.contains(#""who":"me""#))
                #expect(text.contains("\(Digest.of(layer.tar))"))
                try await crane("validate", "--remote", "\(team)/app:labelled")
            }
        }

        @Test func listsAndDeletionsAgree() async throws {
            try await serving { team, _, curl in
                try await push(image.manifest, image.contents, as: "\(team)/app:1")
                try await push(index, parts, as: "\(team)/multi:1")
                try await crane("tag", "\(team)/app:1", "2")
                let registry = try #require(team.split(separator: "/").first.map(String.init))
                #expect(try await crane("catalog", registry).sorted() == ["team/app", "team/multi"])
                #expect(try await crane("ls", "\(team)/app").sorted() == ["1", "2"])
                #expect(try await crane("digest", "\(team)/app:2") == ["\(image.manifest.digest)"])

                try await crane("delete", "\(team)/app:2")
                #expect(try await crane("ls", "\(team)/app") == ["1"])
                try await expectPull(of: "\(team)/app:1", is: image.manifest, image.contents)
                try await crane("delete", "\(team)/app@\(image.manifest.digest)")
                #expect(try await curl("GET", "/v2/team/app/manifests/1").status == 404)
            }
        }
    }
}
