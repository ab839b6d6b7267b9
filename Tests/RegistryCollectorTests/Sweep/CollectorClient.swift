import ImageBuilder
import OCI
import RegistryCore

/// What there is to push: images that share layers, an index of indexes, signatures.
struct CollectorWorld: Sendable {
    let names: [RepositoryName]
    let tags: [Tag]
    let images: [SampleImage]
    let manifests: [Manifest]
    let blobs: [Digest: [UInt8]]

    init() throws {
        names = try ["a", "a/b", "c"].map { try RepositoryName($0) }
        tags = try ["1", "2", "latest"].map { try Tag($0) }
        let layers = (0..<3).map { SampleImage.noise(40, seed: UInt64($0)) }
        let plain = try SampleImage(layers: [layers[0], layers[1]])
        let other = try SampleImage(layers: [layers[1], layers[2]], architecture: "arm64")
        let single = try SampleImage(layers: [layers[0]], architecture: "m68k")
        let index = try SampleImage.index([("amd64", plain), ("arm64", other)])
        let signature = try SampleImage(layers: [layers[2]], architecture: "sig", subject: plain.descriptor)
        let attestation = try SampleImage(layers: [], architecture: "att", subject: signature.descriptor)
        images = [plain, other, single, SampleImage(index, of: [plain, other]), signature, attestation]
        manifests = images.map(\.manifest)
        blobs = Dictionary(
            images.flatMap(\.blobs).map { ($0.digest, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    }
}

extension SampleImage {
    /// An index as something to push; its children are pushed by whoever pushes it.
    init(_ index: Manifest, of children: [SampleImage]) {
        self.init(blobs: [], manifest: index, children: children)
    }
}

/// A client in the middle of a push, a request at a time.
struct CollectorClient: Sendable {
    enum Mode: Sendable {
        /// Sends every blob.
        case sending
        /// Asks for each first and sends what is missing.
        case asking
        /// Tries to mount each from another repository first.
        case mounting
    }

    enum Outcome: Sendable {
        case went, refused, pushed
        /// A child of the index is part of the repository.
        case linked(Digest)
    }

    let image: SampleImage
    let name: RepositoryName
    let tag: Tag?
    let mode: Mode
    let source: RepositoryName
    private var done = 0
    /// The last attempt was refused, by the process that runs now: the next has to succeed.
    private(set) var wasRefused = false

    init(image: SampleImage, name: RepositoryName, tag: Tag?, mode: Mode, source: RepositoryName) {
        self.image = image
        self.name = name
        self.tag = tag
        self.mode = mode
        self.source = source
    }

    /// From the beginning, as after a refusal.
    func restarted(wasRefused: Bool = false) -> CollectorClient {
        var client = CollectorClient(image: image, name: name, tag: tag, mode: mode, source: source)
        client.wasRefused = wasRefused
        return client
    }

    /// What comes before the image's own manifest: blobs, and of an index the children with theirs.
    private var parts: [Part] {
        image.children.flatMap { child in child.blobs.map { Part.blob($0) } + [.manifest(child.manifest)] }
            + image.blobs.map { .blob($0) }
    }

    private enum Part {
        case blob(SampleImage.Blob)
        case manifest(Manifest)
    }

    mutating func advance(_ registry: Registry) async throws -> Outcome {
        let parts = self.parts
        do {
            guard done < parts.count else {
                try await registry.push(image.manifest, to: name, tag: tag)
                return .pushed
            }
            switch parts[done] {
            case .manifest(let manifest):
                try await registry.push(manifest, to: name, tag: nil)
                done += 1
                return .linked(manifest.digest)
            case .blob(let blob): try await bring(blob, registry)
            }
            done += 1
            return .went
        } catch RegistryError.manifestReferencesUnknown {
            return .refused
        }
    }

    private func bring(_ blob: SampleImage.Blob, _ registry: Registry) async throws {
        switch mode {
        case .sending: break
        case .asking:
            do {
                _ = try await registry.promiseBlob(blob.digest, in: name, by: .test)
                return
            } catch RegistryError.blobUnknown {}
        case .mounting:
            if try await registry.mountBlob(blob.digest, from: source, into: name, by: .test) != nil { return }
        }
        try await registry.push(blob: blob, to: name)
    }
}
