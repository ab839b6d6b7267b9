import StorageProbes
import ImageBuilder
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// What is about a manifest: what our graph knows, page by page, and what clients left under the fallback tag.
@Suite(.timeLimit(.minutes(1))) struct ReferrersTests {
    let storage = FaultyDriver()
    let registry: Registry
    let name: RepositoryName
    let subject: SampleImage

    init() async throws {
        registry = try await Registry.sample(storage)
        name = try RepositoryName("team/app")
        subject = try SampleImage(layers: [])
        try await registry.push(subject, to: name, tag: try Tag("v1"))
    }

    private var digest: Digest { subject.manifest.digest }

    /// Pushes an image that says it is about `about`, or about nothing.
    private func push(_ number: Int, type: String? = nil, about: Descriptor?) async throws -> Descriptor {
        let image = try SampleImage(layers: [], architecture: "\(number)", subject: about, artifactType: type)
        try await registry.push(image, to: name, tag: nil)
        return image.descriptor
    }

    /// An entry of a fallback index, as a client leaves it.
    private func entry(_ about: Descriptor, type: String?, note: String? = nil) -> Descriptor {
        Descriptor(
            mediaType: about.mediaType, digest: about.digest, size: about.size,
            platform: Platform(os: "linux", architecture: "x"), artifactType: type,
            annotations: note.map { ["note": $0] })
    }

    /// Puts an index under the fallback tag, as a registry without checks would have taken it.
    @discardableResult
    private func leave(_ entries: [Descriptor], for subject: Digest) async throws -> Digest {
        let list = entries.map { entry in
            let type = entry.artifactType.map { #","artifactType":"\#($0)""# } ?? ""
            let notes = entry.annotations.map { #","annotations":{"note":"\#($0["note"] ?? "")"}"# } ?? ""
            return """
                {"mediaType":"\(entry.mediaType)","digest":"\(entry.digest)","size":\(entry.size),\
                "platform":{"os":"linux","architecture":"x"}\(type)\(notes)}
                """
        }
        return try await leave(
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(list.joined(separator: ","))]}"#,
            for: subject)
    }

    @discardableResult
    private func leave(_ text: String, for subject: Digest) async throws -> Digest {
        let bytes = Array(text.utf8)
        let digest = Digest.of(bytes)
        try await storage.write(Layout.blobData(digest), bytes)
        try await storage.write(Layout.revisionLink(digest, in: name), Link.content(digest))
        try await storage.write(Layout.tagCurrent(Tag(referrersOf: subject), in: name), Link.content(digest))
        return digest
    }

    private func referrers(
        _ type: String? = nil, of subject: Digest? = nil, after: Digest? = nil, limit: Int = 100
    ) async throws -> [Descriptor] {
        try await registry.referrers(
            of: subject ?? digest, artifactType: type, in: name, after: after, limit: limit, by: .test)
    }

    /// Everything in pages of `limit`, each asked for with one more.
    private func pages(_ type: String? = nil, of limit: Int) async throws -> [Descriptor] {
        var all: [Descriptor] = []
        while true {
            let page = try await referrers(type, after: all.last?.digest, limit: limit + 1)
            all += page.prefix(limit)
            if page.count <= limit || all.count > 1_000 { return all }
        }
    }

    @Test("of the graph come in byte order of their digests, page by page, by type")
    func paged() async throws {
        var pushed: [Descriptor] = []
        for number in 0..<7 {
            pushed.append(try await push(number, type: number % 2 == 0 ? "a/even" : "a/odd", about: subject.descriptor))
        }
        let sorted = pushed.map(\.digest.description).sorted()
        #expect(try await referrers().map(\.digest.description) == sorted)
        #expect(try await referrers(limit: 3).map(\.digest.description) == Array(sorted[..<3]))
        #expect(try await referrers(limit: 0).isEmpty)
        #expect(try await referrers(after: try Digest(sorted[6])).isEmpty)
        // Where a page begins need not be an entry itself.
        #expect(try await referrers(after: Digest.of([])).allSatisfy { Digest.of([]) < $0.digest })
        let odd = Set([1, 3, 5].map { pushed[$0].digest })
        for limit in 1...8 {
            #expect(try await pages(of: limit).map(\.digest.description) == sorted)
            let found = try await pages("a/odd", of: limit)
            #expect(found.count == 3 && Set(found.map(\.digest)) == odd)
        }
        #expect(try await referrers("a/none").isEmpty)
        let elsewhere = try await registry.referrers(
            of: digest, artifactType: nil, in: try RepositoryName("no/such"), after: nil, limit: 9, by: .test)
        #expect(elsewhere.isEmpty)
    }

    @Test("without a fallback tag cost the reading of one link")
    func cost() async throws {
        _ = try await push(1, about: subject.descriptor)
        _ = storage.takeCalls()
        #expect(try await referrers().count == 1)
        let link = Layout.tagCurrent(Tag(referrersOf: digest), in: name)
        #expect(storage.takeCalls() == [FaultyDriver.Call(operation: .open, path: link)])
    }

    @Test("that a client left under the fallback tag are listed too, as it described them")
    func merged() async throws {
        var expected: [Descriptor] = []
        var left: [Descriptor] = []
        for number in 0..<12 {
            // By turns known to the graph, known to both, and known from the list only.
            let about = number % 3 == 2 ? nil : subject.descriptor
            let pushed = try await push(number, type: "a/graph", about: about)
            let listed = entry(pushed, type: "a/list", note: "\(number)")
            if number % 3 != 0 { left += [listed, entry(pushed, type: "a/twice")] }
            expected.append(
                Descriptor(
                    mediaType: .ociManifest, digest: pushed.digest, size: pushed.size,
                    artifactType: about == nil ? "a/list" : "a/graph",
                    annotations: about == nil ? ["note": "\(number)"] : nil))
        }
        // Neither what the repository does not hold, nor itself, nor what is about something else, nor no descriptor.
        left.append(entry(try SampleImage(layers: [[7]]).descriptor, type: "a/list"))
        left.append(entry(subject.descriptor, type: "a/list"))
        left.append(entry(try await push(50, about: try SampleImage(layers: [[8]]).descriptor), type: "a/list"))
        let nameless = try await push(51, about: nil)
        left.append(Descriptor(mediaType: MediaType(""), digest: nameless.digest, size: nameless.size))
        try await leave(left, for: digest)

        expected.sort { $0.digest < $1.digest }
        #expect(try await referrers() == expected)
        for limit in 1...13 { #expect(try await pages(of: limit) == expected) }
        for type in ["a/list", "a/graph"] {
            let some = expected.filter { $0.artifactType == type }
            for limit in 1...5 { #expect(try await pages(type, of: limit) == some) }
        }
        #expect(try await referrers("a/twice").isEmpty)
    }

    @Test("that a client left are listed before the index knows the tree, and go when their manifest goes")
    func unreconciled() async throws {
        let pushed = try await push(1, about: subject.descriptor)
        try await leave([entry(pushed, type: "a/list")], for: digest)
        let fresh = Registry(storage: storage, index: try ReferenceIndex(path: nil))
        let early = try await fresh.referrers(of: digest, artifactType: nil, in: name, after: nil, limit: 9, by: .test)
        #expect(early.map(\.artifactType) == ["a/list"])
        try await registry.deleteManifest(pushed.digest, in: name, by: .test)
        #expect(try await referrers().isEmpty)
    }

    @Test("of a subject under sha512 are kept under a tag that is cut")
    func longDigest() async throws {
        let long = Digest.of([1, 2, 3], .sha512)
        let pushed = try await push(1, about: nil)
        try await leave([entry(pushed, type: "a/list")], for: long)
        #expect(try await referrers(of: long).map(\.digest) == [pushed.digest])
    }

    @Test(
        "under a fallback tag that is no readable index are none, and no error",
        arguments: ["image", "garbage", "link", "no revision", "no bytes", "other bytes", "huge", "directory"])
    func unreadable(how: String) async throws {
        let known = try await push(1, about: subject.descriptor)
        let listed = try await push(2, about: nil)
        let list = try await leave([entry(listed, type: "a/list")], for: digest)
        let link = Layout.tagCurrent(Tag(referrersOf: digest), in: name)
        switch how {
        case "image": try await storage.write(link, Link.content(listed.digest))
        case "garbage": try await leave("no JSON", for: digest)
        case "link": try await storage.write(link, Array("nonsense".utf8))
        case "no revision": try await storage.remove(Layout.revisionLink(list, in: name))
        case "no bytes": try await storage.remove(Layout.blob(list))
        case "other bytes": try await storage.write(Layout.blobData(list), Array("{}".utf8))
        case "huge":
            let bytes = [UInt8](repeating: 0x20, count: registry.configuration.manifestBytesMax + 1)
            try await storage.write(Layout.blobData(list), bytes)
        default:
            try await storage.remove(link)
            try await storage.createDirectory(link)
        }
        #expect(try await referrers().map(\.digest) == [known.digest])
    }
}
