import RegistryConfiguration
import Testing

/// The least that is a configuration; what a test is about goes behind it or into the environment.
let smallestConfiguration = """
    version: 0.1
    storage: inmemory

    """

/// Loads a text as `config.yml`.
func loadConfiguration(
    _ text: String,
    _ environment: [String: String] = [:]
) throws(ConfigurationError) -> Configuration {
    try Configuration.load(text: text, file: "config.yml", environment: environment)
}

/// What loading throws, as the user reads it; nil if it does not throw.
func configurationComplaint(_ text: String, _ environment: [String: String] = [:]) -> String? {
    do {
        _ = try loadConfiguration(text, environment)
        return nil
    } catch {
        return error.description
    }
}

@Suite struct ConfigurationTests {
    @Test func absentKeysTakeTheirDefaults() throws {
        #expect(try loadConfiguration(smallestConfiguration) == Configuration(storage: .init(driver: .inMemory)))
        let configuration = Configuration(storage: .init(driver: .inMemory))
        #expect(configuration.log.level == .info)
        #expect(configuration.log.formatter == .text)
        #expect(!configuration.log.accessLogDisabled)
        #expect(!configuration.storage.deleteEnabled)
        #expect(!configuration.storage.readOnly)
        #expect(configuration.storage.uploadPurging.enabled)
        #expect(configuration.storage.uploadPurging.age == .seconds(604_800))
        #expect(configuration.storage.uploadPurging.interval == .seconds(86_400))
        #expect(!configuration.storage.uploadPurging.dryRun)
        #expect(configuration.http.addr == ":5000")
        #expect(configuration.http.secret == nil)
        #expect(configuration.http.drainTimeout == .zero)
        #expect(configuration.http.tls == nil)
    }

    @Test func cockpitServesThisMachineAndMayDelete() {
        let configuration = Configuration.cockpitDefault(root: "/data")
        #expect(configuration.storage.driver == .filesystem(rootDirectory: "/data", maxThreads: 100))
        #expect(configuration.storage.deleteEnabled)
        #expect(configuration.http.addr == "127.0.0.1:5000")
        #expect(configuration.warnings.isEmpty)
    }

    @Test func everyKeyThatTakesEffectIsRead() throws {
        let configuration = try loadConfiguration(
            """
            version: "0.1"
            log:
              accesslog: {disabled: true}
              level: debug
              formatter: json
              fields: {service: registry, shard: 7, empty: }
            storage:
              filesystem: {rootdirectory: /srv/registry, maxthreads: 200}
              delete: {enabled: true}
              maintenance:
                uploadpurging: {enabled: false, age: 1h30m, interval: 10m, dryrun: true}
                readonly: {enabled: true}
            http:
              addr: 0.0.0.0:5443
              secret: a secret
              relativeurls: true
              draintimeout: 60s
              headers:
                X-Content-Type-Options: [nosniff]
                Access-Control-Allow-Methods: ['HEAD', GET]
              tls:
                certificate: /tls/cert.pem
                key: /tls/key.pem
                minimumtls: tls1.3
                clientcas: [/tls/a.pem, /tls/b.pem]
                clientauth: verify-client-cert-if-given
            """
        )
        var expected = Configuration(
            storage: .init(driver: .filesystem(rootDirectory: "/srv/registry", maxThreads: 200)))
        expected.log.accessLogDisabled = true
        expected.log.level = .debug
        expected.log.formatter = .json
        expected.log.fields = ["service": "registry", "shard": "7", "empty": ""]
        expected.storage.deleteEnabled = true
        expected.storage.readOnly = true
        expected.storage.uploadPurging.enabled = false
        expected.storage.uploadPurging.age = .seconds(5400)
        expected.storage.uploadPurging.interval = .seconds(600)
        expected.storage.uploadPurging.dryRun = true
        expected.http.addr = "0.0.0.0:5443"
        expected.http.secret = "a secret"
        expected.http.relativeURLs = true
        expected.http.drainTimeout = .seconds(60)
        expected.http.headers = [
            "X-Content-Type-Options": ["nosniff"], "Access-Control-Allow-Methods": ["HEAD", "GET"],
        ]
        var tls = Configuration.TLS(certificate: "/tls/cert.pem", key: "/tls/key.pem")
        tls.minimumTLS = .tls13
        tls.clientCAs = ["/tls/a.pem", "/tls/b.pem"]
        tls.clientAuth = .verifyIfGiven
        expected.http.tls = tls
        #expect(configuration == expected)
    }

    @Test(arguments: [
        ("filesystem", "/var/lib/registry", 100),
        ("{filesystem: }", "/var/lib/registry", 100),
        ("{filesystem: {}}", "/var/lib/registry", 100),
        ("{filesystem: {maxthreads: 1}}", "/var/lib/registry", 25),
        ("{filesystem: {maxthreads: -4}}", "/var/lib/registry", 25),
        ("{filesystem: {maxthreads: '30'}}", "/var/lib/registry", 30),
        ("{filesystem: {rootdirectory: /r}}", "/r", 100),
        ("{filesystem: {rootdirectory: }}", "/var/lib/registry", 100),
    ])
    func filesystemParameters(storage: String, root: String, threads: Int) throws {
        let configuration = try loadConfiguration("version: 0.1\nstorage: \(storage)")
        #expect(configuration.storage.driver == .filesystem(rootDirectory: root, maxThreads: threads))
    }

