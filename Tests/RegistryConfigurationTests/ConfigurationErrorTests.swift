import RegistryConfiguration
import Testing

/// Every error is one line that says where, what and what to do.
@Suite struct ConfigurationErrorTests {
    private static let drivers = "use one of filesystem, inmemory"

    @Test(arguments: [
        ("", "config.yml: version is missing; add the line `version: 0.1`"),
        ("storage: inmemory", "config.yml: version is missing; add the line `version: 0.1`"),
        ("version:\nstorage: inmemory", "config.yml: version is missing; add the line `version: 0.1`"),
        ("# old\nversion: 0.2", "config.yml:2: unsupported version \"0.2\"; write `version: 0.1`"),
        ("version: 1", "config.yml:1: unsupported version \"1\"; write `version: 0.1`"),
        ("version: 0.10", "config.yml:1: unsupported version \"0.10\"; write `version: 0.1`"),
        ("version: [0.1]", "config.yml:1: version must be text, found a list"),
        ("just text", "config.yml:1: the configuration must be a mapping, found \"just text\""),
    ])
    func version(text: String, expected: String) {
        #expect(configurationComplaint(text) == expected)
    }

    @Test(arguments: [
        ("version: 0.1", "config.yml: storage names no driver; add one of filesystem, inmemory under storage"),
        (
            "version: 0.1\nstorage: {delete: {enabled: true}, cache: {blobdescriptor: inmemory}}",
            "config.yml: storage names no driver; add one of filesystem, inmemory under storage"
        ),
        (
            "version: 0.1\nstorage:\n  filesystem:\n  inmemory:",
            "several storage drivers: filesystem (config.yml:3) and inmemory (config.yml:4); keep one, or set"
                + " REGISTRY_STORAGE to the name of the one to use"
        ),
        (
            "version: 0.1\nstorage:\n  s3: {bucket: b}",
            "config.yml:3: the storage driver s3 is not available yet; \(drivers)"
        ),
        ("version: 0.1\nstorage: azure", "config.yml:2: the storage driver azure is not available yet; \(drivers)"),
        ("version: 0.1\nstorage: {gcs: }", "config.yml:2: the storage driver gcs is not available yet; \(drivers)"),
        (
            "version: 0.1\nstorage: {swift: {}}",
            "config.yml:2: the storage driver swift is not available yet; \(drivers)"
        ),
        ("version: 0.1\nstorage: {oss: {}}", "config.yml:2: the storage driver oss is not available yet; \(drivers)"),
        ("version: 0.1\nstorage: rados", "config.yml:2: unknown storage driver storage.rados; \(drivers)"),
        ("version: 0.1\nstorage: Filesystem", "config.yml:2: unknown storage driver storage.Filesystem; \(drivers)"),
        (
            "version: 0.1\nstorage: {\"a\\nb\\u202e\": }",
            "config.yml:2: unknown storage driver storage.a\\nb\\u{202E}; \(drivers)"
        ),
    ])
    func storageDriver(text: String, expected: String) {
        #expect(configurationComplaint(text) == expected)
    }

