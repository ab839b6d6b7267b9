import NIOHTTP1
import RegistryCore
import Testing

@testable import RegistryHTTP

/// Lists in the fields of proxies: the word of those that are trusted, from the end of the list, and nobody else's.
@Suite struct ForwardingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var headers: [(String, String)]
        /// Scheme, host and client, by the word of trusted proxies.
        var said: (scheme: String?, host: String?, client: String?)

        init(_ what: String, _ headers: [(String, String)], _ scheme: String?, _ host: String?, _ client: String?) {
            testDescription = what
            self.headers = headers
            said = (scheme, host, client)
        }
    }

    private static func forwarded(_ text: String...) -> [(String, String)] { text.map { ("Forwarded", $0) } }

    private static func said(for list: String? = nil, host: String? = nil, proto: String? = nil) -> [(String, String)] {
        [("X-Forwarded-For", list), ("X-Forwarded-Host", host), ("X-Forwarded-Proto", proto)].compactMap {
            name, value in
            value.map { (name, $0) }
        }
    }

    /// 10.0.0.0/8 and fd00::/8 are ours.
    static let behindOurProxies = [
        Case("nothing", [], nil, nil, nil),
        Case("one element", forwarded("for=1.2.3.4;host=reg;proto=https"), "https", "reg", "1.2.3.4"),
        Case(
            "a client's element before ours",
            forwarded("for=6.6.6.6;host=evil;proto=http, for=1.2.3.4;host=reg;proto=https"),
            "https", "reg", "1.2.3.4"),
        Case(
            "the same in two lines", forwarded("for=6.6.6.6;host=evil;proto=http", "for=1.2.3.4;host=reg;proto=https"),
            "https", "reg", "1.2.3.4"),
        Case(
            "two proxies of ours",
            forwarded("host=evil, for=1.2.3.4;host=reg;proto=https, for=10.0.0.7;host=inner;proto=http"),
            "https", "reg", "1.2.3.4"),
        Case(
            "the outer one says nothing of the host",
            forwarded("host=evil, for=1.2.3.4;proto=https, for=10.0.0.7;host=inner"),
            "https", "inner", "1.2.3.4"),
        Case(
            "a proxy with an address of IPv6 and a port",
            forwarded(#"host=evil, for="[2001:db8::1]:4711";host="reg:5000", For="[fd00::1]";Proto=http"#), "http",
            "reg:5000",
            "2001:db8::1"),
        Case("a hidden client", forwarded("for=6.6.6.6;host=evil, for=_hidden;host=reg"), nil, "reg", nil),
        Case("an unknown client", forwarded("for=6.6.6.6;host=evil, for=unknown;proto=https"), "https", nil, nil),
        Case(
            "an element that says nothing of the client", forwarded("for=6.6.6.6;host=evil, proto=https"), "https", nil,
            nil),
        Case("a list of nothing", forwarded(" , ,", ""), nil, nil, nil),
        Case(
            "commas and semicolons in quotes", forwarded(#"for="a,b;host=evil", host="r;e,g";for=1.2.3.4"#), nil,
            "r;e,g", "1.2.3.4"),
        Case("an escaped quote", forwarded(#"for="a\", host=evil", host=reg"#), nil, "reg", nil),
        Case("a client's quote that does not end", forwarded(#"for="evil, for=1.2.3.4;host=reg"#), nil, nil, nil),
        Case("the same before quotes of ours", forwarded(#"host="evil, for="[2001:db8::1]";host=reg"#), nil, nil, nil),
        Case("the same with an escape", forwarded(#"host="evil\, for="[2001:db8::1]";host="reg""#), nil, nil, nil),
        Case(
            "a quote that does not end does not make way for older fields",
            forwarded(#"for=""#) + said(for: "6.6.6.6", host: "evil"),
            nil, nil, nil),
        Case("a name twice in an element", forwarded("host=reg;host=evil;for=1.2.3.4"), nil, "reg", "1.2.3.4"),
        Case("older fields", said(for: "1.2.3.4", host: "reg", proto: "https"), "https", "reg", "1.2.3.4"),
        Case(
            "lists in older fields",
            said(for: "6.6.6.6, 1.2.3.4", host: "evil, reg", proto: "http, https"), "https", "reg", "1.2.3.4"),
        Case(
            "lists in several lines",
            said(for: "6.6.6.6", host: "evil", proto: "http") + said(for: "1.2.3.4", host: "reg", proto: "https"),
            "https",
            "reg", "1.2.3.4"),
        Case(
            "lists of two proxies of ours",
            said(for: "6.6.6.6, 1.2.3.4, 10.0.0.7", host: "evil, reg, inner", proto: "http, https, http"), "https",
            "reg",
            "1.2.3.4"),
        Case(
            "two proxies of ours, of which the inner one replaces",
            said(for: "6.6.6.6, 1.2.3.4, 10.0.0.7", host: "reg", proto: "https"), "https", "reg", "1.2.3.4"),
        Case("a list of schemes alone", said(proto: "http,https"), "https", nil, nil),
        Case("a list of hosts alone", said(host: "evil , reg"), nil, "reg", nil),
        Case(
            "items of nothing", said(for: "6.6.6.6,, 1.2.3.4,", host: "evil,,reg,", proto: ",https,"), "https", "reg",
            "1.2.3.4"),
        Case("a client that is no address", said(for: "6.6.6.6, unknown", host: "evil, reg"), nil, "reg", nil),
        Case("clients of ours alone", said(for: "10.0.0.1, 10.0.0.7"), nil, nil, "10.0.0.1"),
        Case("an address with a port", said(for: "6.6.6.6:1, 1.2.3.4:99"), nil, nil, "1.2.3.4"),
        Case("the oldest field", [("X-Real-IP", "6.6.6.6"), ("X-Real-IP", "1.2.3.4")], nil, nil, "1.2.3.4"),
    ]

    @Test(arguments: behindOurProxies) func theTrustedEndOfAListCounts(example: Case) throws {
        let ours = TrustedProxies.networks(try ["10.0.0.0/8", "fd00::/8"].map { try #require(IPNetwork($0)) })
        let said = Forwarding(HTTPHeaders(example.headers), peer: IPAddress("10.0.0.9"), trusted: ours)
        #expect(said.scheme == example.said.scheme)
        #expect(said.host == example.said.host)
        #expect(said.client?.description == example.said.client)
        let stranger = Forwarding(HTTPHeaders(example.headers), peer: IPAddress("9.9.9.9"), trusted: ours)
        #expect(stranger.scheme == nil && stranger.host == nil && stranger.client == nil)
    }

    /// As in distribution, where nobody but the proxy can connect.
    @Test func whereEverybodyIsTrustedTheOutermostCounts() {
        let lists = Self.said(for: "1.2.3.4, 5.6.7.8", host: "reg, inner", proto: "https, http")
        let old = Forwarding(HTTPHeaders(lists), peer: IPAddress("9.9.9.9"), trusted: .everyone)
        #expect(old.scheme == "https" && old.host == "reg" && old.client?.description == "1.2.3.4")
        let elements = Self.forwarded("for=1.2.3.4;host=reg;proto=https, for=5.6.7.8;host=inner;proto=http")
        let new = Forwarding(HTTPHeaders(elements), peer: IPAddress("9.9.9.9"), trusted: .everyone)
        #expect(new.scheme == "https" && new.host == "reg" && new.client?.description == "1.2.3.4")
    }
}

/// The `Date` of answers.
@Suite struct DateFieldTests {
    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_795_824_000, "Sat, 28 Nov 2026 00:00:00 GMT"),
        (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func hasTheOneFormThatMayBeSent(seconds: Int, text: String) { #expect(DateField.text(seconds) == text) }

    /// Also of what is no HTTP.
    @Test(arguments: ["GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET /v2/ HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n"])
    func isOnEveryAnswer(request: String) async throws {
        try await Harbour.open(.memory) { harbour in
            let client = try await harbour.connect()
            try await client.send(request)
            let answer = try await client.answer()
            #expect(answer.headers["date"].count == 1)
            #expect(answer.header("date")?.hasSuffix(" GMT") == true)
            await client.close()
        }
    }
}
