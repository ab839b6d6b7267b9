import OCI
@testable import RegistryIndex
import Testing

/// Questions about the graph: what a manifest reaches, what reaches a blob, what is held and by whom.
@Suite("Reference graph")
struct ReferenceGraphTests {
    private let index: ReferenceIndex
    private let a: RepositoryName
    private let b: RepositoryName

    init() throws {
        index = try ReferenceIndex(path: nil)
        a = try RepositoryName("a")
        b = try RepositoryName("b")
    }

    @Test("counts every edge, revision and tag, and forgets what nothing says any more")
    func counts() throws {
        let image = try Sample.image(["one", "two", "two"])
        let one = Sample.digest("one")
        let two = Sample.digest("two")
        #expect(try index.read { try $0.references(to: one) == nil })
        try index.write { change in
            for text in ["one", "two", "config"] { try change.push(blob: text, to: a) }
            #expect(try change.view.count(one) == 0)
            try change.push(image, to: a, tag: "x")
            try change.tagSet(Tag("y"), to: image.digest, in: a, at: 0)
            try change.push(image, to: b)
            try change.push(image, to: b)
        }
        try index.read { view throws in
            #expect(try view.count(one) == 1)
            #expect(try view.count(two) == 2)
            #expect(try view.count(image.digest) == 4)
            #expect(try view.references(to: two)?.size == 3)
            #expect(try view.references(to: two)?.present == true)
        }
        try index.write { try $0.manifestUnlinked(image.digest, in: a) }
        #expect(try index.read { try [$0.count(one), $0.count(image.digest)] } == [1, 3])
        try index.write { change in
            try change.manifestUnlinked(image.digest, in: b)
            try change.tagRemoved(Tag("x"), in: a)
            try change.tagRemoved(Tag("y"), in: a)
        }
        #expect(try index.read { try [$0.count(one), $0.count(two), $0.count(image.digest)] } == [0, 0, 0])
        try index.write { change in
            try change.blobAbsent(one)
            try change.layerUnlinked(one, in: a)
        }
        #expect(try index.read { try $0.count(one) } == nil)
    }

    @Test("a tag that moves takes its reference along")
    func movedTag() throws {
        let old = try Sample.image(["old"])
        let new = try Sample.image(["new"])
        try index.write { change in
            try change.push(old, to: a, tag: "x", at: 5)
            try change.push(new, to: a, tag: "x", at: 6)
        }
        try index.read { view throws in
            #expect(try view.count(old.digest) == 1)
            #expect(try view.count(new.digest) == 2)
            #expect(try view.tags(of: old.digest, in: a) == [])
            #expect(try view.tags(of: new.digest, in: a).map(\.text) == ["x"])
            #expect(try view.looseRevisions().map(\.digest) == [old.digest])
            #expect(try view.tags(in: a) { $0 }.map(\.updated) == [6])
        }
    }

    @Test("lists edges in document order with their role, size, platform and whether they are here")
    func edges() throws {
        let image = try Sample.image(["base", "top"])
        let list = try Sample.index([image, try Sample.image(["elsewhere"])])
        try index.write { change in
            try change.push(blob: "top", to: a)
            try change.push(image, to: a)
            try change.push(list, to: a)
        }
        try index.read { view throws in
            let edges = try view.edges(of: image.digest)
            #expect(edges.map(\.digest) == ["config", "base", "top"].map(Sample.digest))
            #expect(edges.map(\.role) == [.config, .layer, .layer])
            #expect(edges.map(\.size) == [6, 4, 3])
            #expect(edges.map(\.present) == [false, false, true])
            #expect(edges.map(\.mediaType) == [.ociConfig, .ociLayerGzip, .ociLayerGzip])
            let entries = try view.edges(of: list.digest)
            #expect(entries.map(\.platform) == ["linux/0", "linux/1"])
            #expect(entries.map(\.isManifest) == [true, false])
            #expect(entries.map(\.role) == [.entry, .entry])
            #expect(try view.edges(of: Sample.digest("base")).isEmpty)
        }
    }

