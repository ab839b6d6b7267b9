import Foundation
import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    /// Files that are no image, as the field's artifacts are, and a client that reads `Location` and `Link` in a way of
    /// its own.
    @Suite(.enabled(if: Tool.areUsable(.oras, .curl, .skopeo))) struct OrasTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func serving(_ body: (Oras, Curl, Skopeo) async throws -> Void) async throws {
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                try await body(
                    Oras(folder: folder, address: registry.address),
                    Curl(folder: folder, origin: "http://\(registry.address)"),
                    Skopeo(folder: folder, address: registry.address))
            }
        }

        /// Writes files of these sizes and returns what they hold, by name.
        private func make(_ sizes: [String: Int]) throws -> [String: [UInt8]] {
            let files = sizes.mapValues { SampleImage.noise($0, seed: UInt64($0)) }
            for (name, bytes) in files { try folder.write(bytes, to: name) }
            return files
        }

        private func expectPull(
            _ oras: Oras, _ artifact: String, is files: [String: [UInt8]],
            at location: SourceLocation = #_sourceLocation
        ) async throws {
            let own = try TemporaryFolder()
            try await Oras(folder: own, address: oras.address).pull(artifact, into: "pulled")
            let names = try FileManager.default.contentsOfDirectory(atPath: own.path("pulled"))
            let pulled = try Dictionary(uniqueKeysWithValues: names.map { ($0, try own.bytes("pulled/\($0)")) })
            #expect(Set(pulled.keys) == Set(files.keys), sourceLocation: location)
            #expect(pulled == files, "\(artifact): bytes differ", sourceLocation: location)
        }

        @Test func filesComeBackAsTheyWent() async throws {
            let files = try make(["a.bin": 300_000, "b.txt": 10, "empty": 0])
            let names = files.keys.sorted()
            try await serving { oras, _, skopeo in
                let digest = try await oras.push(names, as: "team/files:1")
                let manifest = try await skopeo.manifest("team/files:1")
                #expect(manifest.digest == digest)
                #expect(manifest.layers.map(\.digest) == names.map { Digest.of(files[$0] ?? []) })
                try await expectPull(oras, "team/files:1", is: files)
                try await expectPull(oras, "team/files@\(digest)", is: files)
            }
        }

        /// Of which the last is as long as the others, shorter, the only one, and none.
        @Test(arguments: [(196_608, 65_536), (1_000_001, 65_536), (100, 1_000), (100, 1), (0, 65_536)])
        func aFileGoesInChunks(size: Int, chunk: Int) async throws {
            let files = try make(["file.bin": size])
            try await serving { oras, curl, _ in
                try await oras.push(["file.bin"], as: "team/files:1", chunk: chunk)
                try await expectPull(oras, "team/files:1", is: files)
                let bytes = files["file.bin"] ?? []
                #expect(try await curl("GET", "/v2/team/files/blobs/\(Digest.of(bytes))").body == bytes)
            }
        }

        @Test func whatIsAttachedIsFoundByItsSubject() async throws {
            let image = try SampleImage.unpackable([SampleImage.noise(1_000, seed: 1)])
            let files = try make(["sbom.json": 2_000])
            try await serving { oras, curl, skopeo in
                try await skopeo.push(image, as: "team/app:1")
                let digest = try await oras.push(["sbom.json"], as: "team/app:sbom", subject: image.descriptor)
                try await expectPull(oras, "team/app:sbom", is: files)
                let pushed = try await skopeo.manifest("team/app:sbom")
                #expect(pushed.digest == digest)
                #expect(pushed.subject?.digest == image.manifest.digest)

                let answer = try await curl("GET", "/v2/team/app/referrers/\(image.manifest.digest)")
                #expect(answer.headers["content-type"] == "\(MediaType.ociIndex)")
                let referrers = try Manifest(bytes: answer.body).entries
                #expect(referrers.map(\.digest) == [digest])
                #expect(referrers.map(\.size) == [Int64(pushed.bytes.count)])
                #expect(referrers.map(\.artifactType) == ["application/vnd.unknown.config.v1+json"])
            }
        }

        @Test func tagsComeInPages() async throws {
            _ = try make(["file.bin": 10])
            try await serving { oras, _, _ in
                let tags = ["a", "b", "c", "d", "e"]
                for tag in tags { try await oras.push(["file.bin"], as: "team/files:\(tag)") }
                #expect(try await oras.tags("team/files") == [tags])
                #expect(try await oras.tags("team/files", page: 2) == [["a", "b"], ["c", "d"], ["e"]])
            }
        }

        @Test(arguments: [nil, 7_000]) func aLayoutComesBackAsItWent(chunk: Int?) async throws {
            let layer = SampleImage.noise(20_000, seed: 1)
            let images = try ["amd64", "arm64"].map { ($0, try SampleImage.unpackable([layer], architecture: $0)) }
            let index = try SampleImage.index(images)
            let contents = images[0].1.contents.merging(images[1].1.contents) { $1 }
            let made = OCILayoutFolder(folder: folder, name: "made")
            try made.write(index, contents, tag: "made")
            let pulled = OCILayoutFolder(folder: folder, name: "pulled")
            try await serving { oras, _, skopeo in
                try await oras.push(made, "made", as: "team/multi:1", chunk: chunk)
                try await skopeo.expectPull(of: "team/multi:1", is: index, contents)
                try await oras.pull("team/multi:1", into: pulled)
                #expect(try pulled.document == index.digest)
                #expect(try pulled.contents == made.contents)
            }
        }

        @Test func whatIsDeletedCanBePushedAgain() async throws {
            let files = try make(["file.bin": 10_000])
            try await serving { oras, curl, _ in
                try await oras.push(["file.bin"], as: "team/files:1")
                try await oras.push(["file.bin"], as: "team/files:2")
                try await oras.delete("1", of: "team/files")
                for tag in ["1", "2"] {
                    #expect(try await curl("GET", "/v2/team/files/manifests/\(tag)").status == 404)
                }
                try await oras.push(["file.bin"], as: "team/files:1")
                try await expectPull(oras, "team/files:1", is: files)
            }
        }
    }
}
