import NIOHTTP1
import RegistryCore
import Testing

@testable import RegistryHTTP

/// What a `Location` starts with, and who the client is, by whose word.
@Suite struct AddressingTests {
    private func request(
        _ headers: [(String, String)], uri: String = "/v2/", peer: String? = "10.0.0.9", tls: Bool = false,
        trusting trusted: TrustedProxies = .everyone
    ) -> Request {
        var addressing = Addressing()
        addressing.trustedProxies = trusted
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: uri, headers: HTTPHeaders(headers))
        return Request(
            head, peer: peer.flatMap { IPAddress($0) }, peerText: "\(peer ?? "local"):1", isTLS: tls,
            addressing: addressing)
    }

    /// registry.md §3.5: `Forwarded`, then `X-Forwarded-…`, then `Host`.
    @Test(
        arguments: [
            ([("Host", "a:5000")], "http://a:5000"),
            ([("Host", "a"), ("X-Forwarded-Proto", "https")], "https://a"),
            ([("Host", "a"), ("X-Forwarded-Host", "b.example")], "http://b.example"),
            ([("Host", "a"), ("X-Forwarded-Host", "b, c"), ("X-Forwarded-Proto", "HTTPS")], "https://b"),
            ([("Host", "a"), ("X-Forwarded-Port", "8443")], "http://a"),
            (
                [("Host", "a"), ("X-Forwarded-Host", "b"), ("Forwarded", "for=1.2.3.4;proto=https;host=c:8443")],
                "https://c:8443"
            ),
            ([("Host", "a"), ("Forwarded", "proto=https, proto=http;host=z")], "https://a"),
            ([("Host", "a"), ("forwarded", "Host=\"b:80\" ; Proto=\"https\"")], "https://b:80"),
            ([("Host", "[::1]:5000")], "http://[::1]:5000"),
        ] as [([(String, String)], String)])
    func theBaseOfALocation(headers: [(String, String)], base: String) {
        #expect(request(headers).base?.description == base)
    }

    /// What cannot be a scheme or a host is as good as not said: it never reaches a header.
    @Test(arguments: [
        "evil.example\r\nSet-Cookie: a=b", "evil.example\nX: y", "a b", "a/../b", "a@b", "a?b", "a#b", "<script>",
        "a:99999999", "a:x", "", ":80", "[::1", "[zz]", "\u{E4}.example", "a%0d%0ab", "a\u{0}b",
        String(repeating: "a", count: 300),
    ])
    func aHostThatIsNoneIsNotBelieved(host: String) {
        #expect(request([("Host", "a"), ("X-Forwarded-Host", host)]).base?.host ?? "a" == "a")
        #expect(request([("Host", host)]).base == nil)
        #expect(request([("Host", "a"), ("Forwarded", "host=\"\(host)\"")]).base?.host ?? "a" == "a")
    }

    @Test(arguments: ["javascript", "ftp", "https\r\nX: y", "https http", ""])
    func aSchemeThatIsNoneIsNotBelieved(scheme: String) {
        #expect(request([("Host", "a"), ("X-Forwarded-Proto", scheme)]).base?.description == "http://a")
    }

    @Test func aTargetInFullNamesTheHost() {
        let whole = request([("Host", "a")], uri: "http://b:5000/v2/x/tags/list?n=1")
        #expect(whole.base?.description == "http://b:5000")
        #expect(whole.path == "/v2/x/tags/list")
        #expect(whole.parameter("n") == "1")
    }

    @Test(
        arguments: [
            ([("X-Forwarded-For", "1.2.3.4, 5.6.7.8")], "1.2.3.4"), ([("X-Forwarded-For", "x, 5.6.7.8")], "5.6.7.8"),
            ([("X-Forwarded-For", "2001:db8::1")], "[2001:db8::1]"), ([("X-Real-IP", "9.9.9.9")], "9.9.9.9"),
            ([("Forwarded", "for=\"[2001:db8::2]:4711\"")], "[2001:db8::2]"),
            ([("Forwarded", "for=1.1.1.1:80"), ("X-Forwarded-For", "2.2.2.2")], "1.1.1.1"),
            ([("Forwarded", "for=_hidden")], "10.0.0.9:1"), ([("X-Forwarded-For", "unknown")], "10.0.0.9:1"),
            ([], "10.0.0.9:1"),
        ] as [([(String, String)], String)])
    func theClientByTheWordOfAProxy(headers: [(String, String)], address: String) {
        #expect(request(headers + [("Host", "a")]).client.address == address)
    }

    private static let headers = [
        ("Host", "a"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "b"),
        ("X-Forwarded-For", "6.6.6.6, 1.2.3.4, 10.0.0.7"), ("Forwarded", "host=c"),
    ]

    @Test func onlyTheProxiesOfTheListAreBelieved() throws {
        let network = TrustedProxies.networks([try #require(IPNetwork("10.0.0.0/8"))])
        let trusted = request(Self.headers, peer: "10.0.0.9", trusting: network)
        #expect(trusted.base?.description == "https://c")
        // What is left of the last proxy that is trusted, anybody may have written.
        #expect(trusted.client.address == "1.2.3.4")
        let stranger = request(Self.headers, peer: "11.0.0.9", trusting: network)
        #expect(stranger.base?.description == "http://a")
        #expect(stranger.client.address == "11.0.0.9:1")
        #expect(request(Self.headers, peer: "10.0.0.9", trusting: .networks([])).base?.description == "http://a")
        // Nobody but who may open the socket is there.
        #expect(request(Self.headers, peer: nil, trusting: network).base?.description == "https://c")
    }

    @Test(
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
            ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe80::1", false), ("::/0", "2001:db8::1", true),
            ("192.168.1.128/25", "192.168.1.127", false), ("192.168.1.128/25", "192.168.1.200", true),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
        ])
    func aNetworkHoldsAddresses(network: String, address: String, isInside: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/-1", "10.0.0.0/", "a/8", "10.0.0.0/8/8"])
    func aNetworkThatIsNone(text: String) { #expect(IPNetwork(text) == nil) }

    @Test(
        arguments: [
            ("https://registry.example.com", "https://registry.example.com"), ("http://a:80/", "http://a:80"),
            ("HTTPS://a/b/c/", "https://a/b/c"),
        ])
    func aURLOfTheConfiguration(text: String, url: String) { #expect(PublicURL(text)?.description == url) }

    @Test(arguments: [
        "registry.example.com", "a:5000", "ftp://a", "https://", "https://a b", "https://a/?b", "https://a#b",
    ])
    func aURLThatIsNone(text: String) { #expect(PublicURL(text) == nil) }
}
