extension Configuration {
    /// Reads a configuration: the text of the file, then the environment over it, then the meaning of the result.
    ///
    /// - Parameters:
    ///   - text: the whole file.
    ///   - file: what messages call the file; nothing is opened.
    ///   - environment: all variables of the process; only those that start with `REGISTRY_` are looked at.
    ///   - serves: whether clients will be served by it. What cannot be enforced among them is no reason to refuse to look
    ///     after the data.
    /// - Throws: the first thing that makes the configuration unusable. What merely does nothing is in ``warnings``.
    package static func load(
        text: String,
        file: String,
        environment: [String: String],
        serves: Bool = true
    ) throws(ConfigurationError) -> Configuration {
        var tree = try ConfigurationNode(yaml: text, file: file)
        try checkVersion(of: tree, file: file)
        let overrides = EnvironmentOverrides(environment)
        let ignored = try overrides.apply(to: &tree)

        let root = ConfigurationReader(tree)
        if serves { try checkEnforced(root) }
        var configuration = Configuration(
            log: try Log(root),
            storage: try Storage(root.field("storage"), file: file),
            http: try HTTP(root.field("http")),
            warnings: (ignored + ConfigurationSchema.registry.warnings(for: tree)).map(\.onOneLine)
        )
        configuration.validation = try Validation(root.field("validation"))
        configuration.limits = try Limits(root)
        configuration.collection = try Collection(root.field("gc"))
        return configuration
    }

    /// The file alone decides its version, as in distribution, where it selects the parser before the environment is
    /// looked at. `REGISTRY_VERSION` therefore means nothing here; compose files use it for the image's tag.
    private static func checkVersion(of tree: ConfigurationNode, file: String) throws(ConfigurationError) {
        let version = try ConfigurationReader(tree).field("version")
        guard let found = try version.text() else { throw .missingVersion(file: file) }
        guard found == Configuration.version else {
            throw .unsupportedVersion(origin: version.origin, found: found)
        }
    }

    /// The data directory that a configuration names, whatever else it says; nil where it keeps its data in something else.
    ///
    /// - Parameter text: the whole file, perhaps of another program.
    package static func rootDirectory(
        _ text: String, _ environment: [String: String]
    ) throws(ConfigurationError) -> String? {
        var tree = try ConfigurationNode(yaml: text, file: "its configuration")
        _ = try EnvironmentOverrides(environment).apply(to: &tree)
        let storage = try ConfigurationReader(tree).field("storage").spelledOut
        guard let driver = try storage.entries().first(where: { $0.key == "filesystem" }) else { return nil }
        return try driver.value.field("rootdirectory").nonEmptyText() ?? Storage.rootDirectoryDefault
    }
}