    @Test("bytes reached count a shared blob once, and only what is in the store")
    func bytesReached() throws {
        let first = try Sample.image(["shared", "1"])
        let second = try Sample.image(["shared", "22", "absent"])
        let list = try Sample.index([first, second])
        try index.write { change in
            for text in ["config", "shared", "1", "22", "unrelated"] { try change.push(blob: text, to: a) }
            for manifest in [first, second, list] { try change.push(manifest, to: a) }
        }
        try index.read { view throws in
            #expect(try view.bytesReached(from: first.digest, in: a) == Int64(first.bytes.count + 6 + 6 + 1))
            let all = [first, second, list].reduce(0) { $0 + $1.bytes.count } + 6 + 6 + 1 + 2
            #expect(try view.bytesReached(from: list.digest, in: a) == Int64(all))
            #expect(try view.bytesReached(from: Sample.digest("shared"), in: a) == 6)
            #expect(try view.bytesReached(from: Sample.digest("absent"), in: a) == 0)
            #expect(try view.bytesReached(from: Sample.digest("never heard of"), in: a) == 0)
        }
    }

    @Test("finds every tag that uses a blob: through indexes, over repositories, and from subject to referrer")
    func uses() throws {
        let image = try Sample.image(["layer"])
        let list = try Sample.index([image])
        let outer = try Sample.index([list])
        let signature = try Sample.image(["signature"], config: "empty", subject: image)
        let other = try Sample.image(["other"], config: "other config")
        try index.write { change in
            try change.push(image, to: b, tag: "direct")
            try change.push(image, to: a)
            try change.push(list, to: a)
            try change.push(outer, to: a, tag: "nested")
            try change.push(signature, to: b)
            try change.push(other, to: a, tag: "other")
        }
        func uses(_ digest: Digest) throws -> [String] {
            try index.read { try $0.uses(of: digest) }.map { "\($0.repository):\($0.tag)" }
        }
        #expect(try uses(Sample.digest("layer")) == ["a:nested", "b:direct"])
        // The other repository has the subject too, but not the signature.
        #expect(try uses(Sample.digest("signature")) == ["b:direct"])
        #expect(try uses(outer.digest) == ["a:nested"])
        #expect(try uses(Sample.digest("other")) == ["a:other"])
        #expect(try uses(Sample.digest("unknown")) == [])
        #expect(try index.read { try $0.uses(of: list.digest).map(\.digest) } == [outer.digest])
    }

    @Test("a root is untagged when nothing of its own repository holds it and it has no subject")
    func untaggedRoots() throws {
        let tagged = try Sample.image(["1"])
        let loose = try Sample.image(["2"])
        let entry = try Sample.image(["3"])
        let list = try Sample.index([entry])
        let referrer = try Sample.image(["4"], subject: loose)
        try index.write { change in
            try change.push(tagged, to: a, tag: "x")
            try change.push(tagged, to: b)
            try change.push(loose, to: a)
            try change.push(entry, to: a)
            try change.push(entry, to: b)
            try change.push(list, to: a, tag: "list")
            try change.push(referrer, to: a)
        }
        let roots = try index.read { view in
            try view.looseRevisions().map { "\(try view.repositoryName($0.key.repository)?.text ?? "") \($0.digest)" }
        }
        let expected = ["a \(loose.digest)", "b \(tagged.digest)", "b \(entry.digest)"]
        #expect(roots.sorted() == expected.sorted())
        try index.write { try $0.tagRemoved(Tag("list"), in: a) }
        let freed = try index.read { try $0.looseRevisions() }.map(\.digest)
        #expect(freed.contains(list.digest))
        #expect(freed.count == expected.count + 1)
    }

    @Test("unreferenced is what lies in the store and nothing points at")
    func unreferenced() throws {
        let image = try Sample.image(["held", "absent"])
        try index.write { change in
            for text in ["held", "loose", "config"] { try change.push(blob: text, to: a) }
            try change.blobPresent(Sample.digest("leased"), size: 6, leased: 77)
            try change.push(image, to: a)
        }
        let rows = try index.read { try $0.blobs(try $0.unreferenced().map(\.id)) }.sorted { $0.size < $1.size }
        #expect(rows.map(\.digest) == [Sample.digest("loose"), Sample.digest("leased")])
        #expect(rows.map(\.size) == [5, 6])
        #expect(rows.map(\.leased) == [0, 77])
        try index.write { try $0.manifestUnlinked(image.digest, in: a) }
        let freed = try index.read { try $0.blobs(try $0.unreferenced().map(\.id)) }.map(\.digest)
        #expect(Set(freed) == Set(["held", "loose", "config", "leased"].map(Sample.digest) + [image.digest]))
    }

