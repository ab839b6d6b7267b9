import OCI
import RegistryIndex

/// Made-up blobs and manifests, named by a text: the digests are real, the bytes are the text.
enum Sample {
    static func digest(_ text: String) -> Digest { Digest.of(Array(text.utf8)) }

    private static func descriptor(_ digest: Digest, _ size: Int, _ type: MediaType, platform: String? = nil) -> String
    {
        let runs = platform.map { #","platform":{"os":"linux","architecture":"\#($0)"}"# } ?? ""
        return #"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(size)\#(runs)}"#
    }

    /// An image with the config `config` and layers of these texts.
    static func image(
        _ layers: [String], config: String = "config", subject: Manifest? = nil, annotations: String? = nil
    ) throws -> Manifest {
        let list = layers.map { descriptor(digest($0), $0.utf8.count, .ociLayerGzip) }.joined(separator: ",")
        let about = subject.map { #","subject":\#(descriptor($0.digest, $0.bytes.count, $0.mediaType))"# } ?? ""
        let notes = annotations.map { #","annotations":{"note":"\#($0)"}"# } ?? ""
        return try Manifest(
            bytes: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
                "config":\(descriptor(digest(config), config.utf8.count, .ociConfig)),"layers":[\(list)]\(about)\(notes)}
                """.utf8))
    }

    /// An index with an entry for each manifest, of the platforms `linux/0`, `linux/1`…
    static func index(_ entries: [Manifest], subject: Manifest? = nil) throws -> Manifest {
        let list = entries.enumerated().map { number, entry in
            descriptor(entry.digest, entry.bytes.count, entry.mediaType, platform: "\(number)")
        }
        let about = subject.map { #","subject":\#(descriptor($0.digest, $0.bytes.count, $0.mediaType))"# } ?? ""
        return try Manifest(
            bytes: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)",\
                "manifests":[\(list.joined(separator: ","))]\(about)}
                """.utf8))
    }
}

extension IndexChange {
    /// What a client's push of a blob amounts to.
    func push(blob text: String, to name: RepositoryName) throws {
        try blobPresent(Sample.digest(text), size: Int64(text.utf8.count), leased: 0)
        try layerLinked(Sample.digest(text), in: name)
    }

    func push(_ manifest: Manifest, to name: RepositoryName, tag: String? = nil, at: Int64 = 0) throws {
        try manifestLinked(manifest, in: name, at: at, leased: 0)
        if let tag { try tagSet(Tag(tag), to: manifest.digest, in: name, at: at) }
    }
}

extension IndexView {
    /// The count alone; nil when the digest is unknown.
    func count(_ digest: Digest) throws -> Int? { try references(to: digest)?.count }
}
