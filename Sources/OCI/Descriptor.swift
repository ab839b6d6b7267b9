/// What one piece of content says about another: type, digest and size (image-spec, `descriptor.md`).
package struct Descriptor: Hashable, Sendable, Codable {
    package var mediaType: MediaType
    package var digest: Digest
    /// Bytes, as somebody claims. Never negative: a document that says so is refused.
    package var size: Int64
    package var platform: Platform?
    package var artifactType: String?
    package var annotations: [String: String]?

    package init(
        mediaType: MediaType, digest: Digest, size: Int64, platform: Platform? = nil, artifactType: String? = nil,
        annotations: [String: String]? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.artifactType = artifactType
        self.annotations = annotations
    }

    /// Bytes of annotations as JSON writes them, or a few more.
    package static func bytes(of annotations: [String: String]) -> Int {
        // A control character is written as six.
        func bytes(_ text: String) -> Int { text.utf8.reduce(3) { $0 + ($1 < 0x20 ? 6 : 1) } }
        return annotations.sumClamped { bytes($0.key) + bytes($0.value) }
    }
}