    @Test("knows the parents of a manifest inside one repository, each once")
    func parents() throws {
        let image = try Sample.image(["x"])
        let once = try Sample.index([image])
        let twice = try Sample.index([image, image])
        try index.write { change in
            for manifest in [image, once, twice] { try change.push(manifest, to: a) }
            try change.push(once, to: b)
        }
        try index.read { view throws in
            let parents = try view.parents(of: image.digest, in: a)
            #expect(parents.count == 2)
            #expect(Set(parents) == [once.digest, twice.digest])
            #expect(try view.parents(of: image.digest, in: b) == [once.digest])
            #expect(try view.parents(of: once.digest, in: a).isEmpty)
        }
    }

    @Test("lists referrers of a subject inside one repository, by digest, with what they say of themselves")
    func referrers() throws {
        let subject = try Sample.image(["x"])
        let first = try Sample.image(["s1"], subject: subject, annotations: "é")
        let second = try Sample.index([], subject: subject)
        try index.write { change in
            try change.push(first, to: a)
            try change.push(second, to: a)
            try change.push(first, to: b)
        }
        let rows = try index.read { try $0.referrers(of: subject.digest, in: a) }
        #expect(rows.map(\.digest) == [first.digest, second.digest].sorted())
        let row = try #require(rows.first { $0.digest == first.digest })
        let expected = ManifestRow(
            digest: first.digest, mediaType: .ociManifest, size: Int64(first.bytes.count), subject: subject.digest,
            artifactType: MediaType.ociConfig.text, annotations: ["note": "é"])
        #expect(row == expected)
        #expect(try index.read { try $0.manifest(first.digest) } == expected)
        #expect(try index.read { try $0.manifest(subject.digest) } == nil)
        #expect(try index.read { try $0.referrers(of: subject.digest, in: b).count } == 1)
        #expect(try index.read { try $0.referrers(of: first.digest, in: a) }.isEmpty)
    }

    @Test("knows a manifest by its noted type in the repository where it was noted, and there only")
    func notedTypes() throws {
        let subject = try Sample.image(["x"])
        let image = try Sample.image(["s"], subject: subject)
        let type = MediaType("application/vnd.foo+json")
        func facts(_ name: RepositoryName) throws -> [MediaType?] {
            try index.read { view in
                [
                    try view.manifest(image.digest, in: name)?.mediaType,
                    try view.referrers(of: subject.digest, in: name).first?.mediaType,
                    try view.tags(in: name) { $0 }.first?.mediaType,
                ]
            }
        }
        try index.write { change in
            try change.push(image, to: b, tag: "t")
            try change.manifestLinked(image, noting: type, in: a, at: 1, leased: 0)
            try change.tagSet(Tag("t"), to: image.digest, in: a, at: 1)
            // Found in the tree: nobody says a type.
            try change.manifestFound(image, in: a, at: 2)
            try change.manifestFound(image, in: b, at: 2)
        }
        #expect(try facts(a) == [type, type, type])
        #expect(try facts(b) == [.ociManifest, .ociManifest, .ociManifest])
        #expect(try index.read { try $0.manifest(image.digest)?.mediaType } == .ociManifest)
        let row = NotedTypeRow(repository: a, digest: image.digest, mediaType: type)
        #expect(try index.read { try $0.notedTypes(limit: 9) } == [row])
        #expect(try index.read { try $0.notedTypes(limit: 0) } == [])

        try index.write { try $0.manifestUnlinked(image.digest, in: a) }
        #expect(try index.read { try $0.notedTypes(limit: 9) } == [])
        try index.write { change in
            try change.manifestLinked(image, noting: type, in: a, at: 1, leased: 0)
            try change.manifestLinked(image, in: a, at: 1, leased: 0)
        }
        #expect(try index.read { try $0.notedTypes(limit: 9) } == [])
    }
}
