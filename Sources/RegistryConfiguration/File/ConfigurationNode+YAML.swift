import Yams

extension ConfigurationNode {
    /// How many values a text may hold once its aliases are followed. A page of nested aliases stands for billions;
    /// the largest configuration anybody needs has a few hundred.
    static let valuesMax = 100_000

    /// What a YAML text comes from.
    private enum Source {
        case file(String)
        case variable(String)

        func origin(_ mark: Mark?) -> ConfigurationOrigin {
            switch self {
            case .file(let name): .file(name, line: mark?.line ?? 1)
            case .variable(let name): .variable(name)
            }
        }

        func malformed(_ problem: String, at mark: Mark?) -> ConfigurationError {
            malformed(problem, line: mark?.line ?? 1, column: mark?.column ?? 1)
        }

        func malformed(_ problem: String, line: Int, column: Int) -> ConfigurationError {
            switch self {
            case .file(let name):
                .malformed(file: name, line: line, column: column, problem: problem)
            case .variable(let name):
                .malformedVariable(name: name, problem: problem)
            }
        }
    }

    /// The tree of a configuration file. An empty text is a null node. A byte order mark, which editors on Windows
    /// put in front and libyaml takes for content, is left out.
    init(yaml text: String, file: String) throws(ConfigurationError) {
        let content = text.unicodeScalars.drop { $0 == "\u{FEFF}" }
        try self.init(yaml: String(content), source: .file(file))
    }

    /// The tree of a variable's value: rule 5 of §3.2.
    init(yaml text: String, variable: String) throws(ConfigurationError) {
        try self.init(yaml: text, source: .variable(variable))
    }

    private init(yaml text: String, source: Source) throws(ConfigurationError) {
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch let error as YamlError {
            throw ConfigurationNode.translate(error, text: text, source: source)
        } catch {
            throw source.malformed("\(error)", at: nil)
        }
        guard let root else {
            self.init(origin: source.origin(nil), content: .null)
            return
        }
        var valuesLeft = ConfigurationNode.valuesMax
        try self.init(root, source: source, valuesLeft: &valuesLeft)
    }

    private init(_ node: Node, source: Source, valuesLeft: inout Int) throws(ConfigurationError) {
        valuesLeft -= 1
        guard valuesLeft >= 0 else {
            throw source.malformed("more than \(ConfigurationNode.valuesMax) values", at: node.mark)
        }
        let content: Content
        switch node {
        case .scalar(let scalar):
            content = scalar.isNull ? .null : .scalar(scalar.string)
        case .sequence(let sequence):
            var elements: [ConfigurationNode] = []
            for element in sequence {
                elements.append(try ConfigurationNode(element, source: source, valuesLeft: &valuesLeft))
            }
            content = .list(elements)
        case .mapping(let mapping):
            content = .mapping(try Self.entries(of: mapping, source: source, valuesLeft: &valuesLeft))
        case .alias(let alias):
            throw source.malformed("an alias that refers to nothing", at: alias.mark)
        }
        self.init(origin: source.origin(node.mark), content: content)
    }

    /// The entries of a mapping, with those that `<<` merges into it behind its own, which win.
    private static func entries(
        of mapping: Node.Mapping,
        source: Source,
        valuesLeft: inout Int
    ) throws(ConfigurationError) -> [Entry] {
        var own: [Entry] = []
        var merged: [Entry] = []
        var keys: Set<String> = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                throw source.malformed("a key must be plain text", at: key.mark)
            }
            let value = try ConfigurationNode(value, source: source, valuesLeft: &valuesLeft)
            if scalar.style == .plain, scalar.string == "<<" {
                merged += try mergedEntries(of: value)
                continue
            }
            let origin = source.origin(scalar.mark)
            guard keys.insert(scalar.string).inserted else {
                throw .duplicateKey(origin: origin, key: scalar.string)
            }
            own.append(Entry(key: scalar.string, origin: origin, value: value))
        }
        return own + merged.filter { keys.insert($0.key).inserted }
    }

    /// What follows `<<`: one mapping, or a list of them of which the earlier win.
    private static func mergedEntries(of value: ConfigurationNode) throws(ConfigurationError) -> [Entry] {
        guard case .list(let mappings) = value.content else { return try value.entries(path: "<<") }
        var entries: [Entry] = []
        for mapping in mappings {
            entries += try mapping.entries(path: "<<")
        }
        return entries
    }

    /// A parser's error in one line. Values are not repeated: they may be secrets.
    private static func translate(_ error: YamlError, text: String, source: Source) -> ConfigurationError {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            guard let context else { return source.malformed(problem, at: mark) }
            return source.malformed("\(problem) \(context.text) that begins on line \(context.mark.line)", at: mark)
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.count { $0.isNewline } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            return source.malformed(problem, line: line, column: column)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return .duplicateKey(origin: source.origin(context.mark), key: duplicates.first ?? "")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return source.malformed("\(error)", at: nil)
        }
    }
}

extension Node.Scalar {
    /// YAML's spellings of nothing; in quotes they are text.
    fileprivate var isNull: Bool {
        style == .plain && ["", "~", "null", "Null", "NULL"].contains(string)
    }
}
