/// The type of a piece of content, as it stands in a descriptor or a `Content-Type`: lower case, without parameters.
///
/// Image media types: image-spec, `media-types.md`; Docker's: distribution, `docs/content/spec/manifest-v2-2.md`.
package struct MediaType: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Takes the type from a header or a document: parameters (`; charset=…`) and surrounding blanks go, case is folded
    /// (RFC 9110 §8.3.1). An empty text stays empty and equals no constant.
    package init(_ text: String) {
        // By bytes: an index that is built parses one for each descriptor of the store.
        let bare = text.utf8.prefix { $0 != UInt8(ascii: ";") }.drop(while: Self.isBlank)
        self.text = bare.lastIndex { !Self.isBlank($0) }.map { String(Substring(bare[...$0])).lowercased() } ?? ""
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    package var description: String { text }

    package static let ociManifest = MediaType("application/vnd.oci.image.manifest.v1+json")
    package static let ociIndex = MediaType("application/vnd.oci.image.index.v1+json")
    package static let ociConfig = MediaType("application/vnd.oci.image.config.v1+json")
    package static let ociEmpty = MediaType("application/vnd.oci.empty.v1+json")
    package static let ociLayer = MediaType("application/vnd.oci.image.layer.v1.tar")
    package static let ociLayerGzip = MediaType("application/vnd.oci.image.layer.v1.tar+gzip")
    package static let ociLayerZstd = MediaType("application/vnd.oci.image.layer.v1.tar+zstd")
    package static let dockerManifest = MediaType("application/vnd.docker.distribution.manifest.v2+json")
    package static let dockerList = MediaType("application/vnd.docker.distribution.manifest.list.v2+json")
    package static let dockerConfig = MediaType("application/vnd.docker.container.image.v1+json")
    package static let dockerLayer = MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip")
    package static let octetStream = MediaType("application/octet-stream")
    /// What can be said of a document that says nothing of itself.
    package static let json = MediaType("application/json")

    /// Layers that registries are not asked to hold: their absence refuses no manifest (image-spec, `layer.md`,
    /// "Non-Distributable Layers").
    package var isNonDistributable: Bool {
        text.hasPrefix("application/vnd.oci.image.layer.nondistributable.")
            || text == "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    }

    /// True for the types whose content is itself a manifest, so that an index entry of another type is a blob.
    package var isManifest: Bool {
        self == .ociManifest || self == .ociIndex || self == .dockerManifest || self == .dockerList
    }
}

extension MediaType {
    /// Bytes of the longest type: 127 on either side of the slash (RFC 6838 §4.2).
    private static let bytesMax = 255

    /// True for a type by which a manifest may be served: a type and a subtype of the letters that RFC 6838 §4.2 allows, so
    /// that it goes into a header as it is. Never one that says how something is shown, carried or sent, and not what it is:
    /// what somebody pushed as a page, a browser would run as one, and what `curl --data` sent is no form.
    package var canBeManifest: Bool {
        guard text.utf8.count <= Self.bytesMax else { return false }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isType =
            parts.count == 2
            && parts.allSatisfy { part in
                part.first.map(Self.isAlphanumeric) == true
                    && part.allSatisfy { Self.isAlphanumeric($0) || Self.marks.contains($0) }
            }
        return isType && !Self.otherKinds.contains(String(text.prefix { $0 != "/" }))
            && !Self.otherTypes.contains(text) && !text.hasSuffix("+xml")
    }

    /// The registered types of content beside `application` (IANA, "Media Types"): none holds a manifest.
    private static let otherKinds: Set<String> = [
        "audio", "font", "haptics", "image", "message", "model", "multipart", "text", "video",
    ]

    /// What programs say that were told nothing better, and what browsers run.
    private static let otherTypes: Set<String> = [
        "application/octet-stream", "application/x-www-form-urlencoded", "application/x-tar", "application/gzip",
        "application/x-gzip", "application/zip", "application/pdf", "application/xml", "application/javascript",
        "application/x-javascript", "application/ecmascript",
    ]

    private static let marks = Array("!#$&-^_.+".utf8)

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension MediaType {
    /// One of the two types that list other manifests.
    package var isIndex: Bool { self == .ociIndex || self == .dockerList }
}

extension MediaType: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
