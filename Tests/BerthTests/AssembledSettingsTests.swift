import RegistryConfiguration
import RegistryCollector
import RegistryCore
import RegistryHTTP
import Testing

@testable import berth

/// What a configuration says, as the modules take it.
@Suite struct AssembledSettingsTests {
    private func load(_ text: String) throws -> Configuration {
        try Configuration.load(text: "version: 0.1\nstorage: inmemory\n\(text)", file: "config.yml", environment: [:])
    }

    @Test func withoutALimitTheServerHasItsOwn() throws {
        #expect(ConnectionLimits(try load("").limits) == ConnectionLimits())
    }

    @Test func everyLimitReachesTheServer() throws {
        let text = """
            catalog: {maxentries: 7}
            tags: {maxtags: 8}
            limits:
              headerbytes: 1000
              headers: 20
              headtimeout: 3s
              bodytimeout: 1m30s
              answertimeout: 500ms
              idletimeout: 1h
              connections: 9
              streams: 10
              ranges: 11
              referrers: 12
              memory: 20000000
            """
        var expected = ConnectionLimits()
        expected.headerBytesMax = 1000
        expected.headersMax = 20
        expected.headSecondsMax = 3
        expected.bodySecondsMax = 90
        expected.answerSecondsMax = 0.5
        expected.idleSecondsMax = 3600
        expected.connectionsMax = 9
        expected.streamsPerConnectionMax = 10
        expected.rangesMax = 11
        expected.referrersMax = 12
        expected.memoryBytesMax = 20_000_000
        expected.catalogEntriesMax = 7
        expected.tagsMax = 8
        #expect(ConnectionLimits(try load(text).limits) == expected)
    }

    @Test func clientsComeAsTheConfigurationSays() throws {
        let addressing = try Addressing(
            load("http: {host: 'https://registry.example.com/', prefix: /images/, trustedproxies: [10.0.0.0/8, '::1']}")
                .http)
        #expect(addressing.publicURL?.description == "https://registry.example.com")
        #expect(addressing.prefix == "/images")
        #expect(addressing.trustedProxies == .networks(["10.0.0.0/8", "::1"].compactMap { IPNetwork($0) }))
        #expect(try Addressing(load("").http).trustedProxies == .everyone)
        #expect(try Addressing(load("http: {trustedproxies: []}").http).trustedProxies == .networks([]))
    }

    @Test func theDebugListenerIsWhereItIsSaid() throws {
        let debug = try #require(try Assembly.debug(load("http: {debug: {addr: 'localhost:5001'}}").http))
        #expect(debug.address == .tcp(host: "localhost", port: 5001) && debug.metricsPath == nil)
        #expect(try Assembly.debug(load("").http) == nil)
    }

    @Test(arguments: [
        (
            "http: {host: registry.example.com}",
            "http.host must be a URL such as https://registry.example.com, found \"registry.example.com\""
        ),
        (
            "http: {trustedproxies: ['::1', 10.0.0.0/40]}",
            "http.trustedproxies[1] must be an address or a network such as 10.0.0.0/8, found \"10.0.0.0/40\""
        ),
        (
            "http: {trustedproxies: ['']}",
            "http.trustedproxies[0] must be an address or a network such as 10.0.0.0/8, found \"\""
        ),
        (
            "http: {debug: {addr: '5001'}}",
            "http.debug.addr must be an address such as localhost:5001 or :5001, found \"5001\""
        ),
        (
            "http: {tls: {certificate: c, key: k, ciphersuites: [TLS_RSA_WITH_RC4_128_SHA]}}",
            "http.tls.ciphersuites[0] must be a cipher suite such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, found"
                + " \"TLS_RSA_WITH_RC4_128_SHA\""
        ),
    ])
    func whatMeansNothingIsSaidWithItsPlace(text: String, message: String) throws {
        let http = try load(text).http
        let error = #expect(throws: ConfigurationError.self) {
            _ = try Addressing(http)
            _ = try Assembly.debug(http)
            _ = try http.tls?.ciphers
        }
        #expect(error?.description == "config.yml:3: \(message)")
    }

    @Test func withoutASectionTheCollectorDoesWhatItDoes() throws {
        let collection = try load("").collection
        #expect(collection.options == SweepOptions())
        #expect(collection.settings == SweepRunSettings(quarantineSeconds: 86_400, linesPerSecondMax: nil))
        #expect(collection.policy == nil)
    }

    @Test func everyRuleReachesTheCollector() throws {
        let text = """
            gc:
              grace: 90s
              quarantine: 0
              untagged: true
              layerlinks: false
              uploads: 24h
              referrers: 0
              rate: 50
              retention:
                - repositories: [team/*, tools]
                  tags: ["pr-*"]
                  keep: {within: 48h}
                - keep:
                    newest: 10
                    pulled: 720h
                    tags: [latest, "v*"]
            """
        let collection = try load(text).collection
        #expect(
            collection.options
                == SweepOptions(
                    untagged: true, layerLinks: false, uploadSeconds: 86_400, referrerSeconds: nil, graceSeconds: 90))
        #expect(collection.settings == SweepRunSettings(quarantineSeconds: 0, linesPerSecondMax: 50))
        #expect(
            collection.policy?.rules == [
                .init(repositories: ["team/*", "tools"], tags: ["pr-*"], keepSeconds: 172_800),
                .init(keepTags: ["latest", "v*"], keepNewest: 10, keepPulledSeconds: 2_592_000),
            ])
    }
}
