import OCI
import RegistryIndex
import Testing

/// Promises to clients: a time that stands until something holds what was promised.
@Suite("Lease")
struct LeaseTests {
    private let index: ReferenceIndex
    private let name: RepositoryName

    init() throws {
        index = try ReferenceIndex(path: nil)
        name = try RepositoryName("a")
    }

    private func lease(of text: String) throws -> Int64? {
        try index.read { try $0.references(to: Sample.digest(text))?.leased }
    }

    @Test("on a blob is the latest of those made, and none takes it back but a manifest that holds it")
    func blob() throws {
        let digest = Sample.digest("layer")
        for (made, standing) in [(5, 5), (9, 9), (7, 9), (0, 9)] as [(Int64, Int64)] {
            try index.write { try $0.blobPresent(digest, size: 5, leased: made) }
            #expect(try lease(of: "layer") == standing)
        }
        try index.write { try $0.blobPresent(Sample.digest("other"), size: 5, leased: 3) }
        let image = try Sample.image(["layer"])
        try index.write { try $0.manifestLinked(image, in: name, at: 10, leased: 10) }
        #expect(try lease(of: "layer") == 0)
        #expect(try lease(of: "other") == 3)
    }

    @Test("on a manifest ends with its tag")
    func tagged() throws {
        let image = try Sample.image(["x"])
        try index.write { try $0.manifestLinked(image, in: name, at: 4, leased: 4) }
        #expect(try index.read { try $0.revision(image.digest, in: name)?.leased } == 4)
        #expect(try index.read { try $0.looseRevisions().map(\.leased) } == [4])
        try index.write { try $0.tagSet(Tag("t"), to: image.digest, in: name, at: 5) }
        #expect(try index.read { try $0.revision(image.digest, in: name)?.leased } == 0)
    }

    @Test("on a manifest ends with an index of the same repository, not of another")
    func listed() throws {
        let image = try Sample.image(["x"])
        let list = try Sample.index([image])
        let other = try RepositoryName("b")
        try index.write { change in
            try change.manifestLinked(image, in: name, at: 4, leased: 4)
            try change.manifestLinked(image, in: other, at: 6, leased: 6)
            try change.manifestLinked(list, in: name, at: 7, leased: 7)
        }
        try index.read { view throws in
            #expect(try view.revision(image.digest, in: name)?.leased == 0)
            #expect(try view.revision(image.digest, in: other)?.leased == 6)
            #expect(try view.revision(list.digest, in: name)?.leased == 7)
            #expect(try view.revision(list.digest, in: other) == nil)
        }
    }
}
