import Foundation
import ImageBuilder
import OCI
import PlainHTTP
import SeededRandom

/// Writes a tree through a registry as many clients would over the years: images and indexes over shared layers, tags that
/// move, deletions. Everything that is acknowledged goes into the model; an answer that should not be is thrown.
struct TreeWriter {
    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    /// What was done, for the eye.
    struct Counts: Equatable {
        var images = 0
        var indexes = 0
        var referrers = 0
        var tagsMoved = 0
        var manifestsDeleted = 0
        var tagsDeleted = 0
        var blobsDeleted = 0
        var blobsMounted = 0
    }

    private(set) var model = TreeModel()
    private(set) var counts = Counts()
    private var dice: SeededGenerator
    private let layers: [[UInt8]]
    private let names: [RepositoryName]

    var seed: UInt64 { dice.seed }

    /// Names inside each other, and such that come in another order by path than by text.
    private static let names = [
        "0", "a", "a/0x", "a-b", "a/b/c/d", "lib_1/x-y.z", "mirror/docker.io/library/nginx", "multi", "team",
        "team/app", "team/app/base", "tools",
    ]

    init(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        // The empty blob has its own path in distribution; one is larger than the buffers on the way.
        layers =
            [[], SampleImage.noise(200_000, seed: dice.next())]
            + (0..<40).map { _ in SampleImage.noise(.random(in: 200...3000, using: &dice), seed: dice.next()) }
        self.dice = dice
        names = try Self.names.map { try RepositoryName($0) }
        for name in names { model.repositories[name] = TreeModel.Repository() }
    }

    /// Lets the model follow what was done to the tree past the registries.
    mutating func follow(_ change: (inout TreeModel) -> Void) { change(&model) }

    /// Writes so many images and at least so many indexes, and does the rest as often as it falls.
    ///
    /// - Parameter deletingTags: also deletes tags, which distribution 2.8 cannot.
    mutating func write(images: Int, indexes: Int, deletingTags: Bool, to registry: RegistryProcess) throws {
        let client = try PlainClient(address: registry.address)
        let (lastImage, lastIndex) = (counts.images + images, counts.indexes + indexes)
        while counts.images < lastImage || counts.indexes < lastIndex {
            do {
                try step(client, pushesImages: counts.images < lastImage, deletingTags: deletingTags)
            } catch {
                throw Unexpected(description: "seed \(seed): \(error)")
            }
        }
    }

