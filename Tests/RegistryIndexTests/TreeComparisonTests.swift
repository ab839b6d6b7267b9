import OCI
@testable import RegistryIndex
import Testing

/// What the reconciler asks when it holds the index against the tree: slices of the store, and places that are damaged.
@Suite("Index against the tree")
struct TreeComparisonTests {
    private let index: ReferenceIndex

    init() throws { index = try ReferenceIndex(path: nil) }

    private static func digest(_ algorithm: Digest.Algorithm, _ first: UInt8, _ rest: UInt8) throws -> Digest {
        let bytes = [first] + [UInt8](repeating: rest, count: algorithm.byteCount - 1)
        return try #require(Digest(algorithm: algorithm, bytes: bytes))
    }

    @Test("a repository that still has links is not taken for one without directories")
    func bareWithLinks() throws {
        let name = try RepositoryName("a")
        let digest = try Self.digest(.sha256, 1, 1)
        try index.write { change in
            try change.layerLinked(digest, in: name)
            try change.repositoryBare(name)
        }
        #expect(try index.read { try $0.emptyRepositories() } == [])
        // Its last link has gone: its directories are there to be swept.
        try index.write { try $0.layerUnlinked(digest, in: name) }
        #expect(try index.read { try $0.emptyRepositories() } == [name])
        try index.write { try $0.repositoryBare(name) }
        #expect(try index.read { try $0.emptyRepositories() } == [])
    }

    @Test(
        "a slice of the store has exactly the blobs of its algorithm and first byte",
        arguments: Digest.Algorithm.allCases)
    func slices(algorithm: Digest.Algorithm) throws {
        let all = try Digest.Algorithm.allCases.flatMap { algorithm in
            try (0...255).flatMap { first in
                try [0x00, 0xFF].map { try Self.digest(algorithm, UInt8(first), $0) }
            }
        }
        let absent = try Self.digest(algorithm, 0xFF, 0x7F)
        try index.write { change in
            for (size, digest) in all.enumerated() { try change.blobPresent(digest, size: Int64(size), leased: 0) }
            try change.layerLinked(absent, in: RepositoryName("a"))
        }
        for prefix in [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF] as [UInt8] {
            let expected = all.enumerated().filter { $1.algorithm == algorithm && $1.bytes[0] == prefix }
            let slice = try index.read { try $0.presentBlobs(algorithm, prefix: prefix) }
            #expect(expected.count == 2)
            #expect(slice == Dictionary(uniqueKeysWithValues: expected.map { ($1, Int64($0)) }))
        }
    }

    @Test("names the first bytes that the store has blobs of, by algorithm")
    func prefixes() throws {
        let gone = try Self.digest(.sha256, 0x33, 1)
        try index.write { change in
            for first in [0x00, 0x0A, 0xFF] as [UInt8] {
                for rest in [0, 1] as [UInt8] {
                    try change.blobPresent(Self.digest(.sha256, first, rest), size: 1, leased: 0)
                }
            }
            try change.blobPresent(Self.digest(.sha512, 0x20, 0), size: 1, leased: 0)
            try change.layerLinked(gone, in: RepositoryName("a"))
        }
        #expect(try index.read { try $0.blobPrefixes(.sha256) } == [0x00, 0x0A, 0xFF])
        #expect(try index.read { try $0.blobPrefixes(.sha512) } == [0x20])
    }

    @Test("a blob that went is in no slice")
    func wentAway() throws {
        let digest = try Self.digest(.sha256, 0xFF, 1)
        try index.write { change in
            try change.blobPresent(digest, size: 1, leased: 0)
            try change.layerLinked(digest, in: RepositoryName("a"))
            try change.blobAbsent(digest)
        }
        try index.read { view throws in
            #expect(try view.presentBlobs(.sha256, prefix: 0xFF).isEmpty)
            #expect(try view.references(to: digest)?.present == false)
        }
    }

    @Test("damage is kept by path, said anew, and forgotten below a place or outside repositories")
    func damage() throws {
        let name = try RepositoryName("a")
        func paths() throws -> [String] { try index.read { try $0.damage().map(\.path) } }
        try index.write { change in
            try change.damaged("repositories/a/tags/x/link", in: name, naming: nil, reason: "first", pass: 1)
            try change.damaged(
                "repositories/a/tags/x/link", in: name, naming: Sample.digest("x"), reason: "the link is empty", pass: 1
            )
            try change.damaged("repositories/ab/link", in: RepositoryName("ab"), naming: nil, reason: "r", pass: 1)
            try change.damaged("repositories/a", in: name, naming: nil, reason: "r", pass: 1)
            try change.damaged("repositories/é/link", in: nil, naming: nil, reason: "r", pass: 1)
            try change.damaged("blobs/x", in: nil, naming: nil, reason: "r", pass: 1)
        }
        let rows = try index.read { try $0.damage() }
        #expect(
            rows.map(\.path) == [
                "blobs/x", "repositories/a", "repositories/a/tags/x/link", "repositories/ab/link",
                "repositories/é/link",
            ])
        #expect(
            rows[2]
                == DamageRow(
                    path: "repositories/a/tags/x/link", repository: name, digest: Sample.digest("x"),
                    reason: "the link is empty"))
        #expect(rows[0].repository == nil)
        #expect(rows[0].digest == nil)
        try index.write { try $0.damageCleared(below: "repositories/a", before: 2) }
        #expect(try paths() == ["blobs/x", "repositories/a", "repositories/ab/link", "repositories/é/link"])
        try index.write { try $0.damageCleared(below: "repositories/é", before: 2) }
        #expect(try paths() == ["blobs/x", "repositories/a", "repositories/ab/link"])
        try index.write { try $0.damageOutsideRepositoriesCleared(before: 2) }
        #expect(try paths() == ["repositories/a", "repositories/ab/link"])
        try index.write { try $0.damageCleared(below: "repositories/%", before: 2) }
        #expect(try paths() == ["repositories/a", "repositories/ab/link"])
    }
}
