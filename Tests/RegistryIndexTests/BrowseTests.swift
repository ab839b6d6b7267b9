import OCI
@testable import RegistryIndex
import Testing

/// Lists and totals: pages in byte order, and bytes that are counted once.
@Suite("Index browsing")
struct BrowseTests {
    private let index: ReferenceIndex

    init() throws { index = try ReferenceIndex(path: nil) }

    @Test(
        "pages of tags come in byte order from the first after the last",
        arguments: [
            (nil, 100, ["1.0", "10", "9", "B", "_", "a", "a-b", "a.b", "b"]), (nil, 2, ["1.0", "10"]),
            ("10", 3, ["9", "B", "_"]), ("1.1", 2, ["10", "9"]), ("a", 1, ["a-b"]), ("C", 1, ["_"]), ("b", 5, []),
            (nil, 0, []), ("zz", 5, []), ("'; DROP TABLE tag; --", 1, ["1.0"]), ("\u{0}", 1, ["1.0"]),
        ] as [(String?, Int, [String])])
    func tagPages(last: String?, limit: Int, expected: [String]) throws {
        let name = try RepositoryName("a")
        let image = try Sample.image(["x"])
        try index.write { change in
            for (at, tag) in ["b", "_", "B", "10", "9", "a-b", "a", "a.b", "1.0"].enumerated() {
                try change.push(image, to: name, tag: tag, at: Int64(at))
            }
            try change.push(image, to: RepositoryName("a/other"), tag: "aaa")
        }
        let page = try index.read { try $0.tagNames(in: name, after: last, limit: limit) }
        #expect(page.map(\.text) == expected)
    }

    @Test("pages of repositories come in byte order and leave out those with nothing in them")
    func repositoryPages() throws {
        let image = try Sample.image(["x"])
        try index.write { change in
            for name in ["b", "a/b", "a-b", "a"] { try change.push(image, to: RepositoryName(name)) }
            try change.push(blob: "x", to: RepositoryName("only-a-blob"))
            try change.push(image, to: RepositoryName("emptied"), tag: "t")
            try change.tagRemoved(Tag("t"), in: RepositoryName("emptied"))
            try change.manifestUnlinked(image.digest, in: RepositoryName("emptied"))
        }
        try index.read { view throws in
            func page(_ last: String?, _ limit: Int) throws -> [String] {
                try view.repositoryNames(after: last, limit: limit).map(\.text)
            }
            #expect(try page(nil, 9) == ["a", "a-b", "a/b", "b", "only-a-blob"])
            #expect(try page("a", 2) == ["a-b", "a/b"])
            #expect(try page("only-a-blob", 9) == [])
            #expect(try view.contains(RepositoryName("only-a-blob")))
            #expect(try !view.contains(RepositoryName("emptied")))
            #expect(try !view.contains(RepositoryName("never")))
            #expect(try view.allRepositories().map(\.text) == ["a", "a-b", "a/b", "b", "emptied", "only-a-blob"])
            #expect(try view.repositories { $0 }.map(\.name.text) == ["a", "a-b", "a/b", "b", "only-a-blob"])
        }
    }

    @Test("totals of a repository count each blob once, and as its own only what no other holds")
    func totals() throws {
        let left = try RepositoryName("left")
        let right = try RepositoryName("right")
        let first = try Sample.image(["shared", "four"])
        let second = try Sample.image(["shared", "seven77"])
        try index.write { change in
            for text in ["shared", "four", "config", "config"] { try change.push(blob: text, to: left) }
            for text in ["shared", "seven77", "config"] { try change.push(blob: text, to: right) }
            try change.layerLinked(Sample.digest("a link without bytes"), in: left)
            try change.push(first, to: left, tag: "x", at: 3)
            try change.push(first, to: left, tag: "y", at: 4)
            try change.push(second, to: right, tag: "x", at: 5)
            try change.push(first, to: right, at: 9)
        }
        let sizes = (first: Int64(first.bytes.count), second: Int64(second.bytes.count))
        let rows = try index.read { try $0.repositories { $0 } }
        #expect(
            rows == [
                RepositoryRow(
                    name: left, tagCount: 2, manifestCount: 1, bytes: 6 + 4 + 6 + sizes.first, bytesUnique: 4, pushed: 4
                ),
                RepositoryRow(
                    name: right, tagCount: 1, manifestCount: 2, bytes: 6 + 7 + 6 + sizes.first + sizes.second,
                    bytesUnique: 7 + sizes.second, pushed: 9),
            ])
    }

    @Test("tags say where they point, what that is, and how many others point there")
    func tags() throws {
        let name = try RepositoryName("a")
        let image = try Sample.image(["x"])
        let unknown = Sample.digest("no manifest of ours")
        try index.write { change in
            try change.push(image, to: name, tag: "b", at: 1)
            try change.push(image, to: name, tag: "a", at: 2)
            try change.tagSet(Tag("c"), to: unknown, in: name, at: 3)
            try change.push(image, to: RepositoryName("elsewhere"), tag: "z", at: 9)
        }
        try index.read { view throws in
            #expect(
                try view.tags(in: name) { $0 } == [
                    TagRow(tag: Tag("a"), digest: image.digest, mediaType: .ociManifest, updated: 2, sameDigest: 1),
                    TagRow(tag: Tag("b"), digest: image.digest, mediaType: .ociManifest, updated: 1, sameDigest: 1),
                    TagRow(tag: Tag("c"), digest: unknown, mediaType: MediaType(""), updated: 3, sameDigest: 0),
                ])
            #expect(
                try view.tagTargets(in: name)
                    == [Tag("a"): image.digest, Tag("b"): image.digest, Tag("c"): unknown])
        }
    }

    @Test("says which repositories hold a manifest or link a blob, and what a repository holds")
    func membership() throws {
        let image = try Sample.image(["x"])
        let names = try ["b", "a"].map { try RepositoryName($0) }
        try index.write { change in
            for name in names {
                try change.push(image, to: name)
                try change.push(blob: "x", to: name)
            }
            try change.push(blob: "y", to: names[0])
        }
        try index.read { view throws in
            #expect(try view.repositories(withRevision: image.digest) == [names[1], names[0]])
            #expect(try view.repositories(withLayer: Sample.digest("x")) == [names[1], names[0]])
            #expect(try view.repositories(withLayer: Sample.digest("y")) == [names[0]])
            #expect(try view.repositories(withLayer: image.digest) == [])
            #expect(try view.revisions(in: names[0]) == [image.digest])
            #expect(try view.layers(in: names[0]) == [Sample.digest("x"), Sample.digest("y")])
        }
    }

    /// A first comparison finds them in the order of their digests.
    @Test("a repository was last pushed to when its newest manifest was, in whatever order they are found")
    func lastPush() throws {
        let name = try RepositoryName("a")
        let images = try ["1", "2", "3"].map { try Sample.image([$0]) }
        for times: [Int64] in [[10, 30, 20], [30, 20, 10]] {
            let index = try ReferenceIndex(path: nil)
            try index.write { change in
                for (image, at) in zip(images, times) { try change.push(image, to: name, at: at) }
            }
            #expect(try index.read { try $0.repositories { $0 } }.map(\.pushed) == [30])
        }
        // One that lies in the future was written by a clock that was wrong.
        try index.write { change in
            try change.push(images[0], to: name, at: 1 << 40)
            try change.push(images[1], to: name, at: 50)
        }
        #expect(try index.read { try $0.repositories { $0 } }.map(\.pushed) == [50])
    }
}
