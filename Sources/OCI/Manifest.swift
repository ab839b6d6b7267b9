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
        let contentType = contentType.flatMap { $0.text.isEmpty ? nil : $0 }
        if let named = body.namedType, let contentType, named != contentType {
            throw .invalidManifest(reason: "Content-Type \(contentType) but mediaType \(named)")
        }
        let said = contentType.flatMap { $0.canBeManifest ? $0 : nil }
        // That it is JSON says nothing: a client without a better word (`curl --json`) means what the shape says.
        let mediaType = body.namedType ?? (said == .json ? Self.type(of: body) : said) ?? body.shape
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

    private init(_ bytes: [UInt8], _ algorithm: Digest.Algorithm, _ body: ManifestBody, _ mediaType: MediaType) {
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
    private static func body(of bytes: [UInt8]) throws(OCIError) -> ManifestBody {
        let body = try ManifestBody(bytes)
        guard body.schemaVersion != 1 else { throw .invalidManifest(reason: "schema version 1 is not supported") }
        guard body.manifests == nil || !body.isImage else {
            throw .invalidManifest(reason: "it has both layers and manifests")
        }
        guard body.namedType?.canBeManifest ?? true else { throw .invalidManifest(reason: "its mediaType is none") }
        return body
    }

    private static func type(of body: ManifestBody) -> MediaType {
        if let named = body.namedType { return named }
        do throws(OCIError) {
            try checkShape(of: body.shape, body)
            return body.shape
        } catch {
            return .json
        }
    }

    /// Types we know must have the shape they promise; of others nothing is asked.
    private static func checkShape(of mediaType: MediaType, _ body: ManifestBody) throws(OCIError) {
        switch mediaType {
        case .ociManifest, .dockerManifest:
            guard body.schemaVersion == 2 else { throw .invalidManifest(reason: "schemaVersion is not 2") }
            guard body.config != nil else { throw .invalidManifest(reason: "an image manifest without config") }
            guard body.manifests == nil else { throw .invalidManifest(reason: "an image manifest with manifests") }
        case .ociIndex, .dockerList:
            guard body.schemaVersion == 2 else { throw .invalidManifest(reason: "schemaVersion is not 2") }
            // One that lists nothing is one, written as null or not at all; an image under its type is none.
            guard !body.isImage else { throw .invalidManifest(reason: "an index without manifests") }
        default: break
        }
    }
}
