import Foundation
import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    /// Docker keeps layers unpacked and packs them anew when it pushes, so that manifests differ from what was loaded;
    /// the config stays, and every unpacked layer to the byte.
    @Suite(.enabled(if: Docker.isPermitted && Tool.areUsable(.docker, .dockerd, .skopeo))) struct DockerTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Serves while a daemon `docker` runs, whose images go to `team/…` there.
        private func serving(
            _ body: (_ docker: Docker, _ skopeo: Skopeo, _ team: String) async throws -> Void
        ) async throws {
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                try await Docker.running("docker", in: folder) { docker in
                    try await body(
                        docker, Skopeo(folder: folder, address: registry.address), "\(registry.address)/team")
                }
            }
        }

        @Test func anImportedArchiveComesBackToTheByte() async throws {
            let layer = TarLayer([("content.bin", SampleImage.noise(300_000, seed: 1))])
            try folder.write(layer.tar, to: "layer.tar")
            try await serving { docker, skopeo, team in
                try await docker(["import", folder.path("layer.tar"), "\(team)/app:1"])
                let id = try await docker.id(of: "\(team)/app:1")
                try await docker(["push", "-q", "\(team)/app:1"])
                let manifest = try await skopeo.manifest("team/app:1")
                #expect(manifest.mediaType == .dockerManifest)
                #expect(manifest.config?.digest == id)

                try await docker(["rmi", "-f", "\(team)/app:1"])
                #expect(try await docker(["images", "-aq"]) == "")
                for reference in ["\(team)/app:1", "\(team)/app@\(manifest.digest)"] {
                    try await docker(["pull", "-q", reference])
                    #expect(try await docker.id(of: reference) == id)
                    let saved = try await docker.saved(reference)
                    #expect(Set(saved.keys) == [id.hex, Digest.of(layer.tar).hex])
                    #expect(saved[Digest.of(layer.tar).hex] == layer.tar)
                    try await docker(["rmi", "-f", "\(id)"])
                }
            }
        }

        @Test func allTagsOfARepositoryGoAndComeAtOnce() async throws {
            let files = (1...3).map { SampleImage.noise($0 * 50_000, seed: UInt64($0)) }
            let image = try SampleImage.unpackable(files)
            let layers = files.enumerated().map { TarLayer([("file\($0.offset).bin", $0.element)]).tar }
            let config = try #require(image.blobs.last)
            let expected = Dictionary((layers + [config.bytes]).map { (Digest.of($0).hex, $0) }) { $1 }
            try await serving { docker, skopeo, team in
                try await docker.load(image, as: "\(team)/app:1")
                #expect(try await docker.id(of: "\(team)/app:1") == config.digest)
                try await docker(["tag", "\(team)/app:1", "\(team)/app:2"])
                try await docker(["tag", "\(team)/app:1", "\(team)/app:latest"])
                try await docker(["push", "-q", "-a", "\(team)/app"])
                let manifest = try await skopeo.manifest("team/app:1")
                #expect(manifest.config?.digest == config.digest)
                #expect(manifest.layers.count == 3)

                try await Docker.running("other", in: folder) { other in
                    try await other(["pull", "-q", "-a", "\(team)/app"])
                    for tag in ["1", "2", "latest"] {
                        #expect(try await skopeo.manifest("team/app:\(tag)") == manifest)
                        #expect(try await other.id(of: "\(team)/app:\(tag)") == config.digest)
                    }
                    #expect(try await other.saved("\(team)/app:latest") == expected)
                }
            }
        }

        @Test func layersThatAnotherRepositoryHoldsAreMounted() async throws {
            let layer = TarLayer([("content.bin", SampleImage.noise(100_000, seed: 1))])
            try folder.write(layer.tar, to: "layer.tar")
            try await serving { docker, skopeo, team in
                try await docker(["import", folder.path("layer.tar"), "\(team)/app:1"])
                try await docker(["push", "-q", "\(team)/app:1"])
                try await docker(["tag", "\(team)/app:1", "\(team)/copy:1"])
                #expect(try await docker(["push", "\(team)/copy:1"]).contains(": Mounted from team/app"))
                #expect(try await docker(["push", "\(team)/copy:1"]).contains(": Layer already exists"))
                let manifest = try await skopeo.manifest("team/app:1")
                #expect(try await skopeo.manifest("team/copy:1") == manifest)
                try await docker(["rmi", "-f", "\(team)/app:1", "\(team)/copy:1"])
                #expect(try await docker(["images", "-aq"]) == "")
                try await docker(["pull", "-q", "\(team)/copy:1"])
                #expect(try await docker.saved("\(team)/copy:1")[Digest.of(layer.tar).hex] == layer.tar)
            }
        }

        @Test func itTakesOneImageOfAnIndex() async throws {
            let base = SampleImage.noise(50_000, seed: 1)
            let images = try ["amd64", "arm64"].enumerated().map { number, architecture in
                let own = SampleImage.noise(20_000, seed: 2 + UInt64(number))
                return (architecture, try SampleImage.unpackable([base, own], architecture: architecture))
            }
            let index = try SampleImage.index(images)
            let contents = images[0].1.contents.merging(images[1].1.contents) { $1 }
            try await serving { docker, skopeo, team in
                try await skopeo.push(index, contents, as: "team/multi:1")
                for (architecture, image) in images {
                    let config = try #require(image.blobs.last)
                    try await docker(["pull", "-q", "--platform", "linux/\(architecture)", "\(team)/multi:1"])
                    #expect(try await docker.id(of: "\(team)/multi:1") == config.digest)
                    let saved = try await docker.saved("\(team)/multi:1")
                    #expect(saved.count == 3)
                    #expect(saved[config.digest.hex] == config.bytes)
                    #expect(saved.allSatisfy { Digest.of($0.value).hex == $0.key })
                    try await docker(["rmi", "-f", "\(team)/multi:1"])
                }
            }
        }

        @Test func aListIsMadeOfWhatIsThere() async throws {
            let layer = SampleImage.noise(9_000, seed: 1)
            let images = try ["amd64", "arm64"].map { ($0, try SampleImage.unpackable([layer], architecture: $0)) }
            try await serving { docker, skopeo, team in
                let names = images.map { "\(team)/app:\($0.0)" }
                for (name, (_, image)) in zip(names, images) {
                    try await docker.load(image, as: name)
                    try await docker(["push", "-q", name])
                }
                let first = try await skopeo.manifest("team/app:amd64")
                // What is printed is the manifest in another hand: the same descriptors between other blanks.
                let printed = try await docker(["manifest", "inspect", "--insecure", names[0]])
                #expect(try Manifest(bytes: Array(printed.utf8)).references == first.references)

                let list = "\(team)/app:list"
                try await docker(["manifest", "create", "--insecure", list] + names)
                let pushed = try await docker(["manifest", "push", "--insecure", list])
                let manifest = try await skopeo.manifest("team/app:list")
                #expect(pushed.hasSuffix("\(manifest.digest)"))
                #expect(manifest.mediaType == .dockerList)
                #expect(Set(manifest.entries.compactMap { $0.platform?.architecture }) == ["amd64", "arm64"])
                try await docker(["rmi", "-f"] + names)
                for (architecture, image) in images {
                    try await docker(["pull", "-q", "--platform", "linux/\(architecture)", list])
                    #expect(try await docker.id(of: list) == image.blobs.last?.digest)
                }
            }
        }

        @Test func whatIsNotThereIsSaidToBeUnknown() async throws {
            try await serving { docker, _, team in
                let result = try await docker.result(["pull", "\(team)/none:1"])
                #expect(result.exit == .status(1))
                #expect(result.errors.contains("not found"), "\(result.errors)")
            }
        }
    }
}
