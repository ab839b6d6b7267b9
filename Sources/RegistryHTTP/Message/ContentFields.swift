import NIOHTTP1
import OCI

/// What the head of an answer says of content that a digest names.
struct ContentFields: Sendable, Equatable {
    enum Kind: Sendable {
        /// Its type is its own; under a tag there may be another one soon.
        case manifest
        /// Parts of it may be asked for, and under its digest it never changes.
        case blob
    }

    let kind: Kind
    let mediaType: MediaType
    let digest: Digest

    /// A blob may be kept for as long as HTTP can say.
    static let blobFields: [(name: String, value: String)] = [
        ("Accept-Ranges", "bytes"), ("Cache-Control", "max-age=31536000"),
    ]

    static func blob(_ digest: Digest) -> ContentFields {
        ContentFields(kind: .blob, mediaType: .octetStream, digest: digest)
    }

    var headers: HTTPHeaders {
        let text = digest.description
        var headers: HTTPHeaders = [
            "Content-Type": mediaType.text, "Docker-Content-Digest": text, "ETag": "\"\(text)\"",
        ]
        if kind == .blob { headers.add(contentsOf: Self.blobFields) }
        return headers
    }
}
