import Testing

@testable import RegistryConfiguration

/// When and how disk is given back: the section `gc`.
@Suite struct ConfigurationCollectionTests {
    @Test func withoutTheSectionNothingGoesByItself() throws {
        let collection = try loadConfiguration(smallestConfiguration).collection
        #expect(collection == Configuration.Collection())
        #expect(collection.interval == nil)
        #expect(collection.retention.isEmpty)
    }

    @Test func everyKeyIsRead() throws {
        let text = """
            gc:
              interval: 12h
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
        let configuration = try loadConfiguration(smallestConfiguration + text)
        #expect(configuration.warnings == [])
        let collection = configuration.collection
        #expect(collection.interval == .seconds(12 * 3600))
        #expect(collection.quarantine == .zero)
        #expect(collection.linesPerSecondMax == 50)
        #expect(collection.grace == .seconds(90))
        #expect(collection.untagged == true && collection.layerLinks == false)
        #expect(collection.uploads == .seconds(86_400) && collection.referrers == .zero)
        let rules = collection.retention
        #expect(rules.map(\.repositories) == [["team/*", "tools"], nil] && rules.map(\.tags) == [["pr-*"], nil])
        #expect(rules.map(\.keepTags) == [nil, ["latest", "v*"]] && rules.map(\.keepNewest) == [nil, 10])
        #expect(rules.map(\.keepWithin) == [.seconds(172_800), nil])
        #expect(rules.map(\.keepPulled) == [nil, .seconds(2_592_000)])
    }

    @Test func aVariableReachesEveryPlace() throws {
        let configuration = try loadConfiguration(
            smallestConfiguration,
            [
                "REGISTRY_GC_INTERVAL": "1h", "REGISTRY_GC_UNTAGGED": "yes",
                "REGISTRY_GC_RETENTION_0_KEEP_NEWEST": "3", "REGISTRY_GC_RETENTION_0_TAGS": "[a*]",
            ])
        #expect(configuration.warnings == [])
        #expect(configuration.collection.interval == .seconds(3600))
        #expect(configuration.collection.untagged == true)
        #expect(configuration.collection.retention.map(\.tags) == [["a*"]])
        #expect(configuration.collection.retention.map(\.keepNewest) == [3])
    }

    @Test(arguments: ["gc: {interval: 0s}", "gc: {interval: }", "gc:"]) func noIntervalIsOff(text: String) throws {
        #expect(try loadConfiguration(smallestConfiguration + text).collection == Configuration.Collection())
    }

    @Test(arguments: [
        ("gc: on", "config.yml:3: gc must be a mapping, found \"on\""),
        ("gc: {grace: soon}", "config.yml:3: gc.grace must be a duration such as 90s, 1h30m or 168h, found \"soon\""),
        (
            "gc: {interval: 1}",
            "config.yml:3: gc.interval must be a duration from 1s on (a number without a unit counts nanoseconds), found"
                + " \"1\""
        ),
        ("gc: {interval: 1ms}", "config.yml:3: gc.interval must be a duration from 1s on, found \"1ms\""),
        (
            "gc: {grace: 3600}",
            "config.yml:3: gc.grace must be a duration from 1s on (a number without a unit counts nanoseconds), found"
                + " \"3600\""
        ),
        ("gc: {quarantine: 10ns}", "config.yml:3: gc.quarantine must be a duration from 1s on, found \"10ns\""),
        ("gc: {uploads: 1us}", "config.yml:3: gc.uploads must be a duration from 1s on, found \"1us\""),
        (
            "gc:\n  retention:\n    - keep: {within: 30}",
            "config.yml:5: gc.retention[0].keep.within must be a duration from 1s on (a number without a unit counts"
                + " nanoseconds), found \"30\""
        ),
        (
            "gc: {quarantine: 2562047h47m16s}",
            "config.yml:3: gc.quarantine must be a duration up to 100 years, 876000h, found \"2562047h47m16s\""
        ),
        ("gc: {rate: 0}", "config.yml:3: gc.rate must be a number from 1, found \"0\""),
        ("gc: {retention: {}}", "config.yml:3: gc.retention must be a list, found a mapping"),
        (
            "gc:\n  retention:\n    - tags: [a]\n      keep: {newest: 0}",
            "config.yml:6: gc.retention[0].keep.newest must be a number from 1, found \"0\""
        ),
        (
            "gc:\n  retention:\n    - keep: {within: 0s}",
            "config.yml:5: gc.retention[0].keep.within must be a duration above zero, found \"0s\""
        ),
        (
            "gc:\n  retention:\n    - keep: {newest: 1}\n    - keep: {tags: [latest]}",
            "config.yml:6: gc.retention[1].keep names nothing that stays, so every tag would go; add newest, within or"
                + " pulled to it"
        ),
        (
            "gc:\n  retention:\n    - tags: [\"*\"]",
            "config.yml:5: gc.retention[0].keep names nothing that stays, so every tag would go; add newest, within or"
                + " pulled to it"
        ),
    ])
    func whatCannotBeMeantIsSaidSo(text: String, expected: String) {
        #expect(configurationComplaint(smallestConfiguration + text) == expected)
    }

    @Test func aVariableWithoutAUnitIsNamed() {
        #expect(
            configurationComplaint(smallestConfiguration, ["REGISTRY_GC_INTERVAL": "1"])
                == "REGISTRY_GC_INTERVAL: gc.interval must be a duration from 1s on (a number without a unit counts"
                + " nanoseconds), found \"1\"")
    }

    @Test func anUnknownKeyIsNamed() throws {
        let warnings = try loadConfiguration(smallestConfiguration + "gc: {intervall: 1h}").warnings
        #expect(warnings == ["config.yml:3: unknown key gc.intervall, ignored"])
    }
}
