package import OCI

/// Where everything stands: distribution's tree, byte for byte (`registry/storage/paths.go`), so that either program can
/// open what the other wrote.
///
/// ```
/// docker/registry/v2/
///   blobs/<alg>/<first 2 hex>/<hex>/data                    layers, configs and manifests share this store
///   repositories/<name…>/                                   a name may hold '/'; nested repositories share the tree
///     _layers/<alg>/<hex>/link                              one per blob that was uploaded or mounted here
///     _manifests/revisions/<alg>/<hex>/link                 the manifest is part of the repository
///     _manifests/tags/<tag>/current/link                    what the tag points at: the only thing that serves it
///     _manifests/tags/<tag>/index/<alg>/<hex>/link          history: every digest the tag ever had
///     _uploads/<uuid>/data                                  what has arrived so far
///     _uploads/<uuid>/startedat                             RFC 3339 in UTC, whole seconds
///     _uploads/<uuid>/hashstates/<alg>/<offset>             distribution's saved hash states; not needed, not written
/// berth/                                                    ours: derived data and the quarantine; never below docker/
///   trash/<run>/docker/registry/v2/…                        what a sweep took out, under the path that it had, until it is
///                                                           purged; beside it the plan of the run and how it ended
///   quarantine/<time>/docker/registry/v2/…                  what a repair took out, under the path that it had
///   retention.confirmed                                   which retention a person has seen at work
///   index.sqlite, berth.log, lock, lock-alone, -apart, -here and control.sock, control.lock while a process serves
/// ```
///
/// A link file holds the digest in its canonical form and nothing else: no newline, no blank.
package enum Layout {
    package static let version = StoragePath.root.appending(["docker", "registry", "v2"])
    package static let blobs = version.appending("blobs")
    package static let repositories = version.appending("repositories")
    package static let quarantine = StoragePath.root.appending(["berth", "quarantine"])
    package static let trash = StoragePath.root.appending(["berth", "trash"])
    package static let retentionConfirmed = StoragePath.root.appending(["berth", "retention.confirmed"])

    /// Stands behind the name of a place that is being erased.
    package static let erasingSuffix = ".purging"

    /// Bytes that a link file may have: the longest digest. A larger one is damaged.
    package static let linkBytesMax = 256

    /// The directory of a blob: `data` is in it.
    package static func blob(_ digest: Digest) -> StoragePath {
        let hex = digest.hex
        return blobs.appending(validated: [digest.algorithm.name, String(hex.prefix(2)), hex])
    }

    package static func blobData(_ digest: Digest) -> StoragePath {
        let hex = digest.hex
        return blobs.appending(validated: [digest.algorithm.name, String(hex.prefix(2)), hex, "data"])
    }

    package static func repository(_ name: RepositoryName) -> StoragePath { place(name) }

    package static func layers(_ name: RepositoryName) -> StoragePath { place(name, "_layers") }

    package static func layerLink(_ digest: Digest, in name: RepositoryName) -> StoragePath {
        place(name, "_layers", digest.algorithm.name, digest.hex, "link")
    }

    package static func manifests(_ name: RepositoryName) -> StoragePath { place(name, "_manifests") }

    package static func revisions(_ name: RepositoryName) -> StoragePath { place(name, "_manifests/revisions") }

    package static func revisionLink(_ digest: Digest, in name: RepositoryName) -> StoragePath {
        place(name, "_manifests/revisions", digest.algorithm.name, digest.hex, "link")
    }

    package static func tags(_ name: RepositoryName) -> StoragePath { place(name, "_manifests/tags") }

    /// The directory of a tag; removing it removes the tag with its history.
    package static func tag(_ tag: Tag, in name: RepositoryName) -> StoragePath {
        place(name, "_manifests/tags", tag.text)
    }

    package static func tagCurrent(_ tag: Tag, in name: RepositoryName) -> StoragePath {
        place(name, "_manifests/tags", tag.text, "current/link")
    }

    private static func place(_ name: RepositoryName, _ texts: String...) -> StoragePath {
        repositories.appending(validated: [name.text] + texts)
    }

    /// The tag that a path belongs to; nil for a path of none.
    package static func tag(of path: StoragePath) -> Tag? {
        let parts = path.components
        guard let place = parts.firstIndex(of: "_manifests"), parts.count > place + 2, parts[place + 1] == "tags" else {
            return nil
        }
        return try? Tag(parts[place + 2])
    }

    /// The digest that a link is named by; nil for a path that is no link by digest.
    package static func linked(by path: StoragePath) -> Digest? {
        let parts = path.components.suffix(3).map(String.init)
        guard parts.count == 3, parts[2] == "link", let algorithm = Digest.Algorithm(name: parts[0]) else { return nil }
        return Digest(algorithm: algorithm, hex: parts[1])
    }

    package static func tagIndex(_ digest: Digest, _ tag: Tag, in name: RepositoryName) -> StoragePath {
        place(name, "_manifests/tags", tag.text, "index", digest.algorithm.name, digest.hex, "link")
    }

    package static func uploads(_ name: RepositoryName) -> StoragePath { place(name, "_uploads") }

    /// The file that makes a directory an upload: when it began.
    package static func uploadBeginning(_ id: String, in name: RepositoryName) -> StoragePath {
        upload(id, in: name).appending("startedat")
    }

    /// The directory of an upload. `id` is a UUID in its canonical lower-case form.
    package static func upload(_ id: String, in name: RepositoryName) -> StoragePath { uploads(name).appending(id) }
}
