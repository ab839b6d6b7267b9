import ImageBuilder
import OCI
import RegistryStorage

/// A tree to be damaged: a repository with one manifest that everything turns on, tagged or held by a parent, things that only
/// it holds, and garbage; and a second repository with garbage of its own.
struct DamageWorld: Sendable {
    enum Kind: CaseIterable, Sendable {
        case image, dockerImage, index, dockerList, artifact, nestedIndex, unknownType, schema1
    }

    let kind: Kind
    let name: RepositoryName
    let other: RepositoryName
    let tag: Tag
    private(set) var files: [StoragePath: [UInt8]] = [:]
    /// Files that a client can still need: all but the garbage.
    private(set) var alive: Set<StoragePath> = []
    /// Those of them that have nothing to do with the manifest.
    private(set) var aside: Set<StoragePath> = []
    /// What everything turns on.
    private(set) var manifest = Digest.of([])
    /// A manifest that it lists, or itself where it lists none.
    private(set) var child = Digest.of([])
    /// A layer that only it reaches, under the digest that names it.
    private(set) var layer = Digest.of([])
    /// The sha512 name of another one.
    private(set) var alias = Digest.of([])
    /// A tagged image beside it.
    private(set) var neighbour = Digest.of([])
    /// The tagged index that holds it; nil where its own tag does.
    private(set) var parent: Digest?

    /// - Parameter isHeldByParent: it has no tag, and an index that lists it has.
    init(_ kind: Kind, isHeldByParent: Bool = false) throws {
        self.kind = kind
        name = try RepositoryName("team/a")
        other = try RepositoryName("team/b")
        tag = try Tag("x")
        neighbour = image(seed: 1, tag: "neighbour", in: name)
        _ = image(seed: 2, tag: "v1", in: other)
        aside = Set(files.keys)
        manifest = subject()
        if isHeldByParent {
            parent = put(list(MediaType.ociIndex.text, [manifest, neighbour]), in: name, tag: tag)
        } else {
            link(tag, manifest, in: name)
        }
        alive = Set(files.keys)
        // Garbage wherever nothing pins it.
        for repository in [name, other] {
            _ = image(seed: repository == name ? 10 : 11, tag: nil, in: repository)
            _ = blob(SampleImage.noise(60, seed: repository == name ? 20 : 21), in: repository)
        }
    }

    private mutating func subject() -> Digest {
        switch kind {
        case .image: return leaf(MediaType.ociManifest.text)
        case .dockerImage: return leaf(MediaType.dockerManifest.text)
        case .unknownType: return leaf("application/vnd.example.thing.v1+json")
        case .index, .dockerList:
            let type = kind == .index ? MediaType.ociIndex : .dockerList
            child = leaf(MediaType.ociManifest.text)
            let second = image(seed: 5, tag: nil, in: name)
            return put(list(type.text, [child, second]), in: name)
        case .nestedIndex:
            let inner = put(list(MediaType.ociIndex.text, [leaf(MediaType.ociManifest.text)]), in: name)
            let outer = put(list(MediaType.ociIndex.text, [inner, image(seed: 5, tag: nil, in: name)]), in: name)
            child = inner
            return outer
        case .artifact:
            let about = image(seed: 6, tag: "signed", in: name)
            let digest = leaf(
                MediaType.ociManifest.text,
                more: #","subject":\#(descriptor(MediaType.ociManifest.text, about))"#)
            child = about
            return digest
        case .schema1:
            let bytes = SampleImage.noise(90, seed: 7)
            layer = blob(bytes, in: name)
            alias = named(bytes)
            let text = #"{"schemaVersion":1,"name":"team/a","tag":"x","fsLayers":[{"blobSum":"\#(layer)"}]}"#
            child = put(Array(text.utf8), in: name)
            return child
        }
    }

    // MARK: Documents

    /// An image with two layers, one of them named by its sha512 digest, as distribution links it.
    private mutating func leaf(_ type: String, more: String = "") -> Digest {
        layer = blob(SampleImage.noise(90, seed: 7), in: name)
        let bytes = SampleImage.noise(80, seed: 8)
        _ = blob(bytes, in: name)
        alias = named(bytes)
        child = put(document(type, config: 3, layers: [(layer, 90), (alias, 80)], more: more), in: name)
        return child
    }

    /// The link by another digest to bytes that are there.
    private mutating func named(_ bytes: [UInt8]) -> Digest {
        let long = Digest.of(bytes, .sha512)
        files[Layout.layerLink(long, in: name)] = Link.content(Digest.of(bytes))
        return long
    }

    private mutating func image(seed: UInt64, tag: String?, in name: RepositoryName) -> Digest {
        let layer = blob(SampleImage.noise(70, seed: seed), in: name)
        let bytes = document(MediaType.ociManifest.text, config: seed, layers: [(layer, 70)], more: "", in: name)
        return put(bytes, in: name, tag: tag.flatMap { try? Tag($0) })
    }

    private mutating func document(
        _ type: String, config: UInt64, layers: [(Digest, Int)], more: String, in place: RepositoryName? = nil
    ) -> [UInt8] {
        let config = blob(Array(#"{"architecture":"amd64","os":"linux","n":\#(config)}"#.utf8), in: place ?? name)
        let list = layers.map {
            #"{"mediaType":"\#(MediaType.ociLayerGzip)","digest":"\#($0.0)","size":\#($0.1)}"#
        }.joined(separator: ",")
        return Array(
            """
            {"schemaVersion":2,"mediaType":"\(type)","config":\(descriptor(MediaType.ociConfig.text, config)),\
            "layers":[\(list)]\(more)}
            """.utf8)
    }

    private func list(_ type: String, _ entries: [Digest]) -> [UInt8] {
        let list = entries.map { descriptor(MediaType.ociManifest.text, $0) }.joined(separator: ",")
        return Array(#"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[\#(list)]}"#.utf8)
    }

    private func descriptor(_ type: String, _ digest: Digest) -> String {
        let size = files[Layout.blobData(digest)]?.count ?? 0
        return #"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(size)}"#
    }

    // MARK: Files

    private mutating func blob(_ bytes: [UInt8], in name: RepositoryName) -> Digest {
        let digest = Digest.of(bytes)
        files[Layout.blobData(digest)] = bytes
        files[Layout.layerLink(digest, in: name)] = Link.content(digest)
        return digest
    }

    private mutating func put(_ bytes: [UInt8], in name: RepositoryName, tag: Tag? = nil) -> Digest {
        let digest = Digest.of(bytes)
        files[Layout.blobData(digest)] = bytes
        files[Layout.revisionLink(digest, in: name)] = Link.content(digest)
        if let tag { link(tag, digest, in: name) }
        return digest
    }

    private mutating func link(_ tag: Tag, _ digest: Digest, in name: RepositoryName) {
        files[Layout.tagIndex(digest, tag, in: name)] = Link.content(digest)
        files[Layout.tagCurrent(tag, in: name)] = Link.content(digest)
    }
}
