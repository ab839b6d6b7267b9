import ImageBuilder
import OCI
import Testing

/// Copies images with skopeo between a registry and folders of a test.
struct Skopeo {
    let folder: TemporaryFolder
    /// Of the registry.
    let address: String
    /// A folder with the certificates to trust; nil for plain HTTP.
    var certificates: String?

    var port: Substring { address.split(separator: ":").last ?? "" }

    private func trust(_ side: String) -> [String] {
        certificates.map { ["--\(side)cert-dir", $0] } ?? ["--\(side)tls-verify=false"]
    }

    private func image(_ image: String) -> String { "docker://\(address)/\(image)" }

    func push(_ sample: SampleImage, as image: String) async throws {
        try await push(sample.manifest, sample.contents, as: image)
    }

    /// Pushes a document with everything in it: an index goes with all its images.
    func push(_ document: Manifest, _ contents: [Digest: [UInt8]], as image: String) async throws {
        let layout = OCILayoutFolder(folder: try TemporaryFolder(), name: "layout")
        try layout.write(document, contents, tag: "made")
        try await Tool.skopeo.run(
            ["copy", "-q", "--all"] + trust("dest-") + [layout.reference("made"), self.image(image)], in: folder)
    }

    /// Pulls an image and compares every byte of every file with what was made.
    func expectPull(
        of image: String, is document: Manifest, _ contents: [Digest: [UInt8]],
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let layout = OCILayoutFolder(folder: try TemporaryFolder(), name: "pulled")
        try await Tool.skopeo.run(
            ["copy", "-q", "--all"] + trust("src-") + [self.image(image), layout.reference("pulled")], in: folder)
        var expected = Dictionary(uniqueKeysWithValues: contents.map { ($0.key.hex, $0.value) })
        expected[document.digest.hex] = document.bytes
        let pulled = try layout.contents
        #expect(try layout.document == document.digest, sourceLocation: location)
        #expect(Set(pulled.keys) == Set(expected.keys), sourceLocation: location)
        let differing = expected.keys.filter { pulled[$0] != expected[$0] }
        #expect(differing == [], "\(image): bytes differ", sourceLocation: location)
    }

    func expectPull(
        of image: String, is sample: SampleImage, at location: SourceLocation = #_sourceLocation
    ) async throws {
        try await expectPull(of: image, is: sample.manifest, sample.contents, at: location)
    }

    /// Deletes the manifest that a tag points at.
    func delete(_ image: String) async throws {
        try await Tool.skopeo.run(["delete"] + trust("") + [self.image(image)], in: folder)
    }

    /// The manifest as the registry gives it.
    func manifest(_ image: String) async throws -> Manifest {
        let text = try await Tool.skopeo.run(["inspect", "--raw"] + trust("") + [self.image(image)], in: folder)
        return try Manifest(bytes: Array(text.utf8))
    }

    /// The tags of a repository as skopeo prints them, as JSON.
    func tags(_ repository: String) async throws -> String {
        try await Tool.skopeo.run(["list-tags"] + trust("") + [image(repository)], in: folder)
    }
}
