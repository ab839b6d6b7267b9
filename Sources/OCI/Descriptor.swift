/// What one piece of content says about another: type, digest and size (image-spec, `descriptor.md`).
package struct Descriptor: Hashable, Sendable, Encodable {
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
}
