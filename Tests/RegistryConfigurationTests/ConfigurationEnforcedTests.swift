import RegistryConfiguration
import Testing

/// What Berth does not do, and without which it would be another registry or a more open one, is refused.
@Suite struct ConfigurationEnforcedTests {
    private static let upstream =
        "asks for a cache of another registry, which Berth cannot be yet, so this would be an empty registry that takes"
        + " pushes; remove it"
    private static let middleware =
        "asks for middleware, which Berth has none of, so what it would change or stop would pass; remove it, or set"
        + " disabled: true in it"
    private static let urls =
        "limits where layers may be kept elsewhere, which is not enforced yet, so any URL would be taken; remove it"

    @Test(arguments: [
        ("proxy: {remoteurl: https://registry-1.docker.io}", "proxy.remoteurl", upstream),
        ("middleware: {registry: [{name: a}]}", "middleware.registry[0]", middleware),
        ("middleware: {repository: [{name: a, disabled: true}, {name: b}]}", "middleware.repository[1]", middleware),
        ("middleware: {storage: [{name: cloudfront}]}", "middleware.storage[0]", middleware),
        (
            "policy: {repository: {classes: [image]}}", "policy.repository.classes",
            "limits what may be pushed, which is not enforced yet, so everything could be; remove it"
        ),
        ("validation: {manifests: {urls: {allow: ['^https://a/']}}}", "validation.manifests.urls.allow", urls),
        ("validation: {manifests: {urls: {deny: [a]}}}", "validation.manifests.urls.deny", urls),
        (
            "http: {tls: {clientcas: [a.pem]}}", "http.tls.clientcas",
            "asks clients for certificates, which needs TLS, so everybody would be let in over plain HTTP; set"
                + " http.tls.certificate and http.tls.key"
        ),
        (
            "http: {tls: {certificate: c, key: k, clientauth: require-and-verify-client-cert}}", "http.tls.clientauth",
            "asks for certificates and http.tls.clientcas names nobody who signs them, so everybody would be let in; set"
                + " http.tls.clientcas"
        ),
        (
            "http: {tls: {certificate: c, key: k, clientcas: [a], clientauth: require-any-client-cert}}",
            "http.tls.clientauth",
            "takes certificates that nobody signed; use require-and-verify-client-cert or verify-client-cert-if-given"
        ),
    ])
    func aKeyThatChangesWhatTheRegistryIsIsRefused(text: String, path: String, reason: String) {
        #expect(configurationComplaint(smallestConfiguration + text) == "config.yml:3: \(path) \(reason)")
    }

    @Test func aVariableIsRefusedLikeTheFile() {
        let complaint = configurationComplaint(smallestConfiguration, ["REGISTRY_PROXY_REMOTEURL": "https://a"])
        #expect(complaint == "REGISTRY_PROXY_REMOTEURL: proxy.remoteurl \(Self.upstream)")
    }

    @Test(arguments: [
        "proxy: {remoteurl: ''}", "middleware: {registry: []}",
        "validation: {disabled: true, manifests: {urls: {deny: [a]}}}",
        "http: {tls: {certificate: c, key: k, clientauth: verify-client-cert-if-given}}",
    ])
    func whatChangesNothingIsNotRefused(text: String) {
        #expect(configurationComplaint(smallestConfiguration + text) == nil)
    }

    /// Nobody is served by them.
    @Test(arguments: ["auth: htpasswd", "proxy: {remoteurl: https://a}", "middleware: {registry: [{name: a}]}"])
    func whoLooksAfterTheDataOnlyIsNotRefused(text: String) throws {
        _ = try Configuration.load(
            text: smallestConfiguration + text, file: "config.yml", environment: [:], serves: false)
    }
}
