/// The shape of one place in `config.yml`, as far as distribution knows it.
///
/// The shape decides three things the tree of a file cannot: which variable reaches which key (§3.2, rules 2 to 6),
/// which keys are unknown, and which are known but do nothing yet.
indirect enum ConfigurationSchema: Sendable {
    /// Text, number, boolean or duration; the reader of the value decides which.
    case scalar
    case list(of: ConfigurationSchema)
    /// A Go struct: fixed keys. A variable must name them in upper case (rule 3), save where Go inlined a struct of
    /// another package, which its parser matches in any case.
    case structure([Field], ignoresCase: Bool = false)
    /// A Go map: a variable matches the keys that are there in any case and stores new ones in lower case (rule 4).
    /// Keys that are not `known` have the shape `others`; where that is nil they are unknown.
    case mapping(known: [Field], others: ConfigurationSchema?)
    /// A map that may be one word instead: `storage` and `auth`.
    case choice(known: [Field], others: ConfigurationSchema?)
    /// Whatever is there: the parameters of a driver, the options of a middleware.
    case anything

    /// A key and what lies under it.
    struct Field: Sendable {
        /// As in the file.
        let key: String
        /// What a variable may call it: the Go field's name in upper case (rule 2), which in all but a few places is
        /// the key in upper case, and the key itself, which distribution ignores where they differ and everybody
        /// tries first. Empty where no variable reaches.
        let variableComponents: [String]
        /// Whether Berth acts on it. What lies under a field that is not acted on is not looked at.
        let takesEffect: Bool
        let schema: ConfigurationSchema

        private init(
            _ key: String,
            _ schema: ConfigurationSchema,
            variableComponents: [String],
            takesEffect: Bool
        ) {
            self.key = key
            self.variableComponents = variableComponents
            self.takesEffect = takesEffect
            self.schema = schema
        }

        /// A field that Berth acts on. `variable` is given where the Go field is not called like the key.
        static func field(
            _ key: String,
            _ schema: ConfigurationSchema = .scalar,
            variable: String? = nil
        ) -> Field {
            let components = [key.uppercased()] + (variable.map { [$0] } ?? [])
            return Field(key, schema, variableComponents: components, takesEffect: true)
        }

        /// A field that Berth knows and does not act on.
        static func later(_ key: String, _ schema: ConfigurationSchema = .scalar) -> Field {
            Field(key, schema, variableComponents: [key.uppercased()], takesEffect: false)
        }

        /// A field that Berth acts on and only the file can set.
        static func ofFile(_ key: String) -> Field {
            Field(key, .scalar, variableComponents: [], takesEffect: true)
        }

        func isNamed(by component: String, ignoringCase: Bool) -> Bool {
            variableComponents.contains(ignoringCase ? component.uppercased() : component)
        }
    }

    /// A struct of scalars only.
    static func scalars(_ keys: String...) -> ConfigurationSchema {
        .structure(keys.map { Field.field($0) })
    }

    static let texts = ConfigurationSchema.list(of: .scalar)
}

extension ConfigurationSchema {
    /// One line for each key of `node` that does nothing: the top-most one only, and each once.
    func warnings(for node: ConfigurationNode, path: String = "") -> [String] {
        switch (self, node.content) {
        case (.structure(let fields, _), .mapping(let entries)):
            entries.flatMap { warnings(for: $0, known: fields, others: nil, path: path) }
        case (.mapping(let fields, let others), .mapping(let entries)),
            (.choice(let fields, let others), .mapping(let entries)):
            entries.flatMap { warnings(for: $0, known: fields, others: others, path: path) }
        case (.list(let schema), .list(let elements)):
            elements.enumerated().flatMap { schema.warnings(for: $1, path: "\(path)[\($0)]") }
        default:
            []
        }
    }

    private func warnings(
        for entry: ConfigurationNode.Entry,
        known: [Field],
        others: ConfigurationSchema?,
        path: String
    ) -> [String] {
        let key = entry.key.shortenedForMessage
        let path = path.isEmpty ? key : "\(path).\(key)"
        guard let field = known.first(where: { $0.key == entry.key }) else {
            guard let others else { return ["\(entry.origin): unknown key \(path), ignored"] }
            return others.warnings(for: entry.value, path: path)
        }
        guard entry.value.content != .null else { return [] }
        guard field.takesEffect else { return ["\(entry.origin): \(path) has no effect yet"] }
        return field.schema.warnings(for: entry.value, path: path)
    }
}