    @Test(arguments: [
        ("http:\n  addr: [1]", "config.yml:4: http.addr must be text, found a list"),
        ("http:\n  addr:\n    [1]", "config.yml:5: http.addr must be text, found a list"),
        ("http: 5000", "config.yml:3: http must be a mapping, found \"5000\""),
        ("http:\n  - addr", "config.yml:4: http must be a mapping, found a list"),
        ("http:\n  headers:\n    X-A: b", "config.yml:5: http.headers.X-A must be a list, found \"b\""),
        ("http:\n  headers:\n    X-A: [b, {c: d}]", "config.yml:5: http.headers.X-A[1] must be text, found a mapping"),
        (
            "http:\n  headers:\n    X-A: [b, \"c\\nd\"]",
            "config.yml:5: http.headers.X-A[1] must be text in one line, found \"c\\nd\""
        ),
        (
            "http:\n  headers:\n    X A: [b]",
            "config.yml:5: http.headers.X A must be below the name of a header that an answer may be given, found a list"
        ),
        (
            "http:\n  headers:\n    content-length: [1]",
            "config.yml:5: http.headers.content-length must be below the name of a header that an answer may be given, "
                + "found a list"
        ),
        ("http: {relativeurls: maybe}", "config.yml:3: http.relativeurls must be true or false, found \"maybe\""),
        ("log: {fields: [a]}", "config.yml:3: log.fields must be a mapping, found a list"),
        ("log: {fields: {a: {b: c}}}", "config.yml:3: log.fields.a must be text, found a mapping"),
        ("log: {accesslog: true}", "config.yml:3: log.accesslog must be a mapping, found \"true\""),
        (
            "http: {draintimeout: 5 minutes}",
            "config.yml:3: http.draintimeout must be a duration such as 90s, 1h30m or 168h, found \"5 minutes\""
        ),
        (
            "http: {draintimeout: -5s}",
            "config.yml:3: http.draintimeout must be a duration of zero or more, found \"-5s\""
        ),
        (
            "log: {level: verbose}",
            "config.yml:3: log.level must be one of error, warn, info, debug, trace, found \"verbose\""
        ),
        ("loglevel: loud", "config.yml:3: loglevel must be one of error, warn, info, debug, trace, found \"loud\""),
        ("log: {formatter: xml}", "config.yml:3: log.formatter must be one of text, json, logstash, found \"xml\""),
        ("http: {net: udp}", "config.yml:3: http.net must be one of tcp, unix, found \"udp\""),
        (
            "http: {tls: {minimumtls: ssl3}}",
            "config.yml:3: http.tls.minimumtls must be one of tls1.0, tls1.1, tls1.2, tls1.3, found \"ssl3\""
        ),
        (
            "http: {tls: {clientauth: sometimes}}",
            "config.yml:3: http.tls.clientauth must be one of request-client-cert, require-any-client-cert,"
                + " verify-client-cert-if-given, require-and-verify-client-cert, found \"sometimes\""
        ),
        (
            "http:\n  tls:\n    certificate: c.pem",
            "config.yml:5: http.tls.certificate is set and http.tls.key is not; set both, or neither for plain HTTP"
        ),
        (
            "http:\n  tls:\n    key: k.pem",
            "config.yml:5: http.tls.key is set and http.tls.certificate is not; set both, or neither for plain HTTP"
        ),
        (
            "http:\n  tls:\n    letsencrypt:\n      cachefile: /le",
            "config.yml:6: http.tls.letsencrypt does nothing yet, so the registry would serve plain HTTP;"
                + " set http.tls.certificate and http.tls.key"
        ),
    ])
    func valueOfTheWrongKind(text: String, expected: String) {
        #expect(configurationComplaint(smallestConfiguration + text) == expected)
    }

    @Test(arguments: [
        (
            "{filesystem: {maxthreads: many}}",
            "config.yml:2: storage.filesystem.maxthreads must be a whole number, found \"many\""
        ),
        ("{filesystem: /data}", "config.yml:2: storage.filesystem must be a mapping, found \"/data\""),
        ("{inmemory: [1]}", "config.yml:2: storage.inmemory must be a mapping, found a list"),
        ("{inmemory: , delete: true}", "config.yml:2: storage.delete must be a mapping, found \"true\""),
        ("[inmemory]", "config.yml:2: storage must be a mapping, found a list"),
        (
            "{inmemory: , maintenance: {uploadpurging: {interval: 0s}}}",
            "config.yml:2: storage.maintenance.uploadpurging.interval must be a duration above zero, found \"0s\""
        ),
        (
            "{inmemory: , maintenance: {uploadpurging: {age: 168}}}",
            "config.yml:2: storage.maintenance.uploadpurging.age must be a duration from 1s on (a number without a unit"
                + " counts nanoseconds), found \"168\""
        ),
        (
            "{inmemory: , maintenance: {uploadpurging: {interval: 5ns}}}",
            "config.yml:2: storage.maintenance.uploadpurging.interval must be a duration from 1s on, found \"5ns\""
        ),
        (
            "{inmemory: , maintenance: {uploadpurging: false}}",
            "config.yml:2: storage.maintenance.uploadpurging must be a mapping, found \"false\""
        ),
    ])
    func storageParameterOfTheWrongKind(storage: String, expected: String) {
        #expect(configurationComplaint("version: 0.1\nstorage: \(storage)") == expected)
    }

