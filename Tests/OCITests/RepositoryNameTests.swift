import OCI
import Testing

/// The grammar of repository names: what may become a directory, and what an attacker would like to.
@Suite("Repository name")
struct RepositoryNameTests {
    static let valid = [
        "a", "0", "ubuntu", "library/ubuntu", "a/b/c/d/e/f", "a.b", "a_b", "a__b", "a-b", "a--b", "a-----b",
        "a.b_c__d-e",
        "a/manifests/b", "blobs/uploads", "v2/tags/list", "1/2/3", "a1/b2", String(repeating: "a", count: 255),
        String(repeating: "a/", count: 127) + "a",
    ]

    @Test("takes what the grammar allows and keeps it", arguments: valid)
    func accepts(text: String) throws {
        let name = try RepositoryName(text)
        #expect(name.text == text)
        #expect(name.description == text)
        #expect(name.components.joined(separator: "/") == text)
    }

    static let hostile = [
        "", "/", "//", "a//b", "/a", "a/", "a/b/", ".", "..", "a/..", "../a", "a/../b", "a/./b", "...", "a..b",
        "%2e%2e",
        "a%2fb", "a%5cb", #"a\b"#, "a\0", "\0", "a\0b", "a/\0/b", "%00", "_layers", "a/_layers", "a/_manifests/b", "_",
        "-",
        "a/-", "_a", ".a", "-a", "a_", "a.", "a-", "a__", "a--", "a_/b", "a./b", "a-/b", "a/.b", "a___b", "a____b",
        "a._b",
        "a_.b", "a.-b", "a-_b", "a_-b", "a.__b", "A", "Foo", "a/B", "É", "é", "a\u{301}", "日本", "a b", " a", "a ",
        "a\n",
        "\na", "a\tb", "a\u{1B}[31m", "a\u{10}b", "host:5000/a", "a:b", "a@b", "a+b", "a~b", "a*", "a?b", "a#b",
        "a\u{2024}b",
        "a\u{FF0F}b", String(repeating: "a", count: 256), String(repeating: "a/", count: 128) + "a",
    ]

    @Test("refuses everything else", arguments: hostile)
    func refuses(text: String) {
        #expect(throws: OCIError.invalidRepositoryName(text)) { try RepositoryName(text) }
    }

    @Test("keeps at most 300 characters of what it refuses")
    func evidenceIsCut() {
        #expect(throws: OCIError.invalidRepositoryName(String(repeating: "a", count: 300))) {
            try RepositoryName(String(repeating: "a", count: 1_000_000))
        }
    }

    @Test("sorts by bytes, so that separators come before letters")
    func order() throws {
        let names = try ["b", "a/b", "a", "a-b", "a0", "a.b", "aa", "a_b"].map { try RepositoryName($0) }
        #expect(names.sorted().map(\.text) == ["a", "a-b", "a.b", "a/b", "a0", "a_b", "aa", "b"])
    }
}

/// Names that another registry may have left in the tree: wider than the grammar, still safe as a path.
@Suite("Repository name on the disk")
struct RepositoryNameOnDiskTests {
    @Test(
        "takes what distribution may have written",
        arguments: ["a/b", "FOO/bar", "Host.example.com/a", "a..b", "a___b", "a.", "-a", "...", "a.b.c/x", "A0/Z9"])
    func accepts(text: String) throws {
        #expect(try RepositoryName(onDisk: text).text == text)
    }

    @Test("takes every name of the grammar", arguments: RepositoryNameTests.valid)
    func acceptsGrammar(text: String) throws {
        #expect(try RepositoryName(onDisk: text) == RepositoryName(text))
    }

    @Test(
        "refuses what could leave its place or is the registry's own",
        arguments: [
            "", "/", "a//b", "/a", "a/", ".", "..", "a/..", "../a", "a/./b", "_layers", "a/_layers", "a/_", "a\0",
            "a b",
            "a\n", "host:5000/a", "a@b", "a%2fb", #"a\b"#, "é", "a\u{301}", "a\u{1B}c", "a\u{7F}", "a`b", "a[b", "a{b",
        ])
    func refuses(text: String) {
        #expect(throws: OCIError.invalidRepositoryName(text)) { try RepositoryName(onDisk: text) }
    }

    @Test("takes exactly letters, digits, dot, hyphen and inner underscore, of all bytes", arguments: UInt8(0)..<128)
    func everyByte(byte: UInt8) {
        let text = "a" + String(UnicodeScalar(byte)) + "b"
        let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/"
        let isTaken = (try? RepositoryName(onDisk: text)) != nil
        #expect(isTaken == plain.contains(Character(UnicodeScalar(byte))))
    }
}

/// Names that a request may ask for: the grammar, and what distribution took besides.
@Suite("Repository name in a request")
struct RequestedRepositoryNameTests {
    @Test("takes the grammar", arguments: RepositoryNameTests.valid)
    func acceptsGrammar(text: String) throws {
        let name = try RepositoryName(requested: text)
        #expect(try name == RepositoryName(text))
        #expect(name.isConforming)
    }

    @Test(
        "takes a host before the first slash, which is not to be written",
        arguments: ["FOO/bar", "Host.example.com/a", "A0/z9/y", "A-b.C/x", "X/a__b"])
    func acceptsHosts(text: String) throws {
        let name = try RepositoryName(requested: text)
        #expect(name.text == text)
        #expect(!name.isConforming)
    }

    @Test("refuses what the grammar does otherwise", arguments: RepositoryNameTests.hostile)
    func refuses(text: String) {
        #expect(throws: OCIError.invalidRepositoryName(text)) { try RepositoryName(requested: text) }
    }

    @Test(
        "refuses what is no host, and upper case behind it",
        arguments: [
            "FOO/BAR", "FOO", "FOO/", "/FOO/a", "-A/b", "A-/b", "A..B/c", ".A/b", "A./b", "A_B/c", "A:5000/b", "A/../b",
            "../A/b", "A/_layers", "A\0/b", "\u{C9}/a", "A/" + String(repeating: "a", count: 254),
        ])
    func refusesOthers(text: String) {
        #expect(throws: OCIError.invalidRepositoryName(text)) { try RepositoryName(requested: text) }
    }
}
