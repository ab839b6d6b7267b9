import Testing

@testable import RegistryHTTP

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("/v2/", "/v2/"), ("/a%3Ab", "/a:b"), ("/a%3ab", "/a:b"), ("/%C3%A4", "/\u{E4}"), ("/%2e%2E", "/.."),
        ("/a+b", "/a+b"), ("/a%2fb", "/a/b"), ("/a%2Fb", "/a/b"), ("%2F", "/"), ("/%25", "/%"), ("/%252f", "/%2f"),
        ("/%20", "/ "), ("", ""),
    ])
    func aPathIsDecodedOnce(path: String, decoded: String) {
        #expect(PercentEncoding.decodePath(path) == decoded)
    }

    @Test(arguments: [
        "%", "/a%", "/a%2", "/%zz", "/%2g", "/%g2", "/%5c", "/%00", "/%0a", "/%1F", "/%7f", "/%ff",
        "/%c3", "/%c0%af", "/%ed%a0%80", "/% 41", "/%+1",
    ])
    func aPathThatIsNeverMeantWell(path: String) {
        #expect(PercentEncoding.decodePath(path) == nil)
    }

    @Test(arguments: [
        ("a", "a"), ("a+b", "a b"), ("a%2Bb", "a+b"), ("%2f%5C%0a", "/\\\n"), ("sha256%3Aab", "sha256:ab"), ("", ""),
    ])
    func aQueryIsDecoded(text: String, decoded: String) {
        #expect(PercentEncoding.decodeQuery(text[...]) == decoded)
    }

    @Test(arguments: ["%", "%4", "%zz", "%ff", "a%c3"]) func aMalformedQueryIsNone(text: String) {
        #expect(PercentEncoding.decodeQuery(text[...]) == nil)
    }

    @Test(arguments: [
        ("azAZ09-._~", "azAZ09-._~"), ("a/b", "a%2Fb"), ("a b+c", "a%20b%2Bc"), ("\n\u{E4}&=", "%0A%C3%A4%26%3D"),
    ])
    func aQueryValueIsEncoded(text: String, encoded: String) {
        #expect(PercentEncoding.encodeQuery(text) == encoded)
        #expect(PercentEncoding.decodeQuery(encoded[...]) == text)
    }
}
