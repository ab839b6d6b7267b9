import RegistryConfiguration
import Testing

/// The rules of Go's `time.ParseDuration`, and YAML's bare integers.
@Suite struct ConfigurationDurationTests {
    @Test(arguments: [
        ("0", Duration.zero),
        ("5", .nanoseconds(5)),
        ("1000000000", .seconds(1)),
        ("-7", .nanoseconds(-7)),
        ("168h", .seconds(604_800)),
        ("1h30m", .seconds(5400)),
        ("1h30m15.5s", .milliseconds(5_415_500)),
        ("500ms", .milliseconds(500)),
        ("1.5s", .milliseconds(1500)),
        (".5s", .milliseconds(500)),
        ("1.s", .seconds(1)),
        ("0.29s", .milliseconds(290)),
        ("1.1s", .milliseconds(1100)),
        ("+5s", .seconds(5)),
        ("-1.5h", .seconds(-5400)),
        ("10us", .microseconds(10)),
        ("10\u{B5}s", .microseconds(10)),
        ("10\u{3BC}s", .microseconds(10)),
        ("3ns", .nanoseconds(3)),
        ("1.9ns", .nanoseconds(1)),
        ("0.3333333333333333333h", .seconds(1200) - .nanoseconds(1)),
        ("9223372036854775807ns", .nanoseconds(Int64.max)),
        ("2562047h", .seconds(2_562_047 * 3600)),
    ])
    func goDurations(text: String, expected: Duration) {
        #expect(Duration(go: text) == expected)
    }

    @Test(arguments: [
        "", "-", "+", "s", ".s", "1.5", "1d", "1 h", "h1", "1h30", "1hh", "--1s", "1h-1m", "1e3s", " 1s", "1s ", "½h",
        "٣s", "9223372036854775808ns", "2562048h", "99999999999999999999h",
    ])
    func notDurations(text: String) {
        #expect(Duration(go: text) == nil)
    }

    @Test(arguments: [
        ("90s", Duration.seconds(90)), ("60000000000", .seconds(60)), ("'2m'", .seconds(120)), ("0", .zero),
    ])
    func drainTimeout(text: String, expected: Duration) throws {
        #expect(
            try loadConfiguration(smallestConfiguration + "http: {draintimeout: \(text)}").http.drainTimeout == expected
        )
    }
}
