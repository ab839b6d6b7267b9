import BriefText
import StorageProbes
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

/// Manifests made to hurt, pushed: refused or taken in bounded time and memory, and what is refused leaves no trace.
@Suite(.timeLimit(.minutes(2))) struct HostilePushTests {
    let storage = FaultyDriver()
    let name: RepositoryName

    init() throws { name = try RepositoryName("team/app") }

    private func put(
        _ text: String, as type: MediaType? = nil, tag: String = "v1", _ registry: Registry
    ) async throws {
        _ = try await registry.putManifest(
            Array(text.utf8), contentType: type, reference: .tag(try Tag(tag)), in: name, by: .test)
    }

    private static func child(_ number: Int) -> String {
        let hex = String(number, radix: 16)
        return #"{"digest":"sha256:\#(String(repeating: "0", count: 64 - hex.count))\#(hex)","size":1}"#
    }

    private static func index(of children: some Sequence<String>) -> String {
        #"{"schemaVersion":2,"manifests":[\#(children.joined(separator: ","))]}"#
    }

    @Test(
        "are refused without a trace",
        arguments: [
            (#"{"schemaVersion":2,"layers":[],"manifests":[]}"#, MediaType?.none),
            (#"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[]}"#, .ociManifest),
            (#"{"schemaVersion":2,"manifests":[],"manifests":[]}"#, nil),
            (#"{"schemaVersion":2,"Manifests":[],"manifests":[]}"#, nil),
            (#"{"schemaVersion":2,"manifests":[]}{}"#, nil),
            ("\u{FEFF}" + #"{"schemaVersion":2,"manifests":[]}"#, nil), (String(repeating: "[", count: 100_000), nil),
            (#"{"x":\#(String(repeating: "[", count: 100_000))"#, MediaType("x/y")),
            (#"{"schemaVersion":2,"manifests":[],"x":"\ud800"}"#, nil),
            (index(of: [child(1).replacing(#""size":1"#, with: #""size":-1"#)]), nil),
            (index(of: [child(1).replacing(#""size":1"#, with: #""size":99999999999999999999999"#)]), nil),
            (String(repeating: #"{"a":"#, count: 100_000), MediaType("x/y")), ("", nil), ("", MediaType("x/y")),
        ].map { (Brief($0.0), $0.1) })
    func refused(text: Brief<String>, type: MediaType?) async throws {
        let registry = try await Registry.sample(storage)
        let error = await #expect(throws: RegistryError.self) { try await put(text.value, as: type, registry) }
        guard case .manifestInvalid = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await Tree.content(of: storage).isEmpty)
        #expect(try await registry.repositories(by: .test).isEmpty)
    }

    @Test("of more bytes than the limit are refused by their size, whatever is in them")
    func tooLarge() async throws {
        let registry = try await Registry.sample(storage)
        let limit = registry.configuration.manifestBytesMax
        await #expect(throws: RegistryError.manifestTooLarge(limit: limit)) {
            try await put(Self.index(of: (0..<100_000).map(Self.child)), registry)
        }
    }

    @Test("of forty thousand children that are not there are refused after a hundred")
    func absentChildren() async throws {
        let registry = try await Registry.sample(storage)
        let text = Self.index(of: (0..<40_000).map(Self.child))
        _ = storage.takeCalls()
        let error = await #expect(throws: RegistryError.self) { try await put(text, registry) }
        guard case .manifestReferencesUnknown(let missing) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(missing.count == 100)
        #expect(storage.takeCalls().count < 1_000)
    }

    @Test("of thousands of times the same child look for it once, and their graph is cut")
    func repeatedChild() async throws {
        let registry = try await Registry.sample(storage)
        var inner = try SampleImage(layers: [])
        try await registry.push(inner, to: name, tag: try Tag("image"))
        for level in 1...3 {
            let child = #"{"digest":"\#(inner.manifest.digest)","size":\#(inner.manifest.bytes.count)}"#
            let bytes = Array(Self.index(of: Array(repeating: child, count: level == 1 ? 6_000 : 300)).utf8)
            _ = storage.takeCalls()
            _ = try await registry.putManifest(
                bytes, contentType: nil, reference: .tag(try Tag("level\(level)")), in: name, by: .test)
            #expect(storage.takeCalls().count < 50)
            inner.manifest = try Manifest(bytes: bytes)
        }
        let graph = try await registry.graph(of: .tag(try Tag("level3")), in: name, by: .test)
        var nodes = 0
        var pending = [graph.root]
        while let node = pending.popLast() {
            nodes += 1
            pending += node.children
        }
        #expect(nodes > 1_000 && nodes <= 5_000)
        #expect(try await registry.tags(in: name, by: .test).count == 4)
        #expect(
            try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test).lines
                .isEmpty)
        for tag in ["image", "level1", "level2", "level3"] {
            try await registry.deleteTag(try Tag(tag), in: name, by: .test)
        }
        // Three indexes and an image, then the bytes of each and the config.
        let plan = try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test)
        #expect(plan.lines.ofContent.count == 9)
    }

    /// By digest nothing can be about what is about it. Who writes the fallback tags himself can say so.
    @Test("that say through fallback tags to be about each other and themselves are listed once each, and end")
    func circularSubjects() async throws {
        let registry = try await Registry.sample(storage)
        var images: [SampleImage] = []
        for number in 0..<3 {
            let image = try SampleImage(layers: [], architecture: "\(number)")
            try await registry.push(image, to: name, tag: try Tag("v\(number)"))
            images.append(image)
        }
        for image in images {
            // All of them, the subject too, and the list of the one before.
            let before = try? await registry.manifest(
                .tag(Tag(referrersOf: images[0].manifest.digest)), in: name, by: .test)
            let list = (images.map(\.descriptor) + [before?.descriptor].compactMap(\.self)).map {
                #"{"mediaType":"\#($0.mediaType)","digest":"\#($0.digest)","size":\#($0.size)}"#
            }
            _ = try await registry.putManifest(
                Array(Self.index(of: list).utf8), contentType: .ociIndex,
                reference: .tag(Tag(referrersOf: image.manifest.digest)), in: name, by: .test)
        }
        for image in images {
            let digest = image.manifest.digest
            let found = try await registry.referrers(
                of: digest, artifactType: nil, in: name, after: nil, limit: 100, by: .test)
            let others = Set(images.map(\.manifest.digest)).subtracting([digest])
            #expect(Set(found.map(\.digest)).isSuperset(of: others) && !found.map(\.digest).contains(digest))
            #expect(found.count == Set(found.map(\.digest)).count)
            #expect(
                try await registry.graph(of: .tag(Tag(referrersOf: digest)), in: name, by: .test).root.children.count
                    >= 3)
        }
        #expect(
            try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test).lines
                .isEmpty)
    }

    @Test("in a chain of a hundred subjects are followed to a depth, and all go with the first")
    func longChain() async throws {
        let registry = try await Registry.sample(storage)
        var last = try SampleImage(layers: [])
        try await registry.push(last, to: name, tag: try Tag("first"))
        for number in 0..<100 {
            last = try SampleImage(layers: [], architecture: "\(number)", subject: last.descriptor)
            try await registry.push(last, to: name, tag: nil)
        }
        var node = try await registry.graph(of: .tag(try Tag("first")), in: name, by: .test).root
        var depth = 0
        while let next = node.children.last(where: { $0.role == .referrer }) { (node, depth) = (next, depth + 1) }
        #expect(depth == 16)
        try await registry.deleteTag(try Tag("first"), in: name, by: .test)
        let lines = try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test)
            .lines
        #expect(lines.count { $0.kind == .revision } == 101)
    }
}
