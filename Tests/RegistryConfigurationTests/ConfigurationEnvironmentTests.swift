import RegistryConfiguration
import Testing

/// `REGISTRY_*` over the file, rule by rule as in §3.2.
@Suite struct ConfigurationEnvironmentTests {
    private static let drivers = "use one of filesystem, inmemory"

    @Test func rule1VariablesApplySortedByName() throws {
        // The whole subtree first, then what lies in it; the other way round would lose the header and the address.
        let http = try loadConfiguration(
            smallestConfiguration,
            [
                "REGISTRY_HTTP_HEADERS_B": "[2]",
                "REGISTRY_HTTP_HEADERS": "{A: ['1']}",
                "REGISTRY_HTTP_ADDR": ":2",
                "REGISTRY_HTTP": "{addr: ':1', secret: s}",
            ]
        ).http
        #expect(http.headers == ["A": ["1"], "b": ["2"]])
        #expect(http.addr == ":2")
        #expect(http.secret == "s")
    }

    @Test func rule1OnlyTheWholePrefixCounts() throws {
        let environment = ["REGISTRY": "x", "REGISTRYHTTP_ADDR": ":1", "registry_HTTP_ADDR": ":1", "PATH": "/bin"]
        let configuration = try loadConfiguration(smallestConfiguration, environment)
        #expect(configuration == Configuration(storage: .init(driver: .inMemory)))
    }

