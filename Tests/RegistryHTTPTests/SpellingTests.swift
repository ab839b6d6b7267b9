import Foundation
import OCI
import RegistryCore
import RegistryHTTP
import Testing

/// Every way of writing a path that a URL allows means the same (RFC 3986 §6.2.2): the same status, headers and body.
@Suite(.timeLimit(.minutes(2))) struct SpellingTests {
    private static let plain = [
        "/v2/", "/v2/_catalog", "/v2/team/app/tags/list", "/v2/team/app/manifests/v1",
        "/v2/team/app/manifests/{manifest}",
        "/v2/team/app/blobs/{small}", "/v2/team/app/referrers/{manifest}", "/v2/a/manifests/b/manifests/x",
        "/v2/team/app/manifests/nope", "/v2/team/app/blobs/{absent}", "/v2/nope/tags/list",
    ]

    /// What a client may make of a path.
    private enum Spelling: CaseIterable {
        case slashes, slashesInLowerCase, colons, letters, everything, absolute, absoluteOverTLS, behindAPort

        func spell(_ path: String) -> String {
            switch self {
            case .slashes: "/" + path.dropFirst().replacing("/", with: "%2F")
            case .slashesInLowerCase: "/" + path.dropFirst().replacing("/", with: "%2f")
            case .colons: path.replacing(":", with: "%3a")
            case .letters: Self.escape(path) { $0 % 3 == 0 && $1 != UInt8(ascii: "/") }
            case .everything: "/" + Self.escape(String(path.dropFirst())) { _, _ in true }
            case .absolute: "http://registry.example\(path)"
            case .absoluteOverTLS: "HTTPS://registry.example\(path)"
            case .behindAPort: "http://registry.example:5000\(path.replacing(":", with: "%3A"))"
            }
        }

        private static func escape(_ text: String, _ isEscaped: (Int, UInt8) -> Bool) -> String {
            text.utf8.enumerated().map { place, byte in
                isEscaped(place, byte)
                    ? "%" + String(byte, radix: 16, uppercase: place % 2 == 0) : String(Unicode.Scalar(byte))
            }.joined()
        }
    }

    @Test(arguments: ["GET", "HEAD"]) func meansTheSame(method: String) async throws {
        let cargo = try Cargo.shared.get()
        try await Harbour.open(.memory) { harbour in
            try await cargo.load(into: harbour.registry)
            let client = try await harbour.connect()
            for path in Self.plain.map({ cargo.resolve($0) }) {
                let expected = try await client.exchange(method, path)
                for spelling in Spelling.allCases {
                    let target = spelling.spell(path)
                    let answer = try await client.exchange(method, target)
                    #expect(answer.status == expected.status, "\(target)")
                    for name in ["content-length", "docker-content-digest", "docker-distribution-api-version"] {
                        #expect(answer.header(name) == expected.header(name), "\(target) \(name)")
                    }
                    let isSame = answer.body == expected.body
                    #expect(isSame, "\(target)")
                }
            }
            await client.close()
        }
    }

    /// A push as a client does it that escapes whatever it can, and a plain pull of what it pushed.
    @Test func isPushedAndPulled() async throws {
        let cargo = try Cargo.shared.get()
        try await Harbour.open(.memory) { harbour in
            let uploads = "/v2/team%2fnew/blobs/upload%73%2F"
            for name in ["spare-layer", "spare-config"] {
                let target = cargo.resolve("\(uploads)?digest={\(name)}").replacing(":", with: "%3A")
                let pushed = try await harbour.exchange("POST", target, body: cargo.contents[name])
                #expect(pushed.status == 201)
                #expect(pushed.location == cargo.resolve("/v2/team/new/blobs/{\(name)}"))
            }
            let begun = try await harbour.exchange("POST", uploads)
            let location = try #require(begun.location).replacing("/v2/team/new", with: "/v2/te%61m%2Fnew")
            #expect(try await harbour.exchange("DELETE", location).status == 204)
            let tagged = try await harbour.exchange(
                "PUT", "/v2/team%2Fnew/manifests/v%31", body: cargo.contents["spare"])
            #expect(tagged.status == 201)
            let pulled = try await harbour.exchange("GET", "/v2/team/new/manifests/v1")
            let isSame = pulled.body == cargo.contents["spare"]
            #expect(pulled.status == 200 && isSame)
            #expect(
                try await harbour.exchange("DELETE", cargo.resolve("/v2/team%2Fnew/manifests/{spare}")).status == 202)
        }
    }

    @Test(arguments: [
        ("/reg%2Fv2/team/app/manifests/v1", 200), ("/r%65g/v2%2Fteam%2fapp/manifests/v1", 200),
        ("/%72%65%67/v2/", 200), ("/reg%2fv2", 301), ("/regx%2fv2/", 404), ("/reg%252fv2/", 404), ("/v2/", 404),
    ])
    func isFoundBelowAPrefix(target: String, status: Int) async throws {
        try await Harbour.open(.memory, server: { $0.addressing.prefix = "/reg" }) { harbour in
            try await Cargo.shared.get().load(into: harbour.registry)
            let answer = try await harbour.exchange("GET", target)
            #expect(answer.status == status)
        }
    }

    /// Decoded once and as a whole, then read by the grammar of names: nothing climbs, whatever it is dressed as.
    @Test(arguments: [
        "/v2/..%2f..%2fetc/tags/list", "/v2/%2e%2e%2F%2e%2e%2Fetc%2Fpasswd/manifests/x", "/v2/a%2f..%2fb/tags/list",
        "/v2/a/manifests/..%2F..%2Fx", "/v2/a/manifests/%2e%2e", "/v2/a/blobs/sha256%3A..%2F..%2Fx",
        "/v2/a%252fb/tags/list", "/v2/a%25252fb/tags/list", "/v2/a%5cb/tags/list", "/v2/a%00b/tags/list",
        "/v2/a%0d%0ab/tags/list", "/v2/a%/tags/list", "/v2/a%2/tags/list", "/v2/a%zz/tags/list", "/v2/a%ff/tags/list",
        "/v2/a%c0%afb/tags/list", "/v2/a/blobs/uploads/..%2f..%2fx", "/..%2fv2/", "/v2%2f..%2fv2/a/tags/list",
        "/v2/a%E2%88%95b/tags/list", "http://h/v2/..%2Fa/tags/list",
    ])
    func climbsNowhere(target: String) async throws {
        try await Harbour.open(.memory) { harbour in
            let answer = try await harbour.exchange("GET", target)
            #expect(answer.status == 400 || answer.status == 404)
            #expect(answer.header("location") == nil)
        }
    }

    @Test(arguments: [
        ("GET", "//v2//", "/v2/"), ("GET", "/v2/team//app/tags/list?n=2", "/v2/team/app/tags/list?n=2"),
        ("HEAD", "/v2/team/app/manifests/v1/", "/v2/team/app/manifests/v1"),
        ("GET", "/v2/team%2F%2Fapp/tags/list", "/v2/team/app/tags/list"),
        ("POST", "/v2//team/app/blobs/uploads/", "/v2/team/app/blobs/uploads/"),
        ("GET", "http://h//v2//_catalog/", "/v2/_catalog"),
    ])
    func aSlashTooManyIsSentToThePathWithout(method: String, target: String, location: String) async throws {
        try await Harbour.open(.memory) { harbour in
            let answer = try await harbour.exchange(method, target)
            #expect(answer.status == 301)
            #expect(answer.header("location") == location)
        }
    }

    @Test(arguments: ["http://h", "http://h/", "http://h?a=b", "HTTP://h:5000/v2/?n=1"])
    func aTargetInFullMayHaveNoPath(target: String) async throws {
        try await Harbour.open(.memory) { harbour in
            let answer = try await harbour.exchange("GET", target)
            #expect(answer.status == 200)
        }
    }
}
