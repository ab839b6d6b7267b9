import Foundation
import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    /// A data directory that goes back and forth between distribution's registry and ours.
    @Suite(.enabled(if: Tool.areUsable(.dockerRegistry, .skopeo, .curl))) struct ExistingTreeTests {
        /// What the lists say, in one order: distribution gives tags in the order of the directory.
        private struct Seen: Equatable, Decodable {
            var repositories: [String]?
            var name: String?
            var tags: [String]?
        }

        private let folder: TemporaryFolder
        private let single: SampleImage
        private let index: Manifest
        private let parts: [Digest: [UInt8]]

        init() throws {
            folder = try TemporaryFolder()
            single = try SampleImage.unpackable([SampleImage.noise(50_000, seed: 1), SampleImage.noise(100, seed: 2)])
            let layer = SampleImage.noise(5_000, seed: 3)
            let images = try ["amd64", "arm64"].map { ($0, try SampleImage.unpackable([layer], architecture: $0)) }
            index = try SampleImage.index(images)
            parts = images[0].1.contents.merging(images[1].1.contents) { $1 }
        }

        private func push(_ registry: RegistryProcess) async throws {
            let skopeo = Skopeo(folder: folder, address: registry.address)
            try await skopeo.push(single, as: "team/app:1")
            try await skopeo.push(single, as: "team/app:latest")
            try await skopeo.push(index, parts, as: "multi:v1")
        }

        private func look(_ registry: RegistryProcess) async throws -> [Seen] {
            let curl = Curl(folder: folder, origin: "http://\(registry.address)")
            var all: [Seen] = []
            for path in ["_catalog", "team/app/tags/list", "multi/tags/list"] {
                var seen = try JSONDecoder().decode(Seen.self, from: Data(try await curl("GET", "/v2/\(path)").body))
                seen.repositories?.sort()
                seen.tags?.sort()
                all.append(seen)
            }
            return all
        }

        private func expectPulls(_ registry: RegistryProcess) async throws {
            let skopeo = Skopeo(folder: folder, address: registry.address)
            try await skopeo.expectPull(of: "team/app:1", is: single)
            try await skopeo.expectPull(of: "team/app:latest", is: single)
            try await skopeo.expectPull(of: "team/app@\(single.manifest.digest)", is: single)
            try await skopeo.expectPull(of: "multi:v1", is: index, parts)
        }

        @Test func weServeWhatDistributionWrote() async throws {
            let before = try await RegistryProcess.servingDistribution(data: "data", in: folder) { registry in
                try await push(registry)
                return try await look(registry)
            }
            let tree = try folder.tree("data")
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                #expect(try await look(registry) == before)
                try await expectPulls(registry)
            }
            #expect(try folder.tree("data", except: "berth") == tree)
        }

        @Test func distributionServesWhatWeWrote() async throws {
            let before = try await RegistryProcess.serving(data: "data", in: folder) { registry in
                try await push(registry)
                return try await look(registry)
            }
            try await RegistryProcess.servingDistribution(data: "data", in: folder) { registry in
                #expect(try await look(registry) == before)
                try await expectPulls(registry)
            }
        }

        /// The same files with the same bytes, whichever of the two wrote them.
        @Test func bothWriteTheSameTree() async throws {
            try await RegistryProcess.serving(data: "ours", in: folder) { try await push($0) }
            try await RegistryProcess.servingDistribution(data: "theirs", in: folder) { try await push($0) }
            let ours = try folder.tree("ours", except: "berth").filter { $0.value != .directory }
            let theirs = try folder.tree("theirs").filter { $0.value != .directory }
            #expect(Set(ours.keys) == Set(theirs.keys))
            #expect(ours == theirs)
        }
    }
}
