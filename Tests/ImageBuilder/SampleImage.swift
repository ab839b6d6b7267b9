package import OCI

/// An image made for a test: real digests over made-up bytes, the same for the same arguments.
package struct SampleImage: Sendable {
    /// Layers, then the config; what must be pushed before the manifest.
    package var blobs: [Blob]
    package var manifest: Manifest
    /// Images that an index lists; empty for an image.
    package var children: [SampleImage] = []

    package struct Blob: Sendable {
        package var digest: Digest
        package var bytes: [UInt8]

        package init(_ bytes: [UInt8], _ algorithm: Digest.Algorithm = .sha256) {
            self.bytes = bytes
            digest = Digest.of(bytes, algorithm)
        }
    }

    package init(blobs: [Blob], manifest: Manifest, children: [SampleImage]) {
        self.blobs = blobs
        self.manifest = manifest
        self.children = children
    }

    /// - Parameters:
    ///   - layers: their contents, from the base up.
    ///   - architecture: of the config, which makes images of the same layers differ.
    ///   - subject: the manifest that this one is about.
    package init(
        layers: [[UInt8]], architecture: String = "amd64", subject: Descriptor? = nil, artifactType: String? = nil
    ) throws {
        let config = Blob(Array(#"{"architecture":"\#(architecture)","os":"linux","rootfs":{"type":"layers"}}"#.utf8))
        blobs = layers.map { Blob($0) } + [config]
        let list = blobs.dropLast().map { Self.descriptor(MediaType.ociLayerGzip.text, $0) }.joined(separator: ",")
        let about = subject.map {
            #","subject":{"mediaType":"\#($0.mediaType)","digest":"\#($0.digest)","size":\#($0.size)}"#
        }
        let type = artifactType.map { #","artifactType":"\#($0)""# }
        manifest = try Manifest(
            bytes: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
                "config":\(Self.descriptor(MediaType.ociConfig.text, config)),"layers":[\(list)]\(type ?? "")\(about ?? "")}
                """.utf8))
    }

    private static func descriptor(_ type: String, _ blob: Blob) -> String {
        #"{"mediaType":"\#(type)","digest":"\#(blob.digest)","size":\#(blob.bytes.count)}"#
    }

    package var descriptor: Descriptor {
        Descriptor(mediaType: manifest.mediaType, digest: manifest.digest, size: Int64(manifest.bytes.count))
    }

    /// An index of images, each with its platform `linux/<architecture>`.
    package static func index(_ images: [(architecture: String, image: SampleImage)]) throws -> Manifest {
        let entries = images.map { entry in
            """
            {"mediaType":"\(entry.image.manifest.mediaType)","digest":"\(entry.image.manifest.digest)",\
            "size":\(entry.image.manifest.bytes.count),"platform":{"os":"linux","architecture":"\(entry.architecture)"}}
            """
        }
        return try Manifest(
            bytes: Array(
                #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entries.joined(separator: ","))]}"#
                    .utf8))
    }

    /// `count` bytes that depend on `seed` alone.
    package static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }
}
