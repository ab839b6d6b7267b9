import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    @Suite(.enabled(if: Tool.areUsable(.skopeo, .curl))) struct SkopeoTests {
        @Test func anImageComesBackAsItWent() async throws {
            let folder = try TemporaryFolder()
            let image = try SampleImage.unpackable((1...3).map { SampleImage.noise($0 * 100_000, seed: UInt64($0)) })
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                let skopeo = Skopeo(folder: folder, address: registry.address)
                try await skopeo.push(image, as: "team/app:1")
                try await skopeo.expectPull(of: "team/app:1", is: image)
                try await skopeo.expectPull(of: "team/app@\(image.manifest.digest)", is: image)
            }
        }

        @Test func anIndexComesBackWithAllItsImages() async throws {
            let folder = try TemporaryFolder()
            let base = SampleImage.noise(50_000, seed: 1)
            let images = try ["amd64", "arm64"].enumerated().map { number, architecture in
                let own = SampleImage.noise(20_000, seed: 2 + UInt64(number))
                return (architecture, try SampleImage.unpackable([base, own], architecture: architecture))
            }
            let index = try SampleImage.index(images)
            let contents = images[0].1.contents.merging(images[1].1.contents) { $1 }
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                let skopeo = Skopeo(folder: folder, address: registry.address)
                try await skopeo.push(index, contents, as: "team/multi:1")
                try await skopeo.expectPull(of: "team/multi:1", is: index, contents)
            }
        }

        @Test func whatIsPushedOutlivesTheProcess() async throws {
            let folder = try TemporaryFolder()
            let image = try SampleImage.unpackable([SampleImage.noise(10_000, seed: 1)])
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                try await Skopeo(folder: folder, address: registry.address).push(image, as: "a:1")
            }
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                try await Skopeo(folder: folder, address: registry.address).expectPull(of: "a:1", is: image)
            }
        }

        @Test func aTagThatGoesLeavesTheOtherOfItsManifest() async throws {
            let folder = try TemporaryFolder()
            let image = try SampleImage.unpackable([SampleImage.noise(10_000, seed: 1)])
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                let skopeo = Skopeo(folder: folder, address: registry.address)
                try await skopeo.push(image, as: "team/app:1")
                try await skopeo.push(image, as: "team/app:2")
                let curl = Curl(folder: folder, origin: "http://\(registry.address)")
                #expect(try await curl("DELETE", "/v2/team/app/manifests/1").status == 202)
                #expect(try await curl("GET", "/v2/team/app/manifests/1").status == 404)
                #expect(try await curl("GET", "/v2/team/app/tags/list").text.contains(#""tags":["2"]"#))
                try await skopeo.expectPull(of: "team/app:2", is: image)
            }
        }
    }
}