    private mutating func step(_ client: PlainClient, pushesImages: Bool, deletingTags: Bool) throws {
        let name = names.randomElement(using: &dice) ?? names[0]
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<60 where pushesImages: try pushImage(to: name, client)
        case 0..<70: try pushIndex(to: name, client)
        case 70..<74: try pushReferrer(to: name, client)
        case 74..<80: try moveTag(in: name, client)
        case 80..<84: try pushAgain(to: name, client)
        case 84..<88: try pushLooseBlob(to: name, client)
        case 88..<90: try deleteBlob(in: name, client)
        case 90..<95 where deletingTags: try deleteTag(in: name, client)
        default: try deleteManifest(in: name, client)
        }
    }

    // MARK: Pushes

    private mutating func pushImage(to name: RepositoryName, _ client: PlainClient) throws {
        counts.images += 1
        var image = try SampleImage(layers: someLayers(), architecture: "image\(counts.images)")
        if Bool.random(using: &dice) { image.manifest = try image.manifest.asDocker }
        for blob in image.blobs { try push(blob, to: name, client) }
        try put(image.manifest, someTag(), in: name, client)
    }

    /// An index over images of the repository that have the types of one maker.
    private mutating func pushIndex(to name: RepositoryName, _ client: PlainClient) throws {
        let type = Bool.random(using: &dice) ? MediaType.ociManifest : .dockerManifest
        let images = manifests(of: name).filter { $0.mediaType == type && $0.subject == nil }
        guard images.count >= 2 else { return }
        counts.indexes += 1
        let parts = images.shuffled(using: &dice).prefix(.random(in: 2...4, using: &dice))
        var index = try SampleImage.index(
            parts.enumerated().map { ("m\($0.offset)", try SampleImage(manifest: $0.element)) })
        if type == .dockerManifest { index = try index.asDocker }
        try put(index, someTag(), in: name, client)
    }

    /// An artifact about an image: for distribution 2.8 an untagged image like any other.
    private mutating func pushReferrer(to name: RepositoryName, _ client: PlainClient) throws {
        guard let subject = manifests(of: name).randomElement(using: &dice) else { return }
        counts.referrers += 1
        let artifact = try SampleImage(
            layers: someLayers(), architecture: "referrer\(counts.referrers)",
            subject: try SampleImage(manifest: subject).descriptor, artifactType: "application/vnd.example.sbom")
        for blob in artifact.blobs { try push(blob, to: name, client) }
        try put(artifact.manifest, nil, in: name, client)
    }

    private mutating func moveTag(in name: RepositoryName, _ client: PlainClient) throws {
        // An index whose parts were deleted cannot be pushed again.
        let held = model.repositories[name]?.manifests ?? [:]
        let whole = manifests(of: name).filter { $0.entries.allSatisfy { held[$0.digest] != nil } }
        guard let manifest = whole.randomElement(using: &dice),
            let tag = tags(of: name).randomElement(using: &dice)
        else { return }
        counts.tagsMoved += 1
        try put(manifest, tag, in: name, client)
    }

    /// A manifest that was deleted comes back, or one of another repository comes here.
    private mutating func pushAgain(to name: RepositoryName, _ client: PlainClient) throws {
        let deleted = model.repositories[name]?.deletedManifests.values.sorted { $0.digest < $1.digest } ?? []
        let other = names.randomElement(using: &dice) ?? name
        let candidates = (deleted + manifests(of: other)).filter { $0.entries.isEmpty }
        guard let manifest = candidates.randomElement(using: &dice) else { return }
        // Of one that was swept meanwhile nobody has the parts any more.
        let blobs = manifest.references.compactMap { model.stored[$0.digest] }.map { SampleImage.Blob($0) }
        guard blobs.count == manifest.references.count else { return }
        for blob in blobs { try push(blob, to: name, client) }
        try put(manifest, someTag(), in: name, client)
    }

    /// What a push leaves that never comes to its manifest.
    private mutating func pushLooseBlob(to name: RepositoryName, _ client: PlainClient) throws {
        try push(SampleImage.Blob(SampleImage.noise(100, seed: dice.next())), to: name, client)
    }

    private mutating func put(
        _ manifest: Manifest, _ tag: Tag?, in name: RepositoryName, _ client: PlainClient
    ) throws {
        try client.ask(
            "PUT", "/v2/\(name)/manifests/\(tag?.text ?? manifest.digest.description)",
            ["Content-Type": manifest.mediaType.text], body: manifest.bytes, expecting: 201)
        model.repositories[name]?.put(manifest, tag)
        model.stored[manifest.digest] = manifest.bytes
    }

    /// Pushes a blob that the repository does not hold, in one of the ways that clients have.
    private mutating func push(_ blob: SampleImage.Blob, to name: RepositoryName, _ client: PlainClient) throws {
        let held = model.blobs(of: name).contains(blob.digest)
        if held || Bool.random(using: &dice) {
            try client.ask("HEAD", "/v2/\(name)/blobs/\(blob.digest)", expecting: held ? 200 : 404)
        }
        guard !held else { return }
        let uploads = "/v2/\(name)/blobs/uploads/"
        let source = names.filter { model.blobs(of: $0).contains(blob.digest) }.randomElement(using: &dice)
        if let source, Int.random(in: 0..<4, using: &dice) > 0 {
            counts.blobsMounted += 1
            try client.ask("POST", "\(uploads)?mount=\(blob.digest)&from=\(source)", expecting: 201)
        } else {
            var session = try client.ask("POST", uploads, expecting: 202)
            var rest = blob.bytes[...]
            for _ in 0..<max(0, Int.random(in: -2...2, using: &dice)) {
                let part = Array(rest.prefix(.random(in: 0...rest.count, using: &dice)))
                rest = rest.dropFirst(part.count)
                session = try client.ask("PATCH", session.location ?? "", .bytes, body: part, expecting: 202)
            }
            try client.ask(
                "PUT", "\(session.location ?? "")&digest=\(blob.digest)", .bytes, body: Array(rest), expecting: 201)
        }
        model.repositories[name]?.links.insert(blob.digest)
        model.repositories[name]?.deletedBlobs.remove(blob.digest)
        model.stored[blob.digest] = blob.bytes
    }

    // MARK: Deletions

    /// A manifest goes by its digest; now and then it is one that an index lists.
    private mutating func deleteManifest(in name: RepositoryName, _ client: PlainClient) throws {
        guard let repository = model.repositories[name] else { return }
        let sparesParts = Int.random(in: 0..<10, using: &dice) > 0
        let candidates = manifests(of: name).filter { !sparesParts || repository.parents(of: $0.digest).isEmpty }
        guard let digest = candidates.randomElement(using: &dice)?.digest else { return }
        counts.manifestsDeleted += 1
        try client.ask("DELETE", "/v2/\(name)/manifests/\(digest)", expecting: 202)
        model.repositories[name]?.remove(digest)
    }

    private mutating func deleteTag(in name: RepositoryName, _ client: PlainClient) throws {
        guard let tag = tags(of: name).randomElement(using: &dice) else { return }
        counts.tagsDeleted += 1
        try client.ask("DELETE", "/v2/\(name)/manifests/\(tag)", expecting: 202)
        model.repositories[name]?.remove(tag)
    }

    /// A blob that no manifest of the repository needs.
    private mutating func deleteBlob(in name: RepositoryName, _ client: PlainClient) throws {
        let needed = Set(manifests(of: name).flatMap { $0.references.map(\.digest) })
        let candidates = model.blobs(of: name).subtracting(needed).sorted()
        guard let digest = candidates.randomElement(using: &dice) else { return }
        counts.blobsDeleted += 1
        try client.ask("DELETE", "/v2/\(name)/blobs/\(digest)", expecting: 202)
        model.repositories[name]?.links.remove(digest)
        model.repositories[name]?.deletedBlobs.insert(digest)
    }

    // MARK: Choices, in an order that the seed alone decides

    private func manifests(of name: RepositoryName) -> [Manifest] {
        model.repositories[name]?.manifests.values.sorted { $0.digest < $1.digest } ?? []
    }

    private func tags(of name: RepositoryName) -> [Tag] { model.repositories[name]?.tags.keys.sorted() ?? [] }

    private mutating func someLayers() -> [[UInt8]] {
        Array(layers.shuffled(using: &dice).prefix(.random(in: 1...3, using: &dice)))
    }

    /// One of so few that pushes meet; nil for a push by digest.
    private mutating func someTag() throws -> Tag? {
        let number = Int.random(in: 0..<40, using: &dice)
        return number < 34 ? try Tag(number == 0 ? "latest" : "v1.\(number)") : nil
    }
}

