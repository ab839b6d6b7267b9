import OCI
import RegistryCore
import Testing

@testable import RegistryHTTP

/// Paths that want out of the tree, or into a place of it that is not theirs: none of them is a route.
@Suite struct HostileRouteTests {
    enum Refusal: Sendable, Equatable {
        case name, tag, digest, upload, unknown
    }

    private func refusal(_ path: String) -> Refusal? {
        switch RouteMatch(encoded: path) {
        case .unknown: .unknown
        case .invalid(.nameInvalid, _): .name
        case .invalid(.tagInvalid, _): .tag
        case .invalid(.digestInvalid, _): .digest
        case .invalid(.blobUploadUnknown, _): .upload
        case .invalid, .route, .redirect: nil
        }
    }

    @Test(arguments: [
        "..", ".", "a/..", "../a", "a/../b", "a/./b", "%2e%2e", "a/%2E%2E/b", "a/%2e/b", "a%2f..%2Fb", "%2e%2e%2f",
        "..%2fa",
        "a%2F%2e%2e", "",
        "_layers", "a/_layers", "_manifests", "a/_manifests/tags", "_uploads/a", "a/_catalog", "-a", "a-", ".a", "a.",
        "a..b", "a___b", "a._b", "App", "aPP", "a/B", "\u{E4}pp", "%C3%A4pp", "a b", "a%20b", "a~b", "a:b", "a@b",
        "a?b", "a%3Fb", "a%23b", "sha256:ab", "a*", "a\u{7F}",
    ])
    func aNameOutsideTheGrammar(name: String) {
        #expect(refusal("/v2/\(name)/tags/list") == .name)
        #expect(refusal("/v2/\(name)/manifests/latest") == .name)
        #expect(refusal("/v2/\(name)/blobs/sha256:\(RouteTests.hex)") == .name)
        #expect(refusal("/v2/\(name)/blobs/uploads/") == .name)
        #expect(refusal("/v2/\(name)/blobs/uploads/\(RouteTests.id)") == .name)
        #expect(refusal("/v2/\(name)/referrers/sha256:\(RouteTests.hex)") == .name)
    }

    /// An encoded backslash, NUL or control character, and an escape that is none, are refused before anything is read.
    @Test(arguments: [
        "%5c", "%5C", "%00", "%0a", "%0D%0a", "%1f", "%7f", "%", "%zz", "%2g", "%ff", "%c3", "%ed%a0%80",
    ])
    func anEscapeThatIsNeverMeantWell(text: String) {
        #expect(refusal("/v2/a\(text)b/tags/list") == .unknown)
        #expect(refusal("/v2/a/manifests/x\(text)") == .unknown)
        #expect(refusal("/v2/a/manifests/..\(text)..") == .unknown)
        #expect(refusal("/v2/a/blobs/uploads/\(text)") == .unknown)
        #expect(refusal("/v2\(text)/") == .unknown)
    }

    /// What is decoded once is not decoded again.
    @Test(arguments: ["%252e%252e", "%252f", "%2500"]) func aDoubleEscapeIsNoName(text: String) {
        #expect(refusal("/v2/\(text)/tags/list") == .name)
        #expect(refusal("/v2/a/manifests/\(text)") == .tag)
    }

    @Test(arguments: ["..", ".", "%2e%2e", "", "-x", ".x", "a b", "a%20b", "a+b", "a@b", "\u{E4}", "x!"])
    func aTagOutsideTheGrammar(tag: String) {
        #expect(refusal("/v2/app/manifests/\(tag)") == .tag)
    }

    @Test(arguments: [
        "sha256:short", "sha256:", ":", ":\(RouteTests.hex)", "sha256:\(RouteTests.hex)a", "md5:\(RouteTests.hex)",
        "SHA256:\(RouteTests.hex)", "sha256:\(RouteTests.hex.uppercased())", "sha512:\(RouteTests.hex)",
        "sha256::\(RouteTests.hex)", "sha256:..", "sha256:%2e%2e", "sha256:g\(RouteTests.hex.dropFirst())",
    ])
    func aDigestThatIsNone(digest: String) {
        #expect(refusal("/v2/app/manifests/\(digest)") == .digest)
        #expect(refusal("/v2/app/blobs/\(digest)") == .digest)
        #expect(refusal("/v2/app/referrers/\(digest)") == .digest)
    }

    /// Only a blob and a referrers list are always asked for by digest.
    @Test(arguments: ["latest", "..", "", RouteTests.hex]) func aTagIsNoDigest(text: String) {
        #expect(refusal("/v2/app/blobs/\(text)") == .digest)
        #expect(refusal("/v2/app/referrers/\(text)") == .digest)
    }

    @Test(arguments: [
        "..", "%2e%2e", "x", "6f9619ff8b864d01b42d00cf4fc964ff", "\(RouteTests.id)0", "{\(RouteTests.id)}",
        "6f9619ff-8b86-4d01-b42d-00cf4fc964f.", "6f9619ff-8b86-4d01-b42d-00cf4fc964fg",
    ])
    func anUploadThatIsNoUUID(id: String) {
        #expect(refusal("/v2/app/blobs/uploads/\(id)") == .upload)
    }

    @Test func aNameHas255CharactersAtMost() throws {
        let longest = String(repeating: "a", count: 255)
        #expect(
            RouteMatch(path: "/v2/\(longest)/tags/list") == .route(.tags(try RepositoryName(longest))))
        #expect(refusal("/v2/\(longest)a/tags/list") == .name)
        let deepest = Array(repeating: "a", count: 128).joined(separator: "/")
        #expect(deepest.count == 255)
        #expect(RouteMatch(path: "/v2/\(deepest)/tags/list") == .route(.tags(try RepositoryName(deepest))))
        #expect(refusal("/v2/\(deepest)/a/tags/list") == .name)
    }

    @Test func aTagHas128CharactersAtMost() throws {
        let longest = String(repeating: "t", count: 128)
        #expect(
            RouteMatch(path: "/v2/a/manifests/\(longest)")
                == .route(.manifest(.tag(try OCI.Tag(longest)), try RepositoryName("a"))))
        #expect(refusal("/v2/a/manifests/\(longest)t") == .tag)
    }
}
