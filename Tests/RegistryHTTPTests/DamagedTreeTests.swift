import ImageBuilder
import OCI
import RegistryCore
import RegistryHTTP
import RegistryStorage
import StorageProbes
import Testing

/// A way in which a manifest, or what leads to it, can be damaged on the disk.
struct ManifestDamage: Sendable, CustomTestStringConvertible {
    typealias Place = (storage: any StorageDriver, image: SampleImage, name: RepositoryName, tag: OCI.Tag)

    var testDescription: String
    /// It hides the manifest from who asks by tag alone.
    var isOfTag = false
    var inflict: @Sendable (Place) async throws -> Void

    static let all = bytes + revisionLinks + tagLinks

    private static let bytes: [ManifestDamage] = [
        bytes("cut short") { Array($0.prefix(100)) }, bytes("empty") { _ in [] },
        bytes("zeros") { [UInt8](repeating: 0, count: $0.count) }, bytes("a few zeros") { _ in [0, 0] },
        bytes("with a byte too many") { $0 + [0x20] },
        bytes("with one bit turned") { Array($0.dropLast()) + [($0.last ?? 0) ^ 1] },
        bytes("another manifest's") { _ in other }, bytes("schema 1") { _ in Array(#"{"schemaVersion":1}"#.utf8) },
        bytes("a page") { _ in Array("<html></html>".utf8) },
        bytes("too many") { $0 + [UInt8](repeating: 0x20, count: 5 << 20) },
        ManifestDamage("missing bytes") { try await $0.storage.remove(Layout.blobData($0.image.manifest.digest)) },
        ManifestDamage("a directory instead of bytes") {
            try await replaceByDirectory(Layout.blobData($0.image.manifest.digest), $0.storage)
        },
    ]

    private static let revisionLinks = links("revision") {
        Layout.revisionLink($0.image.manifest.digest, in: $0.name)
    }

    private static let tagLinks = links("tag") { Layout.tagCurrent($0.tag, in: $0.name) }.map { damage in
        var damage = damage
        damage.isOfTag = true
        return damage
    }

    private static let other = Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8)

    private init(_ description: String, _ inflict: @escaping @Sendable (Place) async throws -> Void) {
        testDescription = description
        self.inflict = inflict
    }

    private static func bytes(
        _ what: String, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> ManifestDamage {
        ManifestDamage("bytes: \(what)") {
            try await $0.storage.write(
                Layout.blobData($0.image.manifest.digest), change($0.image.manifest.bytes))
        }
    }

    private static func links(
        _ what: String, _ path: @escaping @Sendable (Place) -> StoragePath
    ) -> [ManifestDamage] {
        let contents: [(String, @Sendable (Digest) -> [UInt8])] = [
            ("empty", { _ in [] }), ("zeros", { _ in [UInt8](repeating: 0, count: 71) }),
            ("no digest", { _ in Array("sha256:zz\n".utf8) }), ("with a newline", { Link.content($0) + [0x0A] }),
            ("in upper case", { Array($0.description.uppercased().utf8) }),
            ("cut", { Array(Link.content($0).dropLast()) }),
            ("too long", { Link.content($0) + [UInt8](repeating: 0x20, count: 5000) }),
            ("to what is not there", { _ in Link.content(Digest.of([1, 2, 3])) }),
        ]
        return contents.map { name, content in
            ManifestDamage("\(what) link: \(name)") {
                try await $0.storage.write(path($0), content($0.image.manifest.digest))
            }
        } + [
            ManifestDamage("\(what) link: missing") { try await $0.storage.remove(path($0)) },
            ManifestDamage("\(what) link: a directory") { try await replaceByDirectory(path($0), $0.storage) },
        ]
    }

    private static func replaceByDirectory(_ path: StoragePath, _ storage: any StorageDriver) async throws {
        try await storage.remove(path)
        try await storage.createDirectory(path)
    }
}

/// What is damaged is served as absent: 404 by every way to ask, whether it was in memory or not. Nobody is told that his
/// request was wrong, nothing else stops, and a push mends it.
@Suite(.timeLimit(.minutes(3))) struct DamagedTreeTests {
    let name: RepositoryName
    let tag: OCI.Tag
    let image: SampleImage
    let sound: SampleImage
    let referrer: SampleImage

    init() throws {
        name = try RepositoryName("team/app")
        tag = try Tag("v1")
        image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
        sound = try SampleImage(layers: [SampleImage.noise(900, seed: 2)])
        referrer = try SampleImage(layers: [], subject: image.descriptor, artifactType: "application/x")
    }

    private func load(_ registry: Registry) async throws {
        try await registry.push(image, to: name, tag: tag)
        try await registry.push(sound, to: name, tag: try Tag("v2"))
        try await registry.push(referrer, to: name, tag: nil)
    }

    @Test(arguments: ManifestDamage.all, [true, false]) func isServedAsAbsent(damage: ManifestDamage, wasInMemory: Bool)
        async throws
    {
        let storage = MemoryDriver()
        if !wasInMemory { try await load(Registry.sample(storage)) }
        try await Harbour.open(.memory, storage: storage) { harbour in
            let (manifests, digest) = ("/v2/\(name)/manifests", image.manifest.digest)
            if wasInMemory {
                try await load(harbour.registry)
                #expect(try await harbour.exchange("GET", "\(manifests)/\(tag)").status == 200)
                #expect(try await harbour.exchange("GET", "\(manifests)/\(digest)").status == 200)
            }
            try await damage.inflict((storage, image, name, tag))
            for method in ["GET", "HEAD", "GET"] {
                #expect(try await harbour.exchange(method, "\(manifests)/\(tag)").status == 404, "\(method) by tag")
                let byDigest = try await harbour.exchange(method, "\(manifests)/\(digest)").status
                #expect(byDigest == (damage.isOfTag ? 200 : 404), "\(method) by digest")
            }
            #expect(try await harbour.exchange("GET", "\(manifests)/v2").status == 200)
            #expect(try await harbour.exchange("GET", "/v2/\(name)/tags/list").status == 200)
            #expect(try await harbour.exchange("GET", "/v2/\(name)/referrers/\(digest)").status == 200)
            #expect(try await harbour.exchange("GET", "/v2/_catalog").status == 200)
            if damage.testDescription.contains("directory") { return }

            let deleted = try await harbour.exchange("DELETE", "\(manifests)/\(tag)").status
            #expect(deleted == 202 || (damage.isOfTag && deleted == 404))
            let type = [("Content-Type", image.manifest.mediaType.text)]
            let pushed = try await harbour.exchange("PUT", "\(manifests)/\(tag)", type, body: image.manifest.bytes)
            #expect(pushed.status == 201)
            let mended = try await harbour.exchange("GET", "\(manifests)/\(tag)")
            let isSame = mended.body == image.manifest.bytes
            #expect(mended.status == 200 && isSame)
            try await damage.inflict((storage, image, name, tag))
            let gone = try await harbour.exchange("DELETE", "\(manifests)/\(digest)").status
            #expect(gone == 202 || (gone == 404 && damage.testDescription.contains("missing")))
        }
    }

    /// A layer, by its link and by an empty file; what its bytes are nobody knows who does not read them.
    @Test(arguments: ["link empty", "link garbled", "file empty", "file missing", "file a directory"])
    func aDamagedBlobIsServedAsAbsent(damage: String) async throws {
        let storage = MemoryDriver()
        try await Harbour.open(.memory, storage: storage) { harbour in
            try await load(harbour.registry)
            let digest = image.blobs[0].digest
            let (link, data) = (Layout.layerLink(digest, in: name), Layout.blobData(digest))
            switch damage {
            case "link empty": try await storage.write(link, [])
            case "link garbled": try await storage.write(link, [1, 2, 3])
            case "file empty": try await storage.write(data, [])
            default: try await storage.remove(data)
            }
            if damage.hasSuffix("directory") { try await storage.createDirectory(data) }
            for method in ["GET", "HEAD"] {
                #expect(try await harbour.exchange(method, "/v2/\(name)/blobs/\(digest)").status == 404, "\(method)")
            }
        }
    }
}