    @Test(arguments: ["inmemory", "{inmemory: }", "{inmemory: {}, delete: {enabled: false}}", "{inmemory: null}"])
    func storageMayBeOneWord(storage: String) throws {
        #expect(try loadConfiguration("version: 0.1\nstorage: \(storage)").storage.driver == .inMemory)
    }

    @Test(arguments: [
        ("true", true), ("yes", true), ("on", true), ("TRUE", true), ("'true'", true), ("y", true),
        ("false", false), ("no", false), ("Off", false), ("\"false\"", false), ("", false), ("~", false),
    ])
    func booleansAreYAML11(text: String, expected: Bool) throws {
        let configuration = try loadConfiguration("version: 0.1\nstorage: {inmemory: , delete: {enabled: \(text)}}")
        #expect(configuration.storage.deleteEnabled == expected)
    }

    @Test(arguments: [
        ("loglevel: warn", Configuration.Log.Level.warn),
        ("log: {level: error}\nloglevel: debug", .error),
        ("log: {level: }\nloglevel: debug", .debug),
        ("log: {level: INFO}", .info),
        ("log: {level: trace}", .trace),
        ("log: {}", .info),
        ("log:", .info),
    ])
    func logLevel(text: String, expected: Configuration.Log.Level) throws {
        #expect(try loadConfiguration(smallestConfiguration + text).log.level == expected)
    }

    @Test(arguments: [
        ("{}", true, true), ("{disabled: false}", true, true), ("{disabled: true}", false, false),
        ("{manifests: {indexes: {platforms: none}}}", true, false),
        ("{manifests: {indexes: {platforms: all}}}", true, true),
        ("{manifests: {indexes: {platforms: list}}}", true, true),
        ("{disabled: true, manifests: {indexes: {platforms: all}}}", false, false),
    ])
    func validation(text: String, blobs: Bool, entries: Bool) throws {
        let configuration = try loadConfiguration(smallestConfiguration + "validation: \(text)")
        #expect(configuration.validation.requiresBlobs == blobs)
        #expect(configuration.validation.requiresIndexEntries == entries)
        #expect(configuration.warnings == [])
    }

    /// §3.2, Traps: distribution panics at start unless all four keys are there.
    @Test(arguments: ["{}", "", "{enabled: true}", "{dryrun: false}", "{age: 168h}", "{interval: 24h}"])
    func uploadPurgingFillsInWhatIsMissing(text: String) throws {
        let configuration = try loadConfiguration(
            "version: 0.1\nstorage: {inmemory: , maintenance: {uploadpurging: \(text)}}"
        )
        #expect(configuration.storage.uploadPurging == .init())
    }

    @Test func uploadPurgingKeepsWhatIsThere() throws {
        let text = "version: 0.1\nstorage: {inmemory: , maintenance: {uploadpurging: {age: 1h, enabled: false}}}"
        let purging = try loadConfiguration(text).storage.uploadPurging
        #expect(purging.age == .seconds(3600))
        #expect(purging.interval == .seconds(86_400))
        #expect(!purging.enabled)
    }

    @Test(arguments: ["auth: none", "auth: {none: }", "auth: {none: {realm: x}}", "auth: {}", "auth:"])
    func noAuthenticationIsAccepted(text: String) throws {
        #expect(try loadConfiguration(smallestConfiguration + text).warnings == [])
    }

    @Test(arguments: ["tls: {}", "tls: {certificate: '', key: ''}", "tls: {minimumtls: tls1.2}", "tls: "])
    func tlsWithoutCertificateAndKeyIsPlainHTTP(text: String) throws {
        #expect(try loadConfiguration(smallestConfiguration + "http: {\(text)}").http.tls == nil)
    }

    @Test func clientCertificatesAreRequiredUnlessSaidOtherwise() throws {
        let tls = try loadConfiguration(smallestConfiguration + "http: {tls: {certificate: c, key: k, clientcas: [a]}}")
            .http.tls
        #expect(tls?.clientAuth == .requireAndVerify)
        #expect(tls?.minimumTLS == .tls12)
    }

    @Test func nothingInQuotesIsText() throws {
        let text =
            "log: {fields: {a: ~, b: null, c: '~', d: \"null\", e: ''}}\nhttp: {addr: 'null', secret: '', host: null}"
        let configuration = try loadConfiguration(smallestConfiguration + text)
        #expect(configuration.log.fields == ["a": "", "b": "", "c": "~", "d": "null", "e": ""])
        #expect(configuration.http.addr == "null")
        #expect(configuration.http.secret == nil)
        #expect(configuration.http.host == nil)
    }

    @Test func aByteOrderMarkAndADocumentMarkerAreNotContent() throws {
        #expect(try loadConfiguration("\u{FEFF}---\n" + smallestConfiguration).storage.driver == .inMemory)
    }

    @Test func anchorsAndMergesAreFollowed() throws {
        let configuration = try loadConfiguration(
            """
            version: 0.1
            storage:
              inmemory: &nothing
              delete: &on {enabled: true}
              maintenance:
                readonly: *on
                uploadpurging: {<<: *on, age: 1h}
            log:
              fields: {<<: [{a: 1, b: 2}, {a: 3, c: 4}], b: own}
            """
        )
        #expect(configuration.storage.readOnly)
        #expect(configuration.storage.uploadPurging.age == .seconds(3600))
        #expect(configuration.log.fields == ["a": "1", "b": "own", "c": "4"])
    }
}
