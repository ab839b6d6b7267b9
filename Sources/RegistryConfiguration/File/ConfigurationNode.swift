/// A value of the configuration before it means anything: YAML's tree, in which every part knows where it was said.
///
/// It exists beside Yams' own tree because a value may come from a variable as well as from a line of the file.
struct ConfigurationNode: Equatable, Sendable {
    var origin: ConfigurationOrigin
    var content: Content

    enum Content: Equatable, Sendable {
        /// Nothing, `~` or `null`: the same as an absent key.
        case null
        case scalar(String)
        case list([ConfigurationNode])
        /// In the order of the file; no key twice.
        case mapping([Entry])
    }

    struct Entry: Equatable, Sendable {
        var key: String
        /// Where the key stands; the value may have been replaced by a variable since.
        var origin: ConfigurationOrigin
        var value: ConfigurationNode
    }

    /// The node with a lone word turned into the mapping it abbreviates: `storage: inmemory` is
    /// `storage: {inmemory: }`, and the same for `auth`.
    var spelledOut: ConfigurationNode {
        guard case .scalar(let name) = content, !name.isEmpty else { return self }
        let entry = Entry(key: name, origin: origin, value: ConfigurationNode(origin: origin, content: .null))
        return ConfigurationNode(origin: origin, content: .mapping([entry]))
    }

    /// The entries of a mapping, none where there is nothing.
    func entries(path: String) throws(ConfigurationError) -> [Entry] {
        switch content {
        case .null: return []
        case .mapping(let entries): return entries
        case .scalar, .list: throw wrongType(path: path, expected: "a mapping")
        }
    }

    /// The elements of a list, none where there is nothing.
    func elements(path: String) throws(ConfigurationError) -> [ConfigurationNode] {
        switch content {
        case .null: return []
        case .list(let elements): return elements
        case .scalar, .mapping: throw wrongType(path: path, expected: "a list")
        }
    }

    func wrongType(path: String, expected: String) -> ConfigurationError {
        .wrongType(origin: origin, path: path, found: found, expected: expected)
    }

    /// What stands here, as a message says it.
    var found: String {
        switch content {
        case .null: "nothing"
        case .scalar(let text): text.quotedForMessage
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}
