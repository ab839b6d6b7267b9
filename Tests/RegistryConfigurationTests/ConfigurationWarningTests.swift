import RegistryConfiguration
import Testing

/// What is asked for and will not happen is said once.
@Suite struct ConfigurationWarningTests {
    /// One key per line, from line 3 on: everything distribution knows that does nothing yet.
    @Test(arguments: [
        ("middleware: {storage: [{name: cloudfront, disabled: true}]}", "middleware"),
        ("notifications: {endpoints: [{name: a, url: b}]}", "notifications"),
        ("redis: {addrs: [a]}", "redis"),
        ("redis: {addr: a, pool: {maxidle: 1}}", "redis"),
        ("health: {storagedriver: {enabled: true}}", "health"),
        ("proxy: {ttl: 1h}", "proxy"),
        ("validation: {manifests: {urls: {allow: [.*]}}}", "validation.manifests.urls"),
        ("validation: {manifests: {urls: {deny: []}}}", "validation.manifests.urls"),
        ("policy: {repository: {classes: []}}", "policy"),
        ("reporting: {bugsnag: {apikey: a}}", "reporting"),
        ("compatibility: {schema1: {enabled: true}}", "compatibility"),
        ("log: {hooks: [{type: mail}]}", "log.hooks"),
        ("log: {reportcaller: true}", "log.reportcaller"),
        ("http: {tls: {letsencrypt: {email: a}}}", "http.tls.letsencrypt"),
    ])
    func aKnownKeyWithoutEffectIsNamedOnce(text: String, key: String) throws {
        #expect(
            try loadConfiguration(smallestConfiguration + text).warnings == ["config.yml:3: \(key) has no effect yet"]
        )
    }

    @Test func optionsOfStorageWithoutEffectAreNamed() throws {
        let warnings = try loadConfiguration(
            """
            version: 0.1
            storage:
              inmemory:
              cache: {blobdescriptor: inmemory, layerinfo: inmemory}
              redirect: {disable: true}
              tag: {concurrencylimit: 5}
            """
        ).warnings
        #expect(
            warnings == [
                "config.yml:4: storage.cache has no effect yet",
                "config.yml:5: storage.redirect has no effect yet",
                "config.yml:6: storage.tag has no effect yet",
            ]
        )
    }

    @Test func theLineIsTheKeysAndTheFileAndTheEnvironmentAreOneWarning() throws {
        let text = smallestConfiguration + "\n# webhooks\nnotifications:\n\n  endpoints: []"
        #expect(
            try loadConfiguration(
                text, ["REGISTRY_NOTIFICATIONS_ENDPOINTS_0_NAME": "a", "REGISTRY_LOG_REPORTCALLER": "true"]
            ).warnings
                == [
                    "config.yml:5: notifications has no effect yet",
                    "REGISTRY_LOG_REPORTCALLER: log.reportcaller has no effect yet",
                ]
        )
    }

    @Test func severalVariablesOfOneSectionAreOneWarning() throws {
        let environment = ["REGISTRY_PROXY_USERNAME": "u", "REGISTRY_PROXY_PASSWORD": "r", "REGISTRY_PROXY_TTL": "1h"]
        #expect(
            try loadConfiguration(smallestConfiguration, environment).warnings == [
                "REGISTRY_PROXY_PASSWORD: proxy has no effect yet"
            ]
        )
    }

    @Test(arguments: [
        ("htttp: {addr: a}", "htttp"),
        ("http: {adr: a}", "http.adr"),
        ("Http: {addr: a}", "Http"),
        ("http: {tls: {cert: a}}", "http.tls.cert"),
        ("log: {accesslog: {enabled: true}}", "log.accesslog.enabled"),
        ("nothing:", "nothing"),
        ("\"a\\nb\\u001b[31m\": 1", "a\\nb\\u{1B}[31m"),
    ])
    func anUnknownKeyIsNamed(text: String, key: String) throws {
        let configuration = try loadConfiguration(smallestConfiguration + text)
        #expect(configuration.warnings == ["config.yml:3: unknown key \(key), ignored"])
        #expect(configuration.http == .init())
    }

    @Test func unknownKeysOfStorageAreNamed() throws {
        let warnings = try loadConfiguration(
            """
            version: 0.1
            storage:
              filesystem:
                root: /r
              delete: {enable: true}
              maintenance:
                uploadpurging: {enabled: true, older: 1h}
                readonly: {enabled: false, since: now}
                other: 1
            """,
            ["REGISTRY_STORAGE_FILESYSTEM_PATH": "/r"]
        ).warnings
        #expect(
            warnings == [
                "config.yml:4: unknown key storage.filesystem.root, ignored",
                "REGISTRY_STORAGE_FILESYSTEM_PATH: unknown key storage.filesystem.path, ignored",
                "config.yml:5: unknown key storage.delete.enable, ignored",
                "config.yml:7: unknown key storage.maintenance.uploadpurging.older, ignored",
                "config.yml:8: unknown key storage.maintenance.readonly.since, ignored",
                "config.yml:9: unknown key storage.maintenance.other, ignored",
            ]
        )
    }

    @Test func anEmptySectionIsNotAWarning() throws {
        #expect(try loadConfiguration(smallestConfiguration + "health:\nproxy: ~").warnings == [])
    }

    @Test func cipherSuitesAreRead() throws {
        let name = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        let configuration = try loadConfiguration(
            smallestConfiguration + "http: {tls: {certificate: c, key: k, ciphersuites: [\(name)]}}")
        #expect(configuration.http.tls?.cipherSuites.map(\.text) == [name])
        #expect(configuration.warnings == [])
    }
}
