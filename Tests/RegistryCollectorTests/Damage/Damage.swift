import Glibc
import OCI
import RegistryStorage
import StorageProbes
import Testing

/// What can happen to the files behind one manifest.
struct Damage: Sendable, CustomTestStringConvertible {
    typealias Act = @Sendable (FaultyDriver, DamageWorld) async throws -> Void

    let testDescription: String
    /// The manifest has no tag of its own, and what is damaged is the index that lists it.
    var isOfParent = false
    /// What it held is held by nothing any more: a tag whose link is gone is no tag, one that points elsewhere has been moved,
    /// and the history of a tag is no root.
    var letsGo = false
    let inflict: Act

    private init(_ description: String, isOfParent: Bool = false, letsGo: Bool = false, _ inflict: @escaping Act) {
        testDescription = description
        self.isOfParent = isOfParent
        self.letsGo = letsGo
        self.inflict = inflict
    }

    /// Bytes that a manifest of these tests may have.
    static let manifestBytesMax = 32 << 10

    static let all: [Damage] = bytes + links + tags + others

    /// The bytes at a place, damaged in each way that a file can be.
    private static func ways(
        _ what: String, isOfParent: Bool = false, _ place: @escaping @Sendable (DamageWorld) -> StoragePath
    ) -> [Damage] {
        func way(_ how: String, _ content: @escaping @Sendable ([UInt8], DamageWorld) -> [UInt8]) -> Damage {
            Damage("\(what) \(how)", isOfParent: isOfParent) { driver, world in
                try await driver.tree.write(place(world), content(world.files[place(world)] ?? [], world))
            }
        }
        func failure(_ how: String, _ code: CInt) -> Damage {
            Damage("\(what) \(how)", isOfParent: isOfParent) { driver, world in
                let path = place(world)
                // Rights are changed and sectors are given up by a write, which the storage sees.
                try await driver.tree.write(path, world.files[path] ?? [])
                driver.fail(with: code) { $0.path == path && $0.operation == .open }
            }
        }
        return [
            Damage("\(what) missing", isOfParent: isOfParent) { driver, world in
                try await driver.tree.remove(place(world))
            },
            way("empty") { _, _ in [] },
            way("cut") { bytes, _ in Array(bytes.prefix(bytes.count / 2)) },
            way("zeros") { bytes, _ in [UInt8](repeating: 0, count: bytes.count) },
            way("of a neighbour") { bytes, world in
                bytes.first == UInt8(ascii: "s")
                    ? Link.content(world.neighbour) : world.files[Layout.blobData(world.neighbour)] ?? []
            },
            way("with a newline") { bytes, _ in bytes + [0x0A] },
            way("too large") { bytes, _ in bytes + [UInt8](repeating: 0x20, count: Damage.manifestBytesMax) },
            failure("not for us to read", EACCES),
            failure("on a bad sector", EIO),
            Damage("\(what) a directory", isOfParent: isOfParent) { driver, world in
                try await driver.tree.remove(place(world))
                try await driver.tree.createDirectory(place(world))
            },
        ]
    }

    private static let bytes = ways("bytes") { Layout.blobData($0.manifest) }
    private static let links = ways("link") { Layout.revisionLink($0.manifest, in: $0.name) }

    private static let tags =
        ways("tag") { Layout.tagCurrent($0.tag, in: $0.name) }.map { damage in
            ["tag missing", "tag of a neighbour"].contains(damage.testDescription)
                ? Damage(damage.testDescription, letsGo: true, damage.inflict) : damage
        } + [
            Damage("tag to nothing") { driver, world in
                let path = Layout.tagCurrent(world.tag, in: world.name)
                try await driver.tree.write(path, Link.content(Digest.of([1, 2, 3])))
            }
        ]

    private static let others =
        ways("parent", isOfParent: true) { Layout.blobData($0.parent ?? $0.manifest) }
        + ways("layer link") { Layout.layerLink($0.layer, in: $0.name) }
        + ways("layer") { Layout.blobData($0.layer) }
        + ways("alias") { Layout.layerLink($0.alias, in: $0.name) }
        // Nobody can know what a link that is not there led to.
        .filter { $0.testDescription != "alias missing" && $0.testDescription != "alias of a neighbour" }
        + ways("child") { Layout.blobData($0.child) }
        // A child without a link was deleted: its index is whole no more.
        + ways("child's link") { Layout.revisionLink($0.child, in: $0.name) }.map { damage in
            damage.testDescription == "child's link missing"
                ? Damage(damage.testDescription, letsGo: true, damage.inflict) : damage
        }

    /// Those that every run of the tests tries; with `BERTH_LONG_TESTS` all are.
    static let usual: [Damage] = {
        let names: Set<String> = [
            "bytes missing", "bytes empty", "bytes cut", "bytes zeros", "bytes of a neighbour",
            "bytes not for us to read", "bytes on a bad sector",
            "link missing", "link empty", "link of a neighbour", "link on a bad sector", "link a directory",
            "tag missing", "tag empty", "tag of a neighbour", "tag to nothing",
            "parent missing", "parent zeros", "layer missing", "layer link empty", "alias empty", "child missing",
            "child's link missing",
        ]
        return all.filter { names.contains($0.testDescription) }
    }()
}
