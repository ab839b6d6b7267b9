import RegistryConfiguration
import Testing

/// What a variable breaks is said by its name; there is no line to point at.
@Suite struct ConfigurationEnvironmentErrorTests {
    @Test(arguments: [
        ("REGISTRY_HTTP_ADDR", "[1]", "REGISTRY_HTTP_ADDR: http.addr must be text, found a list"),
        ("REGISTRY_HTTP", ":80", "REGISTRY_HTTP: http must be a mapping, found \":80\""),
        (
            "REGISTRY_LOG_LEVEL", "x",
            "REGISTRY_LOG_LEVEL: log.level must be one of error, warn, info, debug, trace, found \"x\""
        ),
        ("REGISTRY_HTTP_HEADERS_A", "b", "REGISTRY_HTTP_HEADERS_A: http.headers.a must be a list, found \"b\""),
        (
            "REGISTRY_HTTP", "{addr: a, addr: b}",
            "REGISTRY_HTTP: the key \"addr\" is given more than once in one mapping; keep one"
        ),
        (
            "REGISTRY_HTTP_TLS_KEY", "k",
            "REGISTRY_HTTP_TLS_KEY: http.tls.key is set and http.tls.certificate is not; set both, or neither for plain HTTP"
        ),
        ("REGISTRY_STORAGE_RADOS_POOL", "p", nil),
    ])
    func errorsNameTheVariable(variable: String, value: String, expected: String?) throws {
        let line = try #require(configurationComplaint(smallestConfiguration, [variable: value]))
        #expect(line.contains(variable))
        if let expected { #expect(line == expected) }
    }

    @Test func aVariableThatReachesIntoTextNamesTheText() {
        #expect(
            configurationComplaint("version: 0.1\nstorage: inmemory\nhttp: 80", ["REGISTRY_HTTP_ADDR": ":1"])
                == "config.yml:3: http must be a mapping, found \"80\""
        )
    }

    @Test(arguments: [
        ("REGISTRY_AUTH", "htpasswd", "htpasswd"), ("REGISTRY_AUTH_HTPASSWD_REALM", "r", "htpasswd"),
        ("REGISTRY_AUTH", "{token: {realm: r}}", "token"),
    ])
    func authenticationFromTheEnvironmentIsRefused(variable: String, value: String, method: String) {
        #expect(
            throws: ConfigurationError.authenticationNotEnforced(origin: .variable(variable), method: method)
        ) {
            try loadConfiguration(smallestConfiguration, [variable: value])
        }
    }

    @Test func authenticationOfTheFileMayBeTakenBack() throws {
        let text = smallestConfiguration + "auth: {htpasswd: {realm: r}}"
        #expect(try loadConfiguration(text, ["REGISTRY_AUTH": "none"]).warnings == [])
    }
}
