import OCI
import RegistryStorage
import StorageProbes
import Testing

/// Link files: one digest and nothing else; everything else is damage, which is a value, so that one bad file never stops
/// a request for another.
@Suite("Link")
struct LinkTests {
    static let sha256 = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static let sha512 = "sha512:" + String(repeating: "0f", count: 64)

    @Test(
        "reads back what it writes: the canonical form without a newline", arguments: DriverMaker.all, [sha256, sha512])
    func roundTrip(maker: DriverMaker, text: String) async throws {
        try await maker.withEmptyTree { driver in
            let digest = try Digest(text)
            try await driver.write(path("a/link"), Link.content(digest))
            #expect(try await driver.text("a/link") == text)
            #expect(try await driver.link(at: path("a/link")) == .digest(digest))
            if let now = driver.immediate { #expect(try now.linkNow(at: path("a/link")) == .digest(digest)) }
            #expect(try await driver.link(at: path("a/link")).digest == digest)
        }
    }

    @Test("that is not there is absent", arguments: DriverMaker.all)
    func absent(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver async throws in
            #expect(try await driver.link(at: path("a/link")) == .absent)
            if let now = driver.immediate { #expect(try now.linkNow(at: path("a/link")) == .absent) }
            #expect(try await driver.link(at: path("a/link")).digest == nil)
        }
    }

    static let damage: [(content: [UInt8], reason: String)] = [
        ([], "the link is empty"), (Array("garbage".utf8), "the link holds no digest"),
        (Array("\(sha256)\n".utf8), "the link holds no digest"), (Array(" \(sha256)".utf8), "the link holds no digest"),
        (Array("\(sha256)\(sha256)".utf8), "the link holds no digest"),
        (Array(sha256.dropLast().utf8), "the link holds no digest"),
        (Array(sha256.utf8.dropLast(3)) + [0, 0, 0], "the link holds no digest"),
        ([0xFF, 0xFE, 0x00], "the link holds no digest"),
        ([UInt8](repeating: 0, count: 71), "the link holds no digest"),
        ([UInt8](repeating: 0x61, count: 256), "the link holds no digest"),
        ([UInt8](repeating: 0x61, count: 257), "the link is too long"),
        ([UInt8](repeating: 0x61, count: 1_000_000), "the link is too long"),
    ]

    @Test("that cannot be one is damaged, with the reason", arguments: DriverMaker.all, damage.indices)
    func damaged(maker: DriverMaker, number: Int) async throws {
        let (content, reason) = Self.damage[number]
        try await maker.withEmptyTree { driver in
            try await driver.write(path("a/link"), content)
            #expect(try await driver.link(at: path("a/link")) == .damaged(reason: reason))
            if let now = driver.immediate { #expect(try now.linkNow(at: path("a/link")) == .damaged(reason: reason)) }
        }
    }

    @Test("with a directory in its place is damaged", arguments: DriverMaker.renaming)
    func directory(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.createDirectory(path("a/link"))
            let expected = Link.damaged(reason: "a directory stands where the link should be")
            #expect(try await driver.link(at: path("a/link")) == expected)
            if let now = driver.immediate { #expect(try now.linkNow(at: path("a/link")) == expected) }
        }
    }

    @Test("may name another digest than its path: the content counts", arguments: DriverMaker.all)
    func alias(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            let name = try RepositoryName("a")
            let place = Layout.layerLink(try Digest(Self.sha512), in: name)
            try await driver.write(place, Link.content(try Digest(Self.sha256)))
            #expect(try await driver.link(at: place).digest?.description == Self.sha256)
        }
    }
}
