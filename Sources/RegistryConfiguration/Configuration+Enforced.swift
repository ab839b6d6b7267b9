extension Configuration {
    /// Refuses to serve what would be another registry than its owner asked for, or more open, because Berth does not do
    /// what a key says. Keys whose absence only costs comfort (caches, health checks, reports) are warnings.
    ///
    /// - Parameter root: the top of the configuration.
    static func checkEnforced(_ root: ConfigurationReader) throws(ConfigurationError) {
        try checkAuthentication(root.field("auth"))
        try checkProxy(root.field("proxy"))
        try checkMiddleware(root.field("middleware"))
        try checkPolicy(root.field("policy"))
        try checkValidation(root.field("validation"))
    }

    private static func checkAuthentication(_ auth: ConfigurationReader) throws(ConfigurationError) {
        for method in try auth.spelledOut.entries() where method.key != "none" {
            throw .authenticationNotEnforced(origin: method.origin, method: method.key)
        }
    }

    /// As in distribution it is the URL that makes a cache of a registry.
    private static func checkProxy(_ proxy: ConfigurationReader) throws(ConfigurationError) {
        let upstream = try proxy.field("remoteurl")
        guard try upstream.nonEmptyText() != nil else { return }
        throw .notEnforced(
            origin: upstream.origin, path: upstream.path,
            reason:
                "asks for a cache of another registry, which Berth cannot be yet, so this would be an empty registry"
                + " that takes pushes; remove it")
    }

    private static func checkMiddleware(_ middleware: ConfigurationReader) throws(ConfigurationError) {
        for kind in try middleware.entries() {
            for element in try kind.value.elements() where try !(element.field("disabled").flag() ?? false) {
                throw .notEnforced(
                    origin: element.origin, path: element.path,
                    reason: "asks for middleware, which Berth has none of, so what it would change or stop would pass;"
                        + " remove it, or set disabled: true in it")
            }
        }
    }

    private static func checkPolicy(_ policy: ConfigurationReader) throws(ConfigurationError) {
        let classes = try policy.field("repository").field("classes")
        guard try !classes.texts().isEmpty else { return }
        throw .notEnforced(
            origin: classes.origin, path: classes.path,
            reason: "limits what may be pushed, which is not enforced yet, so everything could be; remove it")
    }

    /// What lets every URL through that distribution looks at.
    private static let everyURL: Set<String> = ["", ".", ".*", ".+", "^", "^.*", "^.*$", "^https?://", "^https?://.*"]

    private static func checkValidation(_ validation: ConfigurationReader) throws(ConfigurationError) {
        guard try !(validation.field("disabled").flag() ?? false) else { return }
        let urls = try validation.field("manifests").field("urls")
        let (allow, deny) = (try urls.field("allow"), try urls.field("deny"))
        let isOpen = try allow.texts().allSatisfy(everyURL.contains)
        guard let limit = isOpen ? (try deny.texts().isEmpty ? nil : deny) : allow else { return }
        throw .notEnforced(
            origin: limit.origin, path: limit.path,
            reason: "limits where layers may be kept elsewhere, which is not enforced yet, so any URL would be taken;"
                + " remove it")
    }
}
