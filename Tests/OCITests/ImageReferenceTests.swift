import OCI
import Testing

/// Image references as people type them, resolved by the clients' rules (distribution/reference, `normalize.go`).
@Suite("Image reference")
struct ImageReferenceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var typed: String
        var domain: String
        var repository: String
        var tag: String?
        var digest: String?
        /// The full form; nothing implied is left out.
        var full: String

        init(
            _ typed: String, _ domain: String, _ repository: String, _ tag: String?, _ digest: String? = nil,
            full: String
        ) {
            self.typed = typed
            self.domain = domain
            self.repository = repository
            self.tag = tag
            self.digest = digest
            self.full = full
        }

        var testDescription: String { typed }
    }

    static let sha = "sha256:\(DigestTests.hex256)"
    static let hub = "docker.io"
    static let hex = DigestTests.hex256

    static let cases = [
        Case("ubuntu", hub, "library/ubuntu", "latest", full: "docker.io/library/ubuntu:latest"),
        Case("ubuntu:24.04", hub, "library/ubuntu", "24.04", full: "docker.io/library/ubuntu:24.04"),
        Case("library/ubuntu", hub, "library/ubuntu", "latest", full: "docker.io/library/ubuntu:latest"),
        Case("docker.io/ubuntu", hub, "library/ubuntu", "latest", full: "docker.io/library/ubuntu:latest"),
        Case("index.docker.io/x", hub, "library/x", "latest", full: "docker.io/library/x:latest"),
        Case("index.docker.io/a/x:1", hub, "a/x", "1", full: "docker.io/a/x:1"),
        Case("bitnami/redis", hub, "bitnami/redis", "latest", full: "docker.io/bitnami/redis:latest"),
        Case("a/b/c", hub, "a/b/c", "latest", full: "docker.io/a/b/c:latest"),
        // Without a slash there is no domain, whatever it looks like.
        Case("localhost", hub, "library/localhost", "latest", full: "docker.io/library/localhost:latest"),
        Case("localhost:5000", hub, "library/localhost", "5000", full: "docker.io/library/localhost:5000"),
        Case("a.b", hub, "library/a.b", "latest", full: "docker.io/library/a.b:latest"),
        Case("localhost/x", "localhost", "x", "latest", full: "localhost/x:latest"),
        Case(
            "localhost:5000/my-ubuntu", "localhost:5000", "my-ubuntu", "latest", full: "localhost:5000/my-ubuntu:latest"
        ),
        Case("host:5000/foo/bar:1", "host:5000", "foo/bar", "1", full: "host:5000/foo/bar:1"),
        Case("host/foo", hub, "host/foo", "latest", full: "docker.io/host/foo:latest"),
        Case("a.b/c", "a.b", "c", "latest", full: "a.b/c:latest"),
        Case("a.b/c:V_1", "a.b", "c", "V_1", full: "a.b/c:V_1"),
        Case("ghcr.io/owner/name:v1", "ghcr.io", "owner/name", "v1", full: "ghcr.io/owner/name:v1"),
        Case("127.0.0.1:5000/x", "127.0.0.1:5000", "x", "latest", full: "127.0.0.1:5000/x:latest"),
        Case("UPPER/x", "UPPER", "x", "latest", full: "UPPER/x:latest"),
        Case("my-host:0/x", "my-host:0", "x", "latest", full: "my-host:0/x:latest"),
        Case("host:65535/x", "host:65535", "x", "latest", full: "host:65535/x:latest"),
        Case("[::1]:5000/x", "[::1]:5000", "x", "latest", full: "[::1]:5000/x:latest"),
        Case("[::1]/x:2", "[::1]", "x", "2", full: "[::1]/x:2"),
        Case("[FE80::a1]/x", "[FE80::a1]", "x", "latest", full: "[FE80::a1]/x:latest"),
        Case("ubuntu@\(sha)", hub, "library/ubuntu", nil, sha, full: "docker.io/library/ubuntu@\(sha)"),
        Case("ubuntu:24.04@\(sha)", hub, "library/ubuntu", "24.04", sha, full: "docker.io/library/ubuntu:24.04@\(sha)"),
        Case("host:5000/a/b@\(sha)", "host:5000", "a/b", nil, sha, full: "host:5000/a/b@\(sha)"),
        Case("host:5000/a:1@\(sha)", "host:5000", "a", "1", sha, full: "host:5000/a:1@\(sha)"),
        // Sixty-four hexadecimal characters are an image id only when they stand alone.
        Case("localhost:5000/\(hex)", "localhost:5000", hex, "latest", full: "localhost:5000/\(hex):latest"),
        Case("\(hex):1", hub, "library/\(hex)", "1", full: "docker.io/library/\(hex):1"),
        Case("ubuntu:\(hex)", hub, "library/ubuntu", hex, full: "docker.io/library/ubuntu:\(hex)"),
    ]

    @Test("is resolved into its parts", arguments: cases)
    func parts(example: Case) throws {
        let reference = try ImageReference(example.typed)
        #expect(reference.domain == example.domain)
        #expect(reference.repository.text == example.repository)
        #expect(reference.tag?.text == example.tag)
        #expect(reference.digest?.description == example.digest)
        #expect(reference.description == example.full)
    }

    @Test("in its full form means the same", arguments: cases)
    func fullFormIsStable(example: Case) throws {
        #expect(try ImageReference(example.full) == ImageReference(example.typed))
    }

    @Test("asks for the digest where there is one, else for the tag")
    func reference() throws {
        #expect(try ImageReference("a:1").reference == .tag(Tag("1")))
        #expect(try ImageReference("a:1@\(Self.sha)").reference == .digest(Digest(Self.sha)))
        #expect(try ImageReference("a@\(Self.sha)").reference == .digest(Digest(Self.sha)))
    }
}

