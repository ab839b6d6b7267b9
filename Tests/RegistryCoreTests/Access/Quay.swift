import ImageBuilder
import OCI
import RegistryCore
import RegistryStorage
import StorageProbes
import Testing

/// A registry with something of everything in one repository.
struct Quay: Sendable {
    let registry: Registry
    let name: RepositoryName
    /// Tagged `v1`; in `team/source` too.
    let image: SampleImage
    /// Tagged `v2`.
    let other: SampleImage
    let upload: UploadID
    /// The tag `old`, which was deleted.
    let gone: TagDeparture

    static func open() async throws -> Quay {
        let registry = try await Registry.sample()
        let (name, old) = (try RepositoryName("team/app"), try OCI.Tag("old"))
        let image = try SampleImage(layers: [[1], [2]])
        let other = try SampleImage(layers: [[1], [2]], architecture: "arm64")
        try await registry.push(image, to: name, tag: try OCI.Tag("v1"))
        try await registry.push(image, to: try RepositoryName("team/source"), tag: try OCI.Tag("v1"))
        try await registry.push(other, to: name, tag: try OCI.Tag("v2"))
        try await registry.push(other.manifest, to: name, tag: old)
        try await registry.deleteTag(old, in: name, by: .test)
        let gone = try #require(try await registry.deletedTags(in: name, limit: 1, by: .test).first)
        let upload = try await registry.startUpload(in: name, by: .test).id
        _ = try await registry.openUpload(upload, in: name, by: .test).suspend()
        return Quay(registry: registry, name: name, image: image, other: other, upload: upload, gone: gone)
    }

    /// Everything that a verb that was refused leaves as it is.
    struct State: Equatable {
        var tree: [String: [UInt8]]
        var generation: UInt64
        var repositories: [RepositorySummary]
        var tags: [TagSummary]
        var deleted: [TagDeparture]
        var counters: RegistryCounters
    }

    func state() async throws -> State {
        State(
            tree: try await Tree.content(of: registry.storage), generation: registry.ground.generation,
            repositories: try await registry.repositories(by: .test),
            tags: try await registry.tags(in: name, by: .test),
            deleted: try await registry.deletedTags(limit: 100, by: .test), counters: registry.counters())
    }

    func put(
        _ manifest: Manifest, _ reference: Reference, _ tags: [OCI.Tag], _ name: RepositoryName, _ access: Access
    ) async throws {
        _ = try await registry.putManifest(
            manifest.bytes, contentType: manifest.mediaType, reference: reference, tags: tags, in: name, by: access)
    }
}

