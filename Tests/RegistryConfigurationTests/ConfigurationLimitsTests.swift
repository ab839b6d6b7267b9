import Testing

@testable import RegistryConfiguration

/// What one client may take, and how the registry is reached: sections that reach the server as they are written.
@Suite struct ConfigurationLimitsTests {
    @Test func everyLimitIsRead() throws {
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
              manifestbytes: 1300
              uploads: 14
              memory: 20000000
            """
        let configuration = try loadConfiguration(smallestConfiguration + text)
        #expect(configuration.warnings == [])
        let limits = configuration.limits
        #expect(limits.headerBytesMax == 1000 && limits.headersMax == 20)
        #expect(limits.headSecondsMax == 3 && limits.bodySecondsMax == 90)
        #expect(limits.answerSecondsMax == 0.5 && limits.idleSecondsMax == 3600)
        #expect(limits.connectionsMax == 9 && limits.streamsPerConnectionMax == 10)
        #expect(limits.rangesMax == 11 && limits.referrersMax == 12 && limits.memoryBytesMax == 20_000_000)
        #expect(limits.catalogEntriesMax == 7 && limits.tagsMax == 8)
        #expect(limits.manifestBytesMax == 1300)
        #expect(limits.uploadsPerRepositoryMax == 14)
    }

    @Test func aVariableReachesALimit() throws {
        let configuration = try loadConfiguration(
            smallestConfiguration, ["REGISTRY_LIMITS_CONNECTIONS": "5", "REGISTRY_TAGS_MAXTAGS": "6"])
        #expect(configuration.limits.connectionsMax == 5)
        #expect(configuration.limits.tagsMax == 6)
        #expect(configuration.warnings == [])
    }

    @Test(arguments: [
        ("limits: {headers: 0}", "limits.headers must be a number from 8, found \"0\""),
        ("limits: {headerbytes: 100}", "limits.headerbytes must be a number from 512, found \"100\""),
        ("limits: {manifestbytes: 1}", "limits.manifestbytes must be a number from 1024, found \"1\""),
        ("limits: {memory: 1048576}", "limits.memory must be a number from 16777216, found \"1048576\""),
        ("limits: {ranges: 9223372036854775807}", "limits.ranges must be a number up to 2147483647, found"),
        (
            "limits: {headtimeout: 30}",
            "limits.headtimeout must be a duration from 100ms on (a number without a unit counts nanoseconds), found \"30\""
        ),
        ("limits: {bodytimeout: 2500000h}", "limits.bodytimeout must be a duration up to 100 years, 876000h, found"),
        ("limits: {uploads: -1}", "limits.uploads must be a number from 1, found \"-1\""),
        ("limits: {idletimeout: 0s}", "limits.idletimeout must be a duration above zero, found \"0s\""),
        ("limits: {connections: many}", "limits.connections must be a whole number, found \"many\""),
        ("http: {prefix: 'a b'}", "http.prefix must be a path such as /registry/"),
    ])
    func whatCannotBeALimitIsSaidSo(text: String, message: String) {
        let error = #expect(throws: ConfigurationError.self) { try loadConfiguration(smallestConfiguration + text) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    /// Zero is how distribution spells its default.
    @Test(arguments: [0, -1]) func pagesOfNoSizeHaveTheUsualOne(size: Int) throws {
        let text = "catalog: {maxentries: \(size)}\ntags: {maxtags: \(size)}"
        let limits = try loadConfiguration(smallestConfiguration + text).limits
        #expect(limits == Configuration.Limits())
    }

    /// One more than a page is asked for, to know whether another follows: the number must leave room for it.
    @Test func pagesWithoutEndAreThoseThatCanBeCounted() throws {
        let most = "9223372036854775807"
        let limits = try loadConfiguration(
            smallestConfiguration, ["REGISTRY_CATALOG_MAXENTRIES": most, "REGISTRY_TAGS_MAXTAGS": most]
        ).limits
        #expect(limits.catalogEntriesMax == Int(Int32.max))
        #expect(limits.tagsMax == Int(Int32.max))
    }

    @Test func threadsAreAsManyAsAMachineCanHave() throws {
        let text = "version: 0.1\nstorage: {filesystem: {rootdirectory: /r, maxthreads: 9223372036854775807}}"
        let driver = try loadConfiguration(text).storage.driver
        #expect(driver == .filesystem(rootDirectory: "/r", maxThreads: 1024))
    }

    @Test func howTheRegistryIsReached() throws {
        let text = """
            http:
              addr: /run/registry.sock
              net: unix
              host: https://registry.example.com/
              prefix: /images/
              trustedproxies: [10.0.0.0/8, "::1"]
              http2: {disabled: true}
              h2c: {enabled: true}
            """
        let configuration = try loadConfiguration(smallestConfiguration + text)
        #expect(configuration.warnings == [])
        let http = configuration.http
        #expect(http.net == .unix)
        #expect(http.host == "https://registry.example.com/")
        #expect(http.prefix == "/images")
        #expect(http.trustedProxies == ["10.0.0.0/8", "::1"])
        #expect(!http.http2Enabled)
        #expect(http.h2cEnabled)
    }

    /// An empty list trusts nobody; no list trusts, as distribution does, whoever connects.
    @Test func noListAndAnEmptyOneAreTwoThings() throws {
        #expect(try loadConfiguration(smallestConfiguration).http.trustedProxies == nil)
        let empty = try loadConfiguration(smallestConfiguration + "http: {trustedproxies: []}")
        #expect(empty.http.trustedProxies == [])
    }
}
