import ImageBuilder
import OCI
import RegistryCore
import Testing

/// What somebody who names only a repository can pull of it.
@Suite struct PullableTests {
    @Test func latestBeforeTheNewestTagBeforeTheNewestManifest() async throws {
        let registry = try await Registry.sample()
        let name = try RepositoryName("team/app")
        #expect(try registry.pullable(in: name, by: .test) == nil)
        let image = try SampleImage(layers: [SampleImage.noise(100, seed: 1)])
        try await registry.push(image, to: name, tag: nil)
        #expect(
            try registry.pullable(in: name, by: .test) == RepositoryReference(name, .digest(image.manifest.digest)))
        try await registry.push(image.manifest, to: name, tag: try Tag("latest"))
        // Set last, and first in the order of bytes: only the rule speaks for `latest`.
        try await registry.push(image.manifest, to: name, tag: try Tag("aa"))
        #expect(try registry.pullable(in: name, by: .test) == RepositoryReference(name, .tag(try Tag("latest"))))
        try await registry.deleteTag(try Tag("latest"), in: name, by: .test)
        #expect(try registry.pullable(in: name, by: .test) == RepositoryReference(name, .tag(try Tag("aa"))))
    }
}