    @Test(arguments: [
        (
            "auth:\n  htpasswd:\n    realm: r\n    path: /p", "config.yml:4", "htpasswd"
        ),
        ("auth: htpasswd", "config.yml:3", "htpasswd"),
        ("auth: {token: {realm: r}}", "config.yml:3", "token"),
        ("auth:\n  none:\n  silly: {realm: r}", "config.yml:5", "silly"),
    ])
    func authenticationIsRefused(text: String, origin: String, method: String) {
        let expected =
            "\(origin): auth.\(method) asks for authentication, which is not enforced yet, so the registry would be open"
            + " to everyone; set auth to none and put a proxy that authenticates in front"
        #expect(configurationComplaint(smallestConfiguration + text) == expected)
    }

    @Test(arguments: [
        ("version: 0.1\nstorage: {", "config.yml:3:1: not valid YAML: "),
        ("version: 0.1\n\tstorage: inmemory", "config.yml:2:1: not valid YAML: "),
        ("version: 0.1\nhttp:\n  addr: a\n secret: b", "config.yml:4:2: not valid YAML: "),
        ("version: 0.1\nhttp: *missing", "config.yml:2:7: not valid YAML: found undefined alias"),
        ("version: 0.1\n---\nversion: 0.1", "config.yml:2:1: not valid YAML: but found another document"),
        ("version: 0.1\nab\u{1}c: d", "config.yml:2:3: not valid YAML: control characters are not allowed"),
        ("version: 0.1\n[a]: b", "config.yml:2:1: not valid YAML: a key must be plain text"),
    ])
    func malformedYAML(text: String, expected: String) throws {
        let line = try #require(configurationComplaint(text))
        #expect(line.hasPrefix(expected))
        #expect(!line.contains { $0.isNewline })
    }

    @Test func aParserErrorSaysWhereTheConstructBegan() {
        #expect(
            configurationComplaint("version: 0.1\nhttp:\n  addr: a\n secret: b")
                == "config.yml:4:2: not valid YAML: did not find expected key while parsing a block mapping that begins"
                + " on line 1"
        )
    }

    @Test(arguments: [
        ("version: 0.1\nhttp:\n  addr: a\n  addr: b\nstorage: inmemory", "config.yml:3", "addr"),
        ("version: 0.1\nversion: 0.1", "config.yml:1", "version"),
        ("version: 0.1\nlog:\n  fields:\n    1: a\n    \"1\": b", "config.yml:5", "1"),
    ])
    func duplicateKeys(text: String, origin: String, key: String) {
        #expect(
            configurationComplaint(text)
                == "\(origin): the key \"\(key)\" is given more than once in one mapping; keep one")
    }

    /// Ten lines of aliases that stand for 10^10 values.
    @Test func aliasesCannotExplode() throws {
        var text = "version: 0.1\na0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
        for level in 1..<10 {
            let references = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            text += "a\(level): &a\(level) [\(references)]\n"
        }
        let line = try #require(configurationComplaint(text))
        #expect(line.hasSuffix("not valid YAML: more than 100000 values"))
    }

    @Test func nestingCannotExhaustTheStack() throws {
        let line = try #require(configurationComplaint("version: " + String(repeating: "[", count: 100_000)))
        #expect(line.hasPrefix("config.yml:1:"))
    }

    @Test func aLongValueIsNotRepeatedInFull() throws {
        let line = try #require(configurationComplaint("version: " + String(repeating: "9", count: 5000)))
        #expect(line.count < 200)
    }

    @Test(arguments: ["a\nb", "a\r\nb", "a\u{1B}[2Jb", "a\u{2028}b", "a\u{202E}b"])
    func everyMessageIsOneLine(name: String) throws {
        do throws(ConfigurationError) {
            _ = try Configuration.load(text: "storage: s3", file: name, environment: [:])
            Issue.record("loaded")
        } catch {
            #expect(error == .missingVersion(file: name))
            #expect(error.description.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 })
        }
        let warnings = try loadConfiguration(smallestConfiguration, ["REGISTRY_" + name: "x"]).warnings
        #expect(warnings.count == 1)
        #expect(warnings.allSatisfy { $0.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 } })
    }

    @Test func errorsCarryTheirEvidence() {
        #expect(throws: ConfigurationError.storageDriverNotYet(origin: .file("config.yml", line: 2), name: "s3")) {
            try loadConfiguration("version: 0.1\nstorage: s3")
        }
        #expect(throws: ConfigurationError.missingVersion(file: "other.yml")) {
            try Configuration.load(text: "", file: "other.yml", environment: [:])
        }
    }
}
