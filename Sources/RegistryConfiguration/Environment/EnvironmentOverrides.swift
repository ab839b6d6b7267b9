/// The `REGISTRY_*` variables of an environment, which go over the tree of a file. The rules meant below are 1 to 9
/// of `reference/registry.md` §3.2.
///
/// `REGISTRY_HTTP_ADDR=:80` is `http.addr`. Where distribution panics, drops a value or stops at a name that was never
/// meant for it, this does the obvious thing instead; each such place says so.
struct EnvironmentOverrides {
    /// In the order in which they apply.
    private let overrides: [Override]

    /// Names the file instead of a key in it; whoever opens the file reads it.
    private static let pathOfFile = "REGISTRY_CONFIGURATION_PATH"
    private static let prefix = "REGISTRY_"

    /// One variable.
    fileprivate struct Override {
        let name: String
        let components: [String]
        let value: String
    }

    init(_ environment: [String: String]) {
        overrides =
            environment
            .filter { $0.key.hasPrefix(Self.prefix) && $0.key != Self.pathOfFile }
            .map { name, value in
                let components = name.dropFirst(Self.prefix.count).split(
                    separator: "_", omittingEmptySubsequences: false)
                return Override(name: name, components: components.map(String.init), value: value)
            }
            .sorted { $0.components.lexicographicallyPrecedes($1.components, by: Self.precedes) }
    }

    /// Applies every variable.
    ///
    /// - Returns: one line for each that names nothing (rule 7). They are never fatal: container platforms put
    ///   `REGISTRY_PORT=tcp://…` and its like into the environment of anything near a service called registry.
    /// - Throws: for a value that is not YAML, for an element of a list beyond its end, and where the variable reaches
    ///   into something that is not a mapping or list.
    func apply(to tree: inout ConfigurationNode) throws(ConfigurationError) -> [String] {
        var ignored: [String] = []
        for override in overrides {
            let place = Place(path: "", components: override.components[...])
            if let changed = try override.replacing(tree, .registry, at: place) {
                tree = changed
            } else {
                ignored.append("Ignoring unrecognized environment variable \(override.name)")
            }
        }
        return ignored
    }

    /// Rule 1: by name, so that `REGISTRY_STORAGE` comes before `REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY`. Indexes go
    /// by number and before everything else, so that element 10 comes after element 9 and may be appended to it.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        switch (index(left), index(right)) {
        case (let leftIndex?, let rightIndex?): leftIndex < rightIndex
        case (_?, nil): true
        case (nil, _?): false
        case (nil, nil): left < right
        }
    }

    fileprivate static func index(_ component: String) -> Int? {
        component.allSatisfy { $0.isASCII && $0.isWholeNumber } ? Int(component) : nil
    }
}

/// How far a variable's name has been followed.
private struct Place {
    /// The keys so far, for messages.
    var path: String
    /// What is left of the name.
    var components: ArraySlice<String>

    func inside(_ key: String) -> Place {
        Place(path: path.isEmpty ? key : "\(path).\(key)", components: components.dropFirst())
    }

    func inside(_ index: Int) -> Place {
        Place(path: "\(path)[\(index)]", components: components.dropFirst())
    }
}

/// Each returns the node as the variable wants it, or nil if the name leads nowhere.
extension EnvironmentOverrides.Override {
    private var nothing: ConfigurationNode { ConfigurationNode(origin: .variable(name), content: .null) }

    fileprivate func replacing(
        _ node: ConfigurationNode,
        _ schema: ConfigurationSchema,
        at place: Place
    ) throws(ConfigurationError) -> ConfigurationNode? {
        // Rule 5: the value is YAML, so it may be a whole subtree.
        guard let component = place.components.first else { return try ConfigurationNode(yaml: value, variable: name) }
        guard !component.isEmpty else { return nil }
        switch schema {
        case .scalar:
            return nil
        case .list(let element):
            return try replacingElement(of: node, element, at: place, component)
        case .structure(let fields, let ignoresCase):
            guard let field = fields.first(where: { $0.isNamed(by: component, ignoringCase: ignoresCase) }) else {
                return nil
            }
            return try replacingValue(of: field.key, in: node, field.schema, at: place)
        case .mapping(let known, let others):
            return try replacingEntry(of: node, known, others, at: place, component)
        case .choice(let known, let others):
            return try replacingEntry(of: node.spelledOut, known, others, at: place, component)
        case .anything:
            switch node.content {
            case .scalar: return nil
            case .list: return try replacingElement(of: node, .anything, at: place, component)
            case .null, .mapping: return try replacingEntry(of: node, [], .anything, at: place, component)
            }
        }
    }

    /// Rule 4.
    private func replacingEntry(
        of node: ConfigurationNode,
        _ known: [ConfigurationSchema.Field],
        _ others: ConfigurationSchema?,
        at place: Place,
        _ component: String
    ) throws(ConfigurationError) -> ConfigurationNode? {
        let lowercased = component.lowercased()
        let entries = try node.entries(path: place.path)
        let key = entries.first { $0.key.lowercased() == lowercased }?.key ?? lowercased
        let schema = known.first { $0.key == key }?.schema ?? others ?? .anything
        return try replacingValue(of: key, in: node, schema, at: place)
    }

    /// Rule 8: what is not there yet is made on the way, wherever it is.
    private func replacingValue(
        of key: String,
        in node: ConfigurationNode,
        _ schema: ConfigurationSchema,
        at place: Place
    ) throws(ConfigurationError) -> ConfigurationNode? {
        var entries = try node.entries(path: place.path)
        let index = entries.firstIndex { $0.key == key }
        let old = index.map { entries[$0].value } ?? nothing
        guard let new = try replacing(old, schema, at: place.inside(key)) else { return nil }
        if let index {
            entries[index].value = new
        } else {
            entries.append(ConfigurationNode.Entry(key: key, origin: .variable(name), value: new))
        }
        return ConfigurationNode(origin: node.origin, content: .mapping(entries))
    }

    /// Rule 6: an index that is there replaces or enters the element, the next one appends, any later one is an error.
    /// Unlike in 3.x the element may be a scalar or be given as a whole, and unlike in 2.8 it is not ignored.
    private func replacingElement(
        of node: ConfigurationNode,
        _ schema: ConfigurationSchema,
        at place: Place,
        _ component: String
    ) throws(ConfigurationError) -> ConfigurationNode? {
        var elements = try node.elements(path: place.path)
        guard component.allSatisfy({ $0.isASCII && $0.isWholeNumber }) else { return nil }
        guard let index = EnvironmentOverrides.index(component), index <= elements.count else {
            throw .indexOutOfRange(variable: name, path: place.path, index: component, count: elements.count)
        }
        let old = index < elements.count ? elements[index] : nothing
        guard let new = try replacing(old, schema, at: place.inside(index)) else { return nil }
        if index < elements.count {
            elements[index] = new
        } else {
            elements.append(new)
        }
        return ConfigurationNode(origin: node.origin, content: .list(elements))
    }
}
