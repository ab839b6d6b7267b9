/// Why a text or a document is not one of the specification's values. The evidence is the offending text, cut to what
/// an error line can carry.
package enum OCIError: Error, Equatable, Sendable, CustomStringConvertible {
    case invalidDigest(String)
    case invalidRepositoryName(String)
    case invalidTag(String)
    case invalidReference(String)
    case invalidManifest(reason: String)

    package var description: String {
        switch self {
        case .invalidDigest(let text): "not a digest of the form sha256:<64 hex> or sha512:<128 hex>: \(Self.cut(text))"
        case .invalidRepositoryName(let text): "not a repository name: \(Self.cut(text))"
        case .invalidTag(let text): "not a tag: \(Self.cut(text))"
        case .invalidReference(let text): "not an image reference: \(Self.cut(text))"
        case .invalidManifest(let reason): "manifest invalid: \(reason)"
        }
    }

    /// At most 128 characters, control characters replaced: the text came from outside and goes to logs and terminals.
    private static func cut(_ text: String) -> String {
        let safe = text.unicodeScalars.prefix(128).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        return "\"" + String(String.UnicodeScalarView(safe)) + "\""
    }
}
