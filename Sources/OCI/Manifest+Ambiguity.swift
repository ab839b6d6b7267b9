import Foundation

extension Manifest {
    /// Names of the members that say what a manifest references, at its top and in its descriptors.
    private static let namesThatReference: Set<String> = [
        "schemaVersion", "mediaType", "artifactType", "config", "layers", "blobs", "manifests", "subject", "digest",
        "size",
    ]
    private static let foldedNames = Set(namesThatReference.map(fold))

    /// Why two readers of the document could see two manifests; nil when they cannot.
    ///
    /// Of a repeated name our decoder takes the first and Go's the last, and Go's, which most clients use, also takes
    /// `Layers` for `layers` (encoding/json, `Unmarshal`). What such a client pulls would be nobody's reference here, and
    /// a sweep would take it. RFC 8259 §4 leaves the meaning of repeated names open, so refusing them is free.
    ///
    /// - Parameters:
    ///   - bytes: JSON that decodes.
    ///   - outline: of the same bytes.
    static func ambiguity(in bytes: [UInt8], _ outline: JSONOutline) -> String? {
        guard let tree = try? JSONSerialization.jsonObject(with: Data(bytes)) else { return "it is not JSON" }
        guard outline.members == memberCount(of: tree) else { return "a name is repeated in one object" }
        guard let top = tree as? [String: Any] else { return nil }
        let lists = ["layers", "blobs", "manifests"].flatMap { top[$0] as? [Any] ?? [] }
        let single = ["config", "subject"].compactMap { top[$0] }
        for object in [top] + (single + lists).compactMap({ $0 as? [String: Any] }) {
            for name in object.keys where !namesThatReference.contains(name) && foldedNames.contains(fold(name)) {
                return "a name differs from one of the specification only in case"
            }
        }
        return nil
    }

    /// Up and down again, which also folds the long s as Go does.
    private static func fold(_ name: String) -> String { name.uppercased().lowercased() }

    /// Members of all objects as read. The depth is bounded.
    private static func memberCount(of value: Any) -> Int {
        switch value {
        case let object as [String: Any]: object.values.reduce(object.count) { $0 + memberCount(of: $1) }
        case let array as [Any]: array.reduce(0) { $0 + memberCount(of: $1) }
        default: 0
        }
    }
}
