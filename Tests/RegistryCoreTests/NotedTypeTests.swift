import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// A manifest whose bytes name no type is served as what the client that pushed it here called it.
@Suite struct NotedTypeTests {
    let storage = MemoryDriver()
    let name: RepositoryName
    let other: RepositoryName
    let foo = MediaType("application/vnd.foo+json")
    /// An image by its shape, without `mediaType`.
    let image: [UInt8]
    /// No shape at all.
    let note = Array(#"{"note":"é"}"#.utf8)

    init() throws {
        name = try RepositoryName("team/app")
        other = try RepositoryName("other/app")
        let config = SampleImage.Blob(Array("{}".utf8))
        image = Array(
            """
            {"schemaVersion":2,"config":{"mediaType":"\(MediaType.ociConfig)","digest":"\(config.digest)","size":2},\
            "layers":[]}
            """.utf8)
    }

    private func open(_ index: ReferenceIndex? = nil) throws -> Registry {
        var configuration = Registry.Configuration()
        configuration.requiresBlobs = false
        return Registry(
            storage: storage, index: try index ?? ReferenceIndex(path: nil), configuration: configuration)
    }

    private func push(
        _ bytes: [UInt8], as type: MediaType?, to place: RepositoryName? = nil, _ registry: Registry
    ) async throws {
        _ = try await registry.putManifest(
            bytes, contentType: type, reference: .tag(try Tag("v1")), in: place ?? name, by: .test)
    }

    /// By waiting, and without where the manifest is in memory; by tag and by digest.
    private func types(of bytes: [UInt8], in place: RepositoryName? = nil, _ registry: Registry) async throws
        -> Set<MediaType>
    {
        var found: Set<MediaType> = []
        for reference in [Reference.tag(try Tag("v1")), .digest(Digest.of(bytes))] {
            let manifest = try await registry.manifest(reference, in: place ?? name, by: .test)
            #expect(manifest.bytes == bytes)
            found.insert(manifest.mediaType)
            if let now = try registry.manifestNow(reference, in: place ?? name, by: .test) {
                found.insert(now.mediaType)
            }
        }
        return found
    }

    @Test(
        "is kept, also by another process over the same index, and by the reconciler",
        arguments: [0, 1], [MediaType("application/vnd.foo+json"), .dockerManifest])
    func kept(document: Int, type: MediaType) async throws {
        // What has no shape cannot be Docker's.
        if document == 1, type == .dockerManifest { return }
        let bytes = [image, note][document]
        let place = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        let path = place.appending(path: "index.sqlite").path
        do {
            let registry = try open(ReferenceIndex(path: path))
            try await push(bytes, as: type, registry)
            #expect(try await types(of: bytes, registry) == [type])
        }
        let restarted = try open(ReferenceIndex(path: path))
        #expect(try await types(of: bytes, restarted) == [type])
        #expect(try await restarted.collector.reconcile(by: .test).damaged == 0)
        #expect(try await types(of: bytes, restarted) == [type])
        #expect(try await types(of: bytes, open(ReferenceIndex(path: path))) == [type])
    }

    @Test("is kept when the manifest falls out of memory")
    func evicted() async throws {
        let registry = try open()
        try await push(image, as: foo, registry)
        try await fillCache(registry)
        #expect(try registry.manifestNow(.digest(Digest.of(image)), in: name, by: .test) == nil)
        #expect(try await types(of: image, registry) == [foo])
    }

    /// Pushes enough to drive everything else out of memory.
    private func fillCache(_ registry: Registry) async throws {
        for number in 0..<17 {
            let padding = String(repeating: "x", count: 1 << 20)
            let bytes = Array(#"{"number":\#(number),"padding":"\#(padding)"}"#.utf8)
            _ = try await registry.putManifest(
                bytes, contentType: MediaType("application/vnd.padding"), reference: .digest(Digest.of(bytes)),
                in: try RepositoryName("padding"), by: .test)
        }
    }

    @Test("belongs to the repository: the same bytes under another type elsewhere change nothing", arguments: [0, 1])
    func otherRepository(first: Int) async throws {
        let index = try ReferenceIndex(path: nil)
        let registry = try open(index)
        let pushes = [(name, foo), (other, MediaType.ociManifest)]
        for (place, type) in [pushes[first], pushes[1 - first]] {
            try await push(image, as: type, to: place, registry)
        }
        for registry in [registry, try open(index)] {
            #expect(try await types(of: image, in: name, registry) == [foo])
            #expect(try await types(of: image, in: other, registry) == [.ociManifest])
            #expect(try await registry.tags(in: name, by: .test).map(\.mediaType) == [foo])
            #expect(try await registry.tags(in: other, by: .test).map(\.mediaType) == [.ociManifest])
        }
    }

    @Test("is the last that was pushed; the one of the bytes clears it", arguments: [MediaType.ociManifest, nil])
    func cleared(type: MediaType?) async throws {
        let index = try ReferenceIndex(path: nil)
        let registry = try open(index)
        try await push(image, as: MediaType("application/vnd.first"), registry)
        try await push(image, as: foo, registry)
        #expect(try await types(of: image, registry) == [foo])
        try await push(image, as: type, registry)
        #expect(try await types(of: image, registry) == [.ociManifest])
        #expect(try await types(of: image, open(index)) == [.ociManifest])
        #expect(try index.read { try $0.notedTypes(limit: 9) }.isEmpty)
    }

    @Test("goes with the manifest, whoever takes it away", arguments: [true, false])
    func forgotten(byUs: Bool) async throws {
        let index = try ReferenceIndex(path: nil)
        let registry = try open(index)
        try await push(image, as: foo, registry)
        let digest = Digest.of(image)
        if byUs {
            try await registry.deleteManifest(digest, in: name, by: .test)
        } else {
            try await storage.remove(Layout.manifests(name), .lasting)
            try await registry.collector.reconcile(by: .test)
        }
        for path in [Layout.revisionLink(digest, in: name), Layout.tagCurrent(try Tag("v1"), in: name)] {
            try await storage.write(path, Link.content(digest))
        }
        #expect(try await types(of: image, registry) == [.ociManifest])
        try await registry.collector.reconcile(by: .test)
        #expect(try await types(of: image, open(index)) == [.ociManifest])
    }

    @Test("is lost with the index: then the bytes speak for themselves, and are served all the same")
    func withoutIndex() async throws {
        let registry = try open()
        for (bytes, expected) in [(image, MediaType.ociManifest), (note, .json)] {
            try await push(bytes, as: foo, registry)
            let fresh = try open()
            #expect(try await types(of: bytes, fresh) == [expected])
            #expect(try await fresh.collector.reconcile(by: .test).damaged == 0)
            #expect(try await types(of: bytes, fresh) == [expected])
        }
    }

    @Test("is shown where manifests are listed")
    func listed() async throws {
        let registry = try open()
        let subject = try SampleImage(layers: [])
        try await registry.push(subject, to: name, tag: try Tag("subject"))
        let about = String(decoding: image, as: UTF8.self).replacing(
            #""layers":[]"#,
            with: #""layers":[],"subject":{"digest":"\#(subject.manifest.digest)","size":1}"#)
        try await push(Array(about.utf8), as: foo, registry)
        let (first, second) = try await (
            registry.tags(in: name, by: .test).last, registry.graph(of: .tag(try Tag("v1")), in: name, by: .test)
        )
        #expect(first?.mediaType == foo)
        #expect(second.root.mediaType == foo)
        let below = try await registry.graph(of: .tag(try Tag("subject")), in: name, by: .test).root.children
        #expect(below.last?.mediaType == foo)
        let referrers = try await registry.referrers(
            of: subject.manifest.digest, artifactType: nil, in: name, after: nil, limit: 9, by: .test)
        #expect(referrers.map(\.mediaType) == [foo])
    }

    @Test(
        "that no manifest can have is none",
        arguments: [
            "text/html", "TEXT/html; charset=utf-8", "application", "application/", "a/b/c", "a/b c", "é/x", "",
            "application/x-www-form-urlencoded", "application/octet-stream", "multipart/form-data; boundary=x", "*/*",
            "image/svg+xml", "application/xhtml+xml",
        ])
    func unusable(type: String) async throws {
        let registry = try open()
        try await push(image, as: MediaType(type), registry)
        #expect(try await types(of: image, registry) == [.ociManifest])
        await #expect(throws: RegistryError.manifestInvalid(reason: "manifest invalid: schemaVersion is not 2")) {
            try await push(note, as: MediaType(type), registry)
        }
    }

    @Test("has room for so many; the rest go by their bytes")
    func bounded() throws {
        let table = NotedTypes([], entriesMax: 2)
        let digests = (0..<3).map { Digest.of([$0]) }
        for digest in digests[..<2] {
            #expect(table.hasRoom(for: digest, in: name))
            table.note(foo, for: digest, in: name)
        }
        #expect(table.hasRoom(for: digests[0], in: name))
        #expect(!table.hasRoom(for: digests[0], in: other))
        #expect(!table.hasRoom(for: digests[2], in: name))
        table.note(nil, for: digests[0], in: name)
        #expect(table.type(of: digests[0], in: name) == nil)
        #expect(table.type(of: digests[1], in: name) == foo)
        #expect(table.hasRoom(for: digests[2], in: name))
    }
}
