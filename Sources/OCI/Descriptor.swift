/// What one piece of content says about another: type, digest and size (image-spec, `descriptor.md`).
package struct Descriptor: Hashable, Sendable, Codable {
    package var mediaType: MediaType
    package var digest: Digest
    /// Bytes. Never negative: a document that says so is refused.
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

    private enum CodingKeys: String, CodingKey {
        case mediaType, digest, size, platform, artifactType, annotations
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try fields.decodeIfPresent(MediaType.self, forKey: .mediaType) ?? MediaType("")
        digest = try fields.decode(Digest.self, forKey: .digest)
        size = try fields.decode(Int64.self, forKey: .size)
        guard size >= 0 else {
            throw DecodingError.dataCorruptedError(forKey: .size, in: fields, debugDescription: "negative size")
        }
        // Written loosely by builders in the field (BuildKit: "unknown/unknown" and worse); never a reason to refuse.
        platform = try? fields.decodeIfPresent(Platform.self, forKey: .platform)
        artifactType = try fields.decodeIfPresent(String.self, forKey: .artifactType)
        annotations = try fields.decodeIfPresent([String: String].self, forKey: .annotations)
    }
}
