import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import StorageProbes
import Testing

/// A way in which a tree can be damaged, what a check has to say of it, and what is left after a repair.
struct Wound: Sendable, CustomTestStringConvertible {
    typealias Place = (storage: any StorageDriver, image: SampleImage, name: RepositoryName, tag: OCI.Tag)

    var testDescription: String
    var kind: CheckFinding.Kind
    var repair: CheckFinding.Repair?
    /// What a check says after the repair; for a wound that nobody can mend the same as before.
    var remaining: [CheckFinding.Kind]
    /// The image can be pulled whole after the repair.
    var isHealed: Bool
    var inflict: @Sendable (Place) async throws -> Void

    static let all: [Wound] = [
        Wound("an empty revision link", .damagedLink, .relink, [], isHealed: true) {
            try await $0.storage.write(Layout.revisionLink($0.image.manifest.digest, in: $0.name), [])
        },
        Wound("an empty layer link", .damagedLink, .relink, [], isHealed: true) {
            try await $0.storage.write(Layout.layerLink($0.image.blobs[0].digest, in: $0.name), [])
        },
        Wound("a layer link with a newline", .damagedLink, .relink, [], isHealed: true) {
            let digest = $0.image.blobs[0].digest
            try await $0.storage.write(Layout.layerLink(digest, in: $0.name), Link.content(digest) + [0x0A])
        },
        Wound("a revision link to another digest", .damagedLink, .relink, [], isHealed: true) {
            try await $0.storage.write(
                Layout.revisionLink($0.image.manifest.digest, in: $0.name), Link.content($0.image.blobs[0].digest))
        },
        Wound("an empty tag link with one digest in its history", .damagedLink, .relink, [], isHealed: true) {
            try await $0.storage.write(Layout.tagCurrent($0.tag, in: $0.name), [])
        },
        Wound(
            "an empty tag link with two digests in its history", .damagedLink, nil, [.damagedLink], isHealed: false
        ) {
            try await $0.storage.write(Layout.tagCurrent($0.tag, in: $0.name), [])
            let other = $0.image.blobs[0].digest
            try await $0.storage.write(Layout.tagIndex(other, $0.tag, in: $0.name), Link.content(other))
        },
        Wound("an empty layer link of lost bytes", .damagedLink, .quarantine, [], isHealed: true) {
            try await $0.storage.write(Layout.layerLink(Digest.of([1]), in: $0.name), [])
        },
        // Distribution has the bytes under their sha256; nobody knows which.
        Wound("an empty layer link by sha512", .damagedLink, nil, [.damagedLink], isHealed: true) {
            try await $0.storage.write(Layout.layerLink(Digest.of([1], .sha512), in: $0.name), [])
        },
        Wound("a layer link by sha512 to nothing", .danglingLink, .quarantine, [], isHealed: true) {
            try await $0.storage.write(
                Layout.layerLink(Digest.of([1], .sha512), in: $0.name), Link.content(Digest.of([1])))
        },
        Wound("a tag whose manifest has lost its link", .danglingTag, nil, [.danglingTag], isHealed: true) {
            let index = try rawIndex([(.ociManifest, $0.image.manifest.digest, $0.image.manifest.bytes.count)])
            try await $0.storage.write(Layout.blobData(index.digest), index.bytes)
            try await $0.storage.write(Layout.tagCurrent(try Tag("bare"), in: $0.name), Link.content(index.digest))
        },
        Wound("a layer link to nothing", .danglingLink, .quarantine, [], isHealed: true) {
            let digest = Digest.of([1])
            try await $0.storage.write(Layout.layerLink(digest, in: $0.name), Link.content(digest))
        },
        Wound("a tag directory without its link", .emptyTag, .quarantine, [], isHealed: true) {
            try await $0.storage.createDirectory(Layout.tag(try Tag("half"), in: $0.name).appending("index"))
        },
        Wound("a tag whose manifest is lost", .danglingTag, nil, [.danglingTag], isHealed: true) {
            let digest = Digest.of([1])
            try await $0.storage.write(Layout.tagCurrent(try Tag("lost"), in: $0.name), Link.content(digest))
        },
        Wound("a plain file among the tags", .foreignPlace, nil, [.foreignPlace], isHealed: true) {
            try await $0.storage.write(Layout.tags($0.name).appending("v2"), [1])
        },
        Wound("an unknown digest algorithm", .foreignPlace, nil, [.foreignPlace], isHealed: true) {
            try await $0.storage.createDirectory(Layout.layers($0.name).appending("md5"))
        },
        Wound("a layer that its repository does not link", .missingReference, nil, [.missingReference], isHealed: false)
        {
            try await $0.storage.remove(Layout.layerLink($0.image.blobs[0].digest, in: $0.name), .lasting)
        },
        Wound("a layer of another size", .wrongSize, nil, [.wrongSize], isHealed: false) {
            try await $0.storage.write(Layout.blobData($0.image.blobs[0].digest), [1, 2, 3])
        },
        Wound(
            "a manifest with other bytes", .corruptBytes, .quarantine, [.danglingLink, .danglingTag], isHealed: false
        ) {
            try await $0.storage.write(Layout.blobData($0.image.manifest.digest), $0.image.manifest.bytes + [0x20])
        },
        Wound("a manifest that is none", .unreadableManifest, nil, [.unreadableManifest], isHealed: true) {
            let bytes = Array(#"{"schemaVersion":1,"name":"old","fsLayers":[]}"#.utf8)
            let digest = Digest.of(bytes)
            try await $0.storage.write(Layout.blobData(digest), bytes)
            try await $0.storage.write(Layout.revisionLink(digest, in: $0.name), Link.content(digest))
        },
        Wound("a temporary file beside a link", .strayFile, .quarantine, [], isHealed: true) {
            let link = Layout.revisionLink($0.image.manifest.digest, in: $0.name)
            try await $0.storage.write(try #require(link.parent).appending("link.77.tmp"), [1])
        },
        Wound("a temporary file beside a blob", .strayFile, .quarantine, [], isHealed: true) {
            try await $0.storage.write(Layout.blob($0.image.blobs[0].digest).appending("data.77.tmp"), [1])
        },
        Wound("an upload that lacks the time it began", .deadUpload, .quarantine, [], isHealed: true) {
            try await $0.storage.write(Layout.upload(UploadID().text, in: $0.name).appending("data"), [1])
        },
        Wound("a blob under another prefix", .foreignPlace, nil, [.foreignPlace], isHealed: true) {
            let hex = Digest.of([1]).hex
            try await $0.storage.write(Layout.blobs.appending(["sha256", "zz", hex, "data"]), [1])
        },
    ]

    private init(
        _ description: String, _ kind: CheckFinding.Kind, _ repair: CheckFinding.Repair?,
        _ remaining: [CheckFinding.Kind], isHealed: Bool, _ inflict: @escaping @Sendable (Place) async throws -> Void
    ) {
        testDescription = description
        self.kind = kind
        self.repair = repair
        self.remaining = remaining
        self.isHealed = isHealed
        self.inflict = inflict
    }
}