/// What nobody can mean by an image reference.
@Suite("Image reference refused")
struct ImageReferenceErrorTests {
    static let sha = ImageReferenceTests.sha

    @Test(
        "as a whole",
        arguments: [
            "", "http://ubuntu", "https://ghcr.io/a", "host:/x", "host:65536/x", "host:-1/x", "host:+80/x",
            "host:5000a/x",
            "host:99999999999999999999/x", "-a.b/c", "a-.b/c", "a..b/c", ".b/c", "../a", "a./c", "a_b.c/d", "[::1/x",
            "[zz::1]/x", "::1/x", "H\u{E9}/x", "a%2e.b/c", "a.b\0/c", DigestTests.hex256,
        ])
    func invalidReference(text: String) {
        #expect(throws: OCIError.invalidReference(text)) { try ImageReference(text) }
    }

    @Test(
        "for the name in it",
        arguments: [
            "/", "[]/x", "/x", "x/", "a//b", "host:5000/", "localhost/", "a.b/", ":tag", "@\(sha)", "Ubuntu",
            "host:5000/Foo", "a b",
            " a", "a ", "a\n", "a\0b", "a/../b", "_a", "a_", "localhost/_layers", "\u{FF41}", "a@\(sha)@\(sha)",
            "host:5000/\(String(repeating: "a", count: 256))",
        ])
    func invalidName(text: String) {
        let error = #expect(throws: OCIError.self) { try ImageReference(text) }
        guard case .invalidRepositoryName = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("for the tag in it", arguments: ["a:", "a:.b", "a:-b", "a:b c", "a:b\n", "host:5000/a:", "a::", "a:é"])
    func invalidTag(text: String) {
        let error = #expect(throws: OCIError.self) { try ImageReference(text) }
        guard case .invalidTag = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "for the digest in it",
        arguments: [
            "a@", "user@host:5000/x", "a@sha256:", "a@sha256:0", "a@md5:00", "a@latest", "\(sha)@", "a@\(sha) ",
        ])
    func invalidDigest(text: String) {
        let error = #expect(throws: OCIError.self) { try ImageReference(text) }
        guard case .invalidDigest = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
