import Foundation

/// A manifest: the bytes as they were pushed, which are the truth, and the view of them that the registry acts on.
///
/// Image manifests and indexes of the OCI (image-spec, `manifest.md`, `image-index.md`) and Docker's schema 2 and lists.
/// Any other media type is kept too: its references are whatever of `config`, `layers`, `blobs`, `manifests` and
/// `subject` it carries in the shape of descriptors.
package struct Manifest: Sendable, Equatable {
    /// Exactly what was pushed; never re-encoded.
    package let bytes: [UInt8]
    package let digest: Digest
    /// What to say in `Content-Type` and in descriptors.
    package let mediaType: MediaType
    /// The same as far as the bytes alone can tell it: their `mediaType` or, failing that, their shape (distribution,
    /// `manifeststore.go`, `Get`). `application/json` for a document of neither.
    package let bodyType: MediaType
    /// True when the body has no `mediaType`, so that somebody else has to say the type.
    package let isUntyped: Bool
    package let config: Descriptor?
    /// Layers of an image, in order from the base; empty for an index.
    package let layers: [Descriptor]
    /// Entries of an index, in order; empty for an image. An entry may be a blob (BuildKit's cache) or be absent.
    package let entries: [Descriptor]
    package let subject: Descriptor?
    /// `artifactType`, or the config's media type where that is what says it (distribution-spec, "Listing Referrers"). The
    /// bytes alone decide, so it is the same in every repository.
    package let artifactType: String?
    package let annotations: [String: String]

    /// Objects and arrays inside each other. The documents of the specifications have five; parsers go down one call a
    /// level, on whatever stack their thread has.
    package static let depthMax = 64
    /// Values, brackets and commas counted: twice as many as descriptors fit in four mebibytes. A parser spends 150 bytes
    /// and more on each, of which two bytes of text can make one.
    package static let valuesMax = 1 << 18

    package var isIndex: Bool { !entries.isEmpty || mediaType == .ociIndex || mediaType == .dockerList }

    /// Everything that must exist for the manifest to be whole, in document order: config, layers, entries. The subject
    /// is not among them: it may be absent, and it does not depend on its referrer.
    package var references: [Descriptor] { (config.map { [$0] } ?? []) + layers + entries }

    /// The type that only the client said; nil when it is what the bytes say too.
    package var pushedType: MediaType? { mediaType == bodyType ? nil : mediaType }

    /// Reads a manifest from bytes that were pushed.
    ///
    /// - Parameters:
    ///   - contentType: what the client said. Nil when it said nothing, so that the bytes alone decide; so they do for
    ///     untyped bytes under a type that no manifest can have.
    ///   - algorithm: of the digest under which it is addressed.
    /// - Throws: `invalidManifest` when it is no JSON object, or one that is made to hurt, when it is schema 1, when type
    ///   and body contradict each other, or when it has both layers and entries or a name twice, so that two readers could see two images (CVE-2021-41190).
    package init(
        bytes: [UInt8], contentType: MediaType? = nil, algorithm: Digest.Algorithm = .sha256
    ) throws(OCIError) {
        let body = try Self.body(of: bytes)
        if let named = body.namedType, let contentType, named != contentType {
            throw .invalidManifest(reason: "Content-Type \(contentType) but mediaType \(named)")
        }
        let said = contentType.flatMap { $0.canBeManifest ? $0 : nil }
        let mediaType = body.namedType ?? said ?? body.shape
        try Self.checkShape(of: mediaType, body)
        self.init(bytes, algorithm, body, mediaType)
    }

    /// Reads a manifest that lies on the disk, where nobody says a type but the bytes. Those that say none were taken
    /// under a type that a client gave, so nothing is asked of their shape.
    ///
    /// - Throws: `invalidManifest` as above.
    package init(stored bytes: [UInt8], algorithm: Digest.Algorithm) throws(OCIError) {
        let body = try Self.body(of: bytes)
        if let named = body.namedType { try Self.checkShape(of: named, body) }
        self.init(bytes, algorithm, body, Self.type(of: body))
    }

    private init(_ bytes: [UInt8], _ algorithm: Digest.Algorithm, _ body: Body, _ mediaType: MediaType) {
        self.bytes = bytes
        digest = Digest.of(bytes, algorithm)
        self.mediaType = mediaType
        bodyType = Self.type(of: body)
        isUntyped = body.namedType == nil
        config = body.config
        layers = (body.layers ?? []) + (body.blobs ?? [])
        entries = body.manifests ?? []
        subject = body.subject
        artifactType = body.artifactType ?? (bodyType == .ociManifest ? body.config?.mediaType.text : nil)
        annotations = body.annotations ?? [:]
    }

    /// What every manifest must be, whatever its type.
    private static func body(of bytes: [UInt8]) throws(OCIError) -> Body {
        // The decoder would also take UTF-16, UTF-32 and a byte order mark; JSON on the wire is UTF-8 without one
        // (RFC 8259 §8.1), and a client that pulls it could not read it.
        guard let first = bytes.first, first < 0x80, !bytes.contains(0) else {
            throw .invalidManifest(reason: "it is not JSON")
        }
        let outline = JSONOutline(of: bytes)
        guard outline.depth <= depthMax else { throw .invalidManifest(reason: "it nests deeper than \(depthMax)") }
        guard outline.values <= valuesMax else {
            throw .invalidManifest(reason: "it has more than \(valuesMax) values")
        }
        let body: Body
        do {
            body = try JSONDecoder().decode(Body.self, from: Data(bytes))
        } catch {
            throw .invalidManifest(reason: reason(error))
        }
        if let reason = ambiguity(in: bytes, outline) { throw .invalidManifest(reason: reason) }
        guard body.schemaVersion != 1 else { throw .invalidManifest(reason: "schema version 1 is not supported") }
        guard body.manifests == nil || (body.layers == nil && body.config == nil) else {
            throw .invalidManifest(reason: "it has both layers and manifests")
        }
        guard body.namedType?.canBeManifest ?? true else { throw .invalidManifest(reason: "its mediaType is none") }
        return body
    }

    private static func type(of body: Body) -> MediaType {
        if let named = body.namedType { return named }
        do throws(OCIError) {
            try checkShape(of: body.shape, body)
            return body.shape
        } catch {
            return .json
        }
    }

    /// Types we know must have the shape they promise; of others nothing is asked.
    private static func checkShape(of mediaType: MediaType, _ body: Body) throws(OCIError) {
        switch mediaType {
        case .ociManifest, .dockerManifest:
            guard body.schemaVersion == 2 else { throw .invalidManifest(reason: "schemaVersion is not 2") }
            guard body.config != nil else { throw .invalidManifest(reason: "an image manifest without config") }
            guard body.manifests == nil else { throw .invalidManifest(reason: "an image manifest with manifests") }
        case .ociIndex, .dockerList:
            guard body.schemaVersion == 2 else { throw .invalidManifest(reason: "schemaVersion is not 2") }
            guard body.manifests != nil else { throw .invalidManifest(reason: "an index without manifests") }
        default: break
        }
    }

    private struct Body: Decodable {
        var schemaVersion: Int?
        var mediaType: String?
        var artifactType: String?
        var config: Descriptor?
        var layers: [Descriptor]?
        var blobs: [Descriptor]?
        var manifests: [Descriptor]?
        var subject: Descriptor?
        var annotations: [String: String]?

        /// An empty one is none, as distribution reads it.
        var namedType: MediaType? { mediaType.flatMap { $0.isEmpty ? nil : MediaType($0) } }

        var shape: MediaType { manifests != nil ? .ociIndex : .ociManifest }
    }

    /// Characters of a name that an error repeats; names may be as long as the document.
    private static let nameCharactersMax = 64

    /// One line a client can act on, with the path of the offending key where there is one.
    private static func reason(_ error: any Error) -> String {
        func at(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { key in
                key.intValue.map { "[\($0)]" } ?? String(key.stringValue.prefix(nameCharactersMax))
            }
            return path.isEmpty ? "" : " at \(path.joined(separator: "."))"
        }
        return switch error as? DecodingError {
        case .keyNotFound(let key, let context): "\(key.stringValue) is missing\(at(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "a value of the wrong type\(at(context))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is not JSON" : "\(context.debugDescription)\(at(context))"
        default: "it is not JSON"
        }
    }
}
