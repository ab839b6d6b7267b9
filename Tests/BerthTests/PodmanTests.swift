import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    @Suite(.enabled(if: Tool.areUsable(.skopeo, .podman, .buildah))) struct PodmanTests {
        /// Podman and buildah keep layers unpacked and compress them anew when they push, so that manifests differ; the
        /// config stays, and with it the digest of every unpacked layer, which each client checks when it pulls.
        @Test func podmanAndBuildahTakeWhatTheOtherPushed() async throws {
            let folder = try TemporaryFolder()
            let image = try SampleImage.unpackable([
                SampleImage.noise(30_000, seed: 1), SampleImage.noise(20_000, seed: 2),
            ])
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                let at = registry.address
                let skopeo = Skopeo(folder: folder, address: at)
                try await skopeo.push(image, as: "from/skopeo:1")

                try await podman(["pull", "-q", "--tls-verify=false", "\(at)/from/skopeo:1"], folder)
                try await podman(["tag", "\(at)/from/skopeo:1", "\(at)/from/podman:1"], folder)
                try await podman(["push", "-q", "--tls-verify=false", "\(at)/from/podman:1"], folder)

                try await buildah(["pull", "-q", "--tls-verify=false", "\(at)/from/podman:1"], folder)
                try await buildah(
                    ["push", "-q", "--tls-verify=false", "\(at)/from/podman:1", "docker://\(at)/from/buildah:1"], folder
                )

                try await podman(["pull", "-q", "--tls-verify=false", "\(at)/from/buildah:1"], folder)
                let config = image.blobs.last?.digest
                for name in ["from/podman:1", "from/buildah:1"] {
                    let manifest = try await skopeo.manifest(name)
                    #expect(manifest.config?.digest == config)
                    #expect(manifest.layers.count == 2)
                }
            }
        }

        @Test func whatBuildahBuildsPodmanPulls() async throws {
            let folder = try TemporaryFolder()
            let content = SampleImage.noise(40_000, seed: 9)
            try folder.write(content, to: "content.bin")
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                let image = "\(registry.address)/built/image:1"
                try await buildah(["from", "--name", "work", "scratch"], folder)
                try await buildah(["copy", "-q", "work", folder.path("content.bin"), "/content.bin"], folder)
                try await buildah(["commit", "-q", "--format", "docker", "work", image], folder)
                try await buildah(["push", "-q", "--tls-verify=false", "--format", "v2s2", image], folder)
                let pulled = try await podman(["pull", "-q", "--tls-verify=false", image], folder)
                let mounted = try await podman(["image", "mount", image], folder)
                let file = mounted.split(separator: "\n").first.map { "\($0)/content.bin" } ?? ""
                #expect(try TemporaryFolder.bytes(atPath: file) == content)
                let manifest = try await Skopeo(folder: folder, address: registry.address).manifest("built/image:1")
                #expect(manifest.mediaType == .dockerManifest)
                #expect(manifest.config?.digest.hex == pulled.split(separator: "\n").last.map(String.init))
            }
        }

        @discardableResult
        private func podman(_ arguments: [String], _ folder: TemporaryFolder) async throws -> String {
            try await Tool.podman.run(
                storage("podman", folder) + ["--cgroup-manager=cgroupfs", "--events-backend=none"] + arguments,
                in: folder)
        }

        @discardableResult
        private func buildah(_ arguments: [String], _ folder: TemporaryFolder) async throws -> String {
            try await Tool.buildah.run(storage("buildah", folder) + arguments, in: folder)
        }

        /// Each with a store of its own, so that nothing passes from one to the other but through the registry.
        private func storage(_ name: String, _ folder: TemporaryFolder) -> [String] {
            [
                "--storage-driver", "vfs", "--root", folder.path("\(name)-root"),
                "--runroot", folder.path("\(name)-run"),
            ]
        }
    }
}
