import ImageBuilder
import OCI
import RegistryCore

/// What every conversation finds in the registry, and the words under which its table speaks of it: `{manifest}` in a
/// request or an answer is the digest of that name.
struct Cargo: Sendable {
    /// Bytes by name.
    private(set) var contents: [String: [UInt8]] = [:]
    /// Digests by name.
    private(set) var words: [String: String] = [:]
    let image: SampleImage
    private let index: Manifest
    private let referrers: [SampleImage]
    /// Not pushed: what a conversation may push itself.
    private let spare: SampleImage

    /// Made once: it is the same for every test.
    static let shared = Result { try Cargo() }

    static let sbom = "application/vnd.example.sbom.v1+json"
    static let signature = "application/vnd.example.signature.v1+json"

    init() throws {
        let image = try SampleImage(layers: [SampleImage.noise(1000, seed: 1), SampleImage.noise(300_000, seed: 2), []])
        index = try SampleImage.index([("amd64", image)])
        self.image = image
        referrers = try [Self.sbom, Self.signature].map {
            try SampleImage(layers: [], subject: image.descriptor, artifactType: $0)
        }
        spare = try SampleImage(layers: [SampleImage.noise(2000, seed: 3)], architecture: "riscv64")
        add("small", image.blobs[0].bytes)
        add("large", image.blobs[1].bytes)
        add("empty", [])
        add("config", image.blobs[3].bytes)
        add("manifest", image.manifest.bytes)
        add("index", index.bytes)
        add("sbom", referrers[0].manifest.bytes)
        add("signature", referrers[1].manifest.bytes)
        add("spare-layer", spare.blobs[0].bytes)
        add("spare-config", spare.blobs[1].bytes)
        add("spare", spare.manifest.bytes)
        words["spare512"] = "\(Digest.of(spare.manifest.bytes, .sha512))"
        words["small512"] = "\(Digest.of(image.blobs[0].bytes, .sha512))"
        words["spare-layer512"] = "\(Digest.of(spare.blobs[0].bytes, .sha512))"
        words["absent"] = "\(Digest.of(Array("absent".utf8)))"
        // In the order of a page; their hexadecimal form sorts as their bytes do. As it stands in a query.
        words["firstReferrer"] = referrers.map(\.descriptor.digest.description).min()?.replacing(":", with: "%3A")
        words["uuid"] = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
    }

    private mutating func add(_ name: String, _ bytes: [UInt8]) {
        contents[name] = bytes
        words[name] = "\(Digest.of(bytes))"
        words["\(name).hex"] = Digest.of(bytes).hex
        words["\(name).size"] = "\(bytes.count)"
    }

    /// `team/app` with tags, an index and two referrers; `a/manifests/b` with one tag; `spare` with the parts of an image
    /// whose manifest nobody has pushed.
    func load(into registry: Registry) async throws {
        let app = try RepositoryName("team/app")
        for tag in ["v1", "v10", "v2"] { try await registry.push(image, to: app, tag: try OCI.Tag(tag)) }
        try await registry.push(index, to: app, tag: try OCI.Tag("all"))
        for referrer in referrers { try await registry.push(referrer, to: app, tag: nil) }
        try await registry.push(image, to: try RepositoryName("a/manifests/b"), tag: try OCI.Tag("x"))
        for blob in spare.blobs { try await registry.push(blob: blob, to: try RepositoryName("spare")) }
    }

    /// The text with every `{word}` replaced.
    func resolve(_ text: String, _ more: [String: String] = [:]) -> String {
        guard text.contains("{") else { return text }
        return words.merging(more) { $1 }.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}