    /// The Go field's name, and the YAML key where that is another.
    @Test(arguments: [
        ("REGISTRY_HEALTH_FILECHECKERS_0_FILE", "health"), ("REGISTRY_HEALTH_FILE_0_FILE", "health"),
        ("REGISTRY_HEALTH_HTTPCHECKERS_0_URI", "health"), ("REGISTRY_HEALTH_HTTP_0_URI", "health"),
        ("REGISTRY_HEALTH_TCPCHECKERS_0_ADDR", "health"), ("REGISTRY_HEALTH_TCP_0_ADDR", "health"),
        ("REGISTRY_NOTIFICATIONS_EVENTCONFIG_INCLUDEREFERENCES", "notifications"),
        ("REGISTRY_NOTIFICATIONS_EVENTS_INCLUDEREFERENCES", "notifications"),
        ("REGISTRY_LOG_HOOKS_0_MAILOPTIONS_SMTP_ADDR", "log.hooks"), ("REGISTRY_LOG_HOOKS_0_OPTIONS_FROM", "log.hooks"),
        ("REGISTRY_COMPATIBILITY_SCHEMA1_TRUSTKEY", "compatibility"),
        ("REGISTRY_COMPATIBILITY_SCHEMA1_SIGNINGKEYFILE", "compatibility"),
    ])
    func rule2GoFieldNamesAndYAMLKeysReachTheSameKey(variable: String, key: String) throws {
        #expect(
            try loadConfiguration(smallestConfiguration, [variable: "x"]).warnings == [
                "\(variable): \(key) has no effect yet"
            ])
    }

    @Test func rule2BothSpellingsMeetInOneKey() throws {
        let text = smallestConfiguration + "health:\n  file:\n    - {file: /a}"
        #expect(
            try loadConfiguration(text, ["REGISTRY_HEALTH_FILECHECKERS_1_FILE": "/b"]).warnings
                == ["config.yml:3: health has no effect yet"]
        )
        #expect(
            configurationComplaint(text, ["REGISTRY_HEALTH_FILECHECKERS_2_FILE": "/b"])
                == "REGISTRY_HEALTH_FILECHECKERS_2_FILE: health.file has no element 2; the next free index is 1"
        )
    }

    @Test(arguments: ["REGISTRY_http_addr", "REGISTRY_HTTP_addr", "REGISTRY_Http_ADDR"])
    func rule3FieldsMustBeUpperCase(variable: String) throws {
        let configuration = try loadConfiguration(smallestConfiguration, [variable: ":1"])
        #expect(configuration.http.addr == ":5000")
        #expect(configuration.warnings == ["Ignoring unrecognized environment variable \(variable)"])
    }

    @Test(arguments: ["REGISTRY_REDIS_poolsize", "REGISTRY_REDIS_PoolSize", "REGISTRY_REDIS_POOLSIZE"])
    func rule3OptionsOfRedisMayBeInAnyCase(variable: String) throws {
        #expect(
            try loadConfiguration(smallestConfiguration, [variable: "5"]).warnings == [
                "\(variable): redis has no effect yet"
            ])
    }

    @Test func rule4KeysOfMapsMatchInAnyCaseAndNewOnesAreLowerCase() throws {
        let text = smallestConfiguration + "http: {headers: {X-Frame: [a]}}\nlog: {fields: {Service: a}}"
        let configuration = try loadConfiguration(
            text,
            [
                "REGISTRY_HTTP_HEADERS_X-FRAME": "[b]",
                "REGISTRY_HTTP_HEADERS_X-New": "[c]",
                "REGISTRY_LOG_FIELDS_SERVICE": "b",
                "REGISTRY_LOG_FIELDS_ZONE": "c",
                "REGISTRY_STORAGE_Delete_enabled": "true",
            ]
        )
        #expect(configuration.http.headers == ["X-Frame": ["b"], "x-new": ["c"]])
        #expect(configuration.log.fields == ["Service": "b", "zone": "c"])
        #expect(configuration.storage.deleteEnabled)
        #expect(configuration.warnings == [])
    }

    @Test(arguments: [
        ("true", true), ("'true'", true), ("\"yes\"", true), ("on", true), ("false", false), ("", false), ("~", false),
    ])
    func rule5ValuesAreYAML(value: String, expected: Bool) throws {
        let configuration = try loadConfiguration(smallestConfiguration, ["REGISTRY_STORAGE_DELETE_ENABLED": value])
        #expect(configuration.storage.deleteEnabled == expected)
    }

    @Test func rule5AWholeSubtreeReplacesTheFiles() throws {
        let text =
            smallestConfiguration + "http: {addr: ':1', secret: s, tls: {certificate: c, key: k, clientcas: [a]}}"
        let http = try loadConfiguration(
            text,
            ["REGISTRY_HTTP_TLS": "{certificate: d, key: l}", "REGISTRY_HTTP_SECRET": "", "REGISTRY_HTTP_ADDR": ":0"]
        ).http
        #expect(http.tls == Configuration.TLS(certificate: "d", key: "l"))
        #expect(http.secret == nil)
        #expect(http.addr == ":0")
    }

    @Test func rule5OneWordIsADriverWithoutParameters() throws {
        let text = "version: 0.1\nstorage: {s3: {bucket: b}, delete: {enabled: true}}"
        let storage = try loadConfiguration(text, ["REGISTRY_STORAGE": "inmemory"]).storage
        // As in distribution the whole section is replaced, its options included.
        #expect(storage == .init(driver: .inMemory))
        let parameters = ["REGISTRY_STORAGE": "filesystem", "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/r"]
        #expect(
            try loadConfiguration(text, parameters).storage.driver == .filesystem(rootDirectory: "/r", maxThreads: 100))
    }

    @Test(arguments: ["{a: b", "*secret", "%x", "a: b: c", "[a]]", "@x"])
    func rule5AValueThatIsNotYAMLNamesTheVariableAndKeepsTheSecret(value: String) throws {
        let line = try #require(configurationComplaint(smallestConfiguration, ["REGISTRY_HTTP_SECRET": value]))
        #expect(line.hasPrefix("REGISTRY_HTTP_SECRET: the value is not valid YAML: "))
        #expect(!line.contains(value))
    }

    private static let certificates = smallestConfiguration + "http: {tls: {certificate: c, key: k, clientcas: [a, b]}}"

    @Test(arguments: [
        (["_0": "x"], ["x", "b"]),
        (["_2": "x"], ["a", "b", "x"]),
        (["": "[x]"], ["x"]),
        (["": "[x]", "_1": "y"], ["x", "y"]),
        (["": "[]"], []),
        (
            Dictionary(uniqueKeysWithValues: (2...11).map { ("_\($0)", "n\($0)") }),
            ["a", "b", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10", "n11"]
        ),
    ])
    func rule6ElementsOfListsByIndex(values: [String: String], expected: [String]) throws {
        let environment = values.reduce(into: [:]) { $0["REGISTRY_HTTP_TLS_CLIENTCAS" + $1.key] = $1.value }
        #expect(try loadConfiguration(Self.certificates, environment).http.tls?.clientCAs.map(\.text) == expected)
    }

    @Test(arguments: ["_0='{name: x}'", "_0_NAME=x", "_0_HEADERS_X_0=x", "=[{name: x}]", "_0_IGNORE_ACTIONS_0=pull"])
    func rule6ElementsMayBeWholeOrEntered(assignment: String) throws {
        let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let variable = "REGISTRY_NOTIFICATIONS_ENDPOINTS" + parts[0]
        #expect(
            try loadConfiguration(smallestConfiguration, [variable: String(parts[1])]).warnings
                == ["\(variable): notifications has no effect yet"]
        )
    }

    @Test(arguments: [("3", "3"), ("99", "99"), ("99999999999999999999", "99999999999999999999")])
    func rule6BeyondTheEndIsAnError(index: String, shown: String) {
        #expect(
            configurationComplaint(Self.certificates, ["REGISTRY_HTTP_TLS_CLIENTCAS_\(index)": "x"])
                == "REGISTRY_HTTP_TLS_CLIENTCAS_\(index): http.tls.clientcas has no element \(shown); the next free index"
                + " is 2"
        )
    }

    @Test(arguments: [
        "REGISTRY_PORT", "REGISTRY_PORT_5000_TCP", "REGISTRY_SERVICE_HOST", "REGISTRY_SERVICE_PORT", "REGISTRY_",
        "REGISTRY_HTTP_BOGUS", "REGISTRY_HTTP_", "REGISTRY_HTTP__ADDR", "REGISTRY__HTTP", "REGISTRY_HTTP_SECRET_FILE",
        "REGISTRY_NOTIFICATIONS_ENDPOINTS_X", "REGISTRY_HTTP_TLS_CLIENTCAS_", "REGISTRY_VERSION",
        "REGISTRY_HTTP_TLS_CLIENTCAS_-1",
    ])
    func rule7UnknownNamesAreWarnedAboutAndNeverFatal(variable: String) throws {
        // Not YAML: the value of what is ignored is not looked at.
        let configuration = try loadConfiguration(smallestConfiguration, [variable: "tcp://10.0.0.1:5000 {"])
        #expect(configuration.http == .init())
        #expect(configuration.warnings == ["Ignoring unrecognized environment variable \(variable)"])
    }

    @Test func rule7ThePathOfTheFileIsNoOverride() throws {
        #expect(
            try loadConfiguration(smallestConfiguration, ["REGISTRY_CONFIGURATION_PATH": "/etc/x.yml"]).warnings == [])
    }

    @Test(arguments: ["", "log:\nhttp:\n", "log: ~\nhttp: {tls: , headers: ~}\n", "log: {fields: }\n"])
    func rule8WhatIsNotThereIsMadeOnTheWay(text: String) throws {
        let configuration = try loadConfiguration(
            "version: 0.1\n" + text,
            [
                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/r",
                "REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED": "true",
                "REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_AGE": "1h",
                "REGISTRY_HTTP_TLS_CERTIFICATE": "c",
                "REGISTRY_HTTP_TLS_KEY": "k",
                "REGISTRY_HTTP_HEADERS_A_0": "b",
                "REGISTRY_LOG_FIELDS_A": "b",
            ]
        )
        var storage = Configuration.Storage(driver: .filesystem(rootDirectory: "/r", maxThreads: 100))
        storage.readOnly = true
        storage.uploadPurging.age = .seconds(3600)
        #expect(configuration.storage == storage)
        #expect(configuration.http.tls == .init(certificate: "c", key: "k"))
        #expect(configuration.http.headers == ["a": ["b"]])
        #expect(configuration.log.fields == ["a": "b"])
        #expect(configuration.warnings == [])
    }

    @Test func rule9TwoDriversAfterMergingAreAnError() {
        let text = "version: 0.1\nstorage:\n  filesystem:"
        #expect(
            configurationComplaint(text, ["REGISTRY_STORAGE_S3_BUCKET": "b", "REGISTRY_STORAGE_S3_REGION": "r"])
                == "several storage drivers: filesystem (config.yml:3) and s3 (REGISTRY_STORAGE_S3_BUCKET); keep one, or"
                + " set REGISTRY_STORAGE to the name of the one to use"
        )
        #expect(
            configurationComplaint(text, ["REGISTRY_STORAGE": "s3", "REGISTRY_STORAGE_S3_BUCKET": "b"])
                == "REGISTRY_STORAGE: the storage driver s3 is not available yet; \(Self.drivers)"
        )
    }

    @Test func optionsMayBeSetBesideAOneWordDriver() throws {
        let storage = try loadConfiguration(smallestConfiguration, ["REGISTRY_STORAGE_DELETE_ENABLED": "true"]).storage
        #expect(storage.driver == .inMemory)
        #expect(storage.deleteEnabled)
    }
}
