/// The members of a manifest that the registry acts on, read from its bytes.
///
/// Read as Go's encoding/json reads them into its structures, which is what other registries and most clients do: a member
/// that is null says nothing, as one that is absent, and an annotation that is null is empty. With one difference: a name
/// that differs from one of ours only in case is refused, where Go would take it for ours. What such a client pulls would be
/// nobody's reference here, and a sweep would take it (CVE-2021-41190).
struct ManifestBody {
    var schemaVersion: Int64?
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

    /// It has what only an image has.
    var isImage: Bool { config != nil || layers != nil }

    init(_ bytes: [UInt8]) throws(OCIError) {
        var reader = JSONReader(
            bytes, .init(depthMax: Manifest.depthMax, valuesMax: Manifest.valuesMax))
        do {
            try read(from: &reader)
            try reader.end()
        } catch {
            throw .invalidManifest(reason: error.reason)
        }
    }

    private mutating func read(from reader: inout JSONReader) throws(JSONReader.Fault) {
        var body = ManifestBody()
        try reader.object { reader, name throws(JSONReader.Fault) in
            try JSONNames.require(name)
            if try reader.null() { return }
            switch name {
            case "schemaVersion": body.schemaVersion = try reader.integer()
            case "mediaType": body.mediaType = try reader.string()
            case "artifactType": body.artifactType = try reader.string()
            case "config": body.config = try Descriptor(from: &reader)
            case "layers": body.layers = try Self.descriptors(from: &reader)
            case "blobs": body.blobs = try Self.descriptors(from: &reader)
            case "manifests": body.manifests = try Self.descriptors(from: &reader)
            case "subject": body.subject = try Descriptor(from: &reader)
            case "annotations": body.annotations = try reader.texts()
            default: try reader.skip()
            }
        }
        self = body
    }

    private init() {}

    private static func descriptors(from reader: inout JSONReader) throws(JSONReader.Fault) -> [Descriptor] {
        var list: [Descriptor] = []
        try reader.array { reader throws(JSONReader.Fault) in list.append(try Descriptor(from: &reader)) }
        return list
    }
}

extension Descriptor {
    /// Reads a descriptor. A size that is not said is none, as in Go, where it is zero then; one below zero no content has.
    init(from reader: inout JSONReader) throws(JSONReader.Fault) {
        var digest: Digest?
        var (mediaType, size) = (MediaType(""), Int64(0))
        var (platform, artifactType, annotations) = (Platform?.none, String?.none, [String: String]?.none)
        try reader.object { reader, name throws(JSONReader.Fault) in
            try JSONNames.require(name)
            if try reader.null() { return }
            switch name {
            case "mediaType": mediaType = MediaType(try reader.string())
            case "digest": digest = try Self.digest(from: &reader)
            case "size":
                size = try reader.integer()
                if size < 0 { throw .invalid(reason: "negative size", at: reader.place) }
            case "urls":
                try reader.array { reader throws(JSONReader.Fault) in
                    if try !reader.null() { _ = try reader.string() }
                }
            case "platform": platform = try Platform(from: &reader)
            case "artifactType": artifactType = try reader.string()
            case "annotations": annotations = try reader.texts()
            default: try reader.skip()
            }
        }
        guard let digest else { throw .invalid(reason: "digest is missing", at: reader.place) }
        self.init(
            mediaType: mediaType, digest: digest, size: size, platform: platform, artifactType: artifactType,
            annotations: annotations)
    }

    private static func digest(from reader: inout JSONReader) throws(JSONReader.Fault) -> Digest {
        let text = try reader.string()
        do throws(OCIError) {
            return try Digest(text)
        } catch {
            throw .invalid(reason: error.description, at: reader.place)
        }
    }
}

extension Platform {
    /// Written loosely by builders in the field (BuildKit: `unknown/unknown` and worse): nil where a part is missing.
    fileprivate init?(from reader: inout JSONReader) throws(JSONReader.Fault) {
        var members: [String: String] = [:]
        try reader.object { reader, name throws(JSONReader.Fault) in
            switch name {
            case "os", "architecture", "variant", "os.version":
                if try !reader.null() { members[name] = try reader.string() }
            default: try reader.skip()
            }
        }
        guard let os = members["os"], let architecture = members["architecture"] else { return nil }
        self.init(
            os: os, architecture: architecture, variant: members["variant"], osVersion: members["os.version"])
    }
}

extension JSONReader {
    /// An object of texts; one that is null is empty, as in Go's map.
    fileprivate mutating func texts() throws(Fault) -> [String: String] {
        var texts: [String: String] = [:]
        try object { reader, name throws(Fault) in texts[name] = try reader.null() ? "" : reader.string() }
        return texts
    }
}

/// Names of the members that say what a manifest references, at its top and in its descriptors.
private enum JSONNames {
    private static let known: Set<String> = [
        "schemaVersion", "mediaType", "artifactType", "config", "layers", "blobs", "manifests", "subject", "digest",
        "size",
    ]
    private static let folded = Set(known.map(fold))

    /// Throws for a name that Go's encoding/json would take for one of them (`Unmarshal`).
    static func require(_ name: String) throws(JSONReader.Fault) {
        if !known.contains(name), folded.contains(fold(name)) {
            throw .invalid(reason: "a name differs from one of the specification only in case", at: "")
        }
    }

    /// Up and down again, which also folds the long s as Go does.
    private static func fold(_ name: String) -> String { name.uppercased().lowercased() }
}

extension JSONReader.Fault {
    /// One line a client can act on, with the path of the offending member where there is one.
    var reason: String {
        switch self {
        case .notJSON: "it is not JSON"
        case .tooDeep: "it nests deeper than \(Manifest.depthMax)"
        case .tooManyValues: "it has more than \(Manifest.valuesMax) values"
        case .repeatedName: "a name is repeated in one object"
        case .wrongType(let place): "a value of the wrong type\(Self.at(place))"
        case .invalid(let reason, let place): "\(reason)\(Self.at(place))"
        }
    }

    private static func at(_ place: String) -> String { place.isEmpty ? "" : " at \(place)" }
}