extension [String: String] {
    fileprivate static let bytes = ["Content-Type": "application/octet-stream"]
}

extension PlainClient {
    /// Sends a request whose answer must have one status; throws when it has another.
    @discardableResult
    func ask(
        _ method: String, _ target: String, _ headers: [String: String] = [:], body: [UInt8] = [], expecting status: Int
    ) throws -> Answer {
        let answer = try self(method, target, headers, body: body)
        guard answer.status == status else {
            throw TreeWriter.Unexpected(
                description: "\(method) \(target): \(answer.status) and not \(status): \(answer.text)")
        }
        return answer
    }
}

extension SampleImage {
    /// What can be said of an image by its manifest alone.
    fileprivate init(manifest: Manifest) throws {
        try self.init(layers: [])
        blobs = []
        self.manifest = manifest
    }
}

extension Manifest {
    /// The same document in Docker's media types (distribution, `docs/content/spec/manifest-v2-2.md`).
    fileprivate var asDocker: Manifest {
        get throws {
            let types: [(MediaType, MediaType)] = [
                (.ociIndex, .dockerList), (.ociManifest, .dockerManifest), (.ociConfig, .dockerConfig),
                (.ociLayerGzip, .dockerLayer),
            ]
            var text = String(decoding: bytes, as: UTF8.self)
            for (oci, docker) in types { text = text.replacingOccurrences(of: oci.text, with: docker.text) }
            return try Manifest(bytes: Array(text.utf8))
        }
    }
}