/// A verb of the registry, and what has to be allowed for it in the repository that it is called for.
struct Verb: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var action: Access.Action
    /// The tag that it is asked of.
    var tag: String?
    /// What has to be allowed beside, for something that is asked before.
    var also: Set<Access.Action>
    /// It can be called for a repository that is not there.
    var isOfName: Bool
    var call: @Sendable (Quay, RepositoryName, Access) async throws -> Void

    init(
        _ words: String, _ action: Access.Action, _ tag: String? = nil, also: Set<Access.Action> = [],
        isOfName: Bool = true, _ call: @escaping @Sendable (Quay, RepositoryName, Access) async throws -> Void
    ) {
        (testDescription, self.action, self.tag, self.also, self.isOfName) = (words, action, tag, also, isOfName)
        self.call = call
    }

    static let all = pulls + lists + pushes + deletions

    private static let pulls = [
        Verb("blob", .pull) { _ = try await $0.registry.blob($0.image.blobs[0].digest, in: $1, by: $2) },
        Verb("blobNow", .pull) { _ = try $0.registry.blobNow($0.image.blobs[0].digest, in: $1, by: $2) },
        Verb("promiseBlob", .pull) {
            _ = try await $0.registry.promiseBlob($0.image.blobs[0].digest, in: $1, by: $2)
        },
        Verb("promiseBlobNow", .pull) {
            _ = try $0.registry.promiseBlobNow($0.image.blobs[0].digest, in: $1, by: $2)
        },
        Verb("manifest by tag", .pull, "v1") {
            _ = try await $0.registry.manifest(.tag(try OCI.Tag("v1")), in: $1, by: $2)
        },
        Verb("manifest by digest", .pull) {
            _ = try await $0.registry.manifest(.digest($0.image.manifest.digest), in: $1, by: $2)
        },
        Verb("manifestNow by tag", .pull, "v1") {
            _ = try $0.registry.manifestNow(.tag(try OCI.Tag("v1")), in: $1, by: $2)
        },
        Verb("manifestNow by digest", .pull) {
            _ = try $0.registry.manifestNow(.digest($0.image.manifest.digest), in: $1, by: $2)
        },
        Verb("promiseManifest", .pull) {
            try await $0.registry.promiseManifest($0.image.manifest.digest, in: $1, by: $2)
        },
        Verb("promiseManifestNow", .pull) {
            _ = try $0.registry.promiseManifestNow($0.image.manifest.digest, in: $1, by: $2)
        },
    ]

    private static let lists = [
        Verb("tagNames", .pull) { _ = try await $0.registry.tagNames(in: $1, after: nil, limit: 10, by: $2) },
        Verb("tags", .pull) { _ = try await $0.registry.tags(in: $1, by: $2) },
        Verb("tags since a mark", .pull) { _ = try await $0.registry.tags(in: $1, since: 0, by: $2) },
        Verb("history", .pull, "v1") { _ = try await $0.registry.history(of: try OCI.Tag("v1"), in: $1, by: $2) },
        Verb("deletedTags", .pull) { _ = try await $0.registry.deletedTags(in: $1, limit: 10, by: $2) },
        Verb("graph by tag", .pull, "v1") {
            _ = try await $0.registry.graph(of: .tag(try OCI.Tag("v1")), in: $1, by: $2)
        },
        Verb("graph by digest", .pull) {
            _ = try await $0.registry.graph(of: .digest($0.image.manifest.digest), in: $1, by: $2)
        },
        Verb("pullable", .pull) { _ = try $0.registry.pullable(in: $1, by: $2) },
        Verb("referrers", .pull) {
            _ = try await $0.registry.referrers(
                of: $0.image.manifest.digest, artifactType: nil, in: $1, after: nil, limit: 10, by: $2)
        },
    ]

    private static let pushes = [
        Verb("putManifest by tag", .push, "new") {
            try await $0.put($0.image.manifest, .tag(try OCI.Tag("new")), [], $1, $2)
        },
        Verb("putManifest by digest", .push) {
            try await $0.put($0.image.manifest, .digest($0.image.manifest.digest), [], $1, $2)
        },
        Verb("putManifest over a tag", .retag, "v1", also: [.push]) {
            try await $0.put($0.other.manifest, .tag(try OCI.Tag("v1")), [], $1, $2)
        },
        Verb("putManifest with a tag that is there", .retag, "v1", also: [.push]) {
            try await $0.put($0.other.manifest, .digest($0.other.manifest.digest), [try OCI.Tag("v1")], $1, $2)
        },
        Verb("setTag to a new tag", .push, "new") {
            try await $0.registry.setTag(try OCI.Tag("new"), to: $0.image.manifest.digest, in: $1, by: $2)
        },
        Verb("setTag to one that is there", .retag, "v1", also: [.push]) {
            try await $0.registry.setTag(try OCI.Tag("v1"), to: $0.other.manifest.digest, in: $1, by: $2)
        },
        Verb("restoreTag", .push, "old") {
            var gone = $0.gone
            gone.repository = $1
            try await $0.registry.restoreTag(gone, by: $2)
        },
        Verb("startUpload", .push) { _ = try await $0.registry.startUpload(in: $1, by: $2) },
        Verb("openUpload", .push) { _ = try await $0.registry.openUpload($0.upload, in: $1, by: $2).suspend() },
        Verb("uploadStatus", .push) { _ = try await $0.registry.uploadStatus($0.upload, in: $1, by: $2) },
        Verb("cancelUpload", .push) { try await $0.registry.cancelUpload($0.upload, in: $1, by: $2) },
        Verb("finish", .push, isOfName: false) { quay, name, access in
            let session = try await quay.registry.openUpload(quay.upload, in: name, by: .test)
            _ = try await session.finish(Digest.of([]), by: access)
        },
        Verb("mountBlob", .push, also: [.pull]) {
            _ = try await $0.registry.mountBlob($0.image.blobs[0].digest, from: $1, into: $1, by: $2)
        },
    ]

    private static let deletions = [
        Verb("deleteTag", .delete, "v1") { try await $0.registry.deleteTag(try OCI.Tag("v1"), in: $1, by: $2) },
        Verb("deleteManifest", .delete) {
            try await $0.registry.deleteManifest($0.image.manifest.digest, in: $1, by: $2)
        },
        Verb("deleteBlob", .delete) {
            try await $0.registry.deleteBlob($0.image.blobs[0].digest, in: $1, by: $2)
        },
    ]
}
