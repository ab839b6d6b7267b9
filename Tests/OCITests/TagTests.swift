import OCI
import Testing

/// The grammar of tags, and how a request's reference is told apart into tag and digest.
@Suite("Tag and reference")
struct TagTests {
    static let valid = [
        "a", "0", "_", "__", "A", "latest", "v1.0.0", "1", "v1.0-rc.1", "_x", "a.", "a-", "a..b", "a--b", "Release_2.0",
        "24.04", String(repeating: "x", count: 128),
    ]

    @Test("takes what the grammar allows and keeps it", arguments: valid)
    func accepts(text: String) throws {
        #expect(try Tag(text).text == text)
        #expect(try Reference(text) == .tag(Tag(text)))
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", ".", "..", "-", ".a", "-a", "../x", "a/b", "/", "a b", " a", "a ", "a\n", "a\0", "a%2fb", "a+b", "a@b",
            "é",
            "a\u{301}", "日", "a\u{1B}", #"a\b"#, "a*", "a,b", "a=b", "a~b", String(repeating: "x", count: 129),
        ])
    func refuses(text: String) {
        #expect(throws: OCIError.invalidTag(text)) { try Tag(text) }
        #expect(throws: OCIError.invalidTag(text)) { try Reference(text) }
    }

    @Test("sorts by bytes: digits, upper case, underscore, lower case")
    func order() throws {
        let tags = try ["b", "_", "B", "10", "9", "a-b", "a", "a.b", "1.0"].map { try Tag($0) }
        #expect(tags.sorted().map(\.text) == ["1.0", "10", "9", "B", "_", "a", "a-b", "a.b", "b"])
    }

    @Test("a text with a colon is a digest or nothing")
    func referenceToDigest() throws {
        let text = "sha256:\(DigestTests.hex256)"
        let reference = try Reference(text)
        #expect(reference == .digest(try Digest(text)))
        #expect(reference.tag == nil)
        #expect(reference.description == text)
        for bad in ["sha256:", "latest:", ":", "md5:00", "sha256:\(DigestTests.hex256.uppercased())"] {
            #expect(throws: OCIError.invalidDigest(bad)) { try Reference(bad) }
        }
    }

    @Test("a tag that looks like a hash is a tag")
    func tagOfHex() throws {
        let reference = try Reference(DigestTests.hex256)
        #expect(reference.tag?.text == DigestTests.hex256)
        #expect(reference.description == DigestTests.hex256)
    }

    @Test("for the referrers of a subject is its digest, cut to what the specification says", arguments: [32, 64])
    func referrers(bytes: Int) throws {
        let algorithm: Digest.Algorithm = bytes == 32 ? .sha256 : .sha512
        let digest = try #require(Digest(algorithm: algorithm, bytes: [UInt8](repeating: 0xAB, count: bytes)))
        let tag = Tag(referrersOf: digest)
        #expect(tag.text == "\(algorithm.name)-" + String(repeating: "ab", count: 32))
        #expect(try Tag(tag.text) == tag)
    }
}

/// What is said about bad input: one line, short, and harmless in a terminal.
@Suite("Error text")
struct OCIErrorTests {
    @Test(
        "carries the offending text without control characters, and not all of a long one",
        arguments: [
            (OCIError.invalidTag("a\u{1B}[31m\n\u{9B}"), "not a tag: \"a\u{FFFD}[31m\u{FFFD}\u{FFFD}\""),
            (.invalidRepositoryName("\0/"), "not a repository name: \"\u{FFFD}/\""),
            (
                .invalidReference(String(repeating: "é", count: 500)),
                "not an image reference: \"\(String(repeating: "é", count: 128))\""
            ),
            (.invalidDigest("x"), "not a digest of the form sha256:<64 hex> or sha512:<128 hex>: \"x\""),
            (.invalidManifest(reason: "why"), "manifest invalid: why"),
        ])
    func description(error: OCIError, text: String) {
        #expect(error.description == text)
    }
}
