package import OCI

/// One thing that is not as it should be, with the place, the reason and what can be done about it.
package struct CheckFinding: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A link that is empty, too long, a directory, or holds no digest.
        case damagedLink = "damaged-link"
        /// A link to bytes that are not in the store.
        case danglingLink = "dangling-link"
        /// A tag whose manifest its repository does not hold.
        case danglingTag = "dangling-tag"
        /// The directory of a tag that points at nothing: a list of distribution names it, a pull does not find it.
        case emptyTag = "empty-tag"
        /// The bytes of a manifest are no manifest, or not those of its digest.
        case unreadableManifest = "unreadable-manifest"
        /// A manifest names a blob or a manifest that its repository does not hold.
        case missingReference = "missing-reference"
        /// A manifest says another size of a blob than the file has.
        case wrongSize = "wrong-size"
        /// The bytes hash to another digest. Only looked for with `hashesBytes`.
        case corruptBytes = "corrupt-bytes"
        /// A temporary file that a crash has left.
        case strayFile = "stray-file"
        /// A directory of an upload that no client can continue.
        case deadUpload = "dead-upload"
        /// A place that nothing of a registry belongs at.
        case foreignPlace = "foreign-place"
        /// The index said something else than the tree.
        case indexRow = "index-row"
    }

    /// What a repair does. Nothing is guessed: what is not here needs a person, or a client that pushes again.
    package enum Repair: String, Sendable, Hashable {
        /// The file or directory goes to `berth/quarantine/`, from where it can be taken back.
        case quarantine
        /// The index takes over what the tree says.
        case reindex
    }

    package var kind: Kind
    /// Where, from the root of the data directory.
    package var path: String
    package var repository: RepositoryName?
    package var digest: Digest?
    /// Half a sentence for people.
    package var reason: String
    /// Nil when only a push or a person can mend it.
    package var repair: Repair?

    package init(
        kind: Kind, path: String, repository: RepositoryName? = nil, digest: Digest? = nil, reason: String,
        repair: Repair? = nil
    ) {
        self.kind = kind
        self.path = path
        self.repository = repository
        self.digest = digest
        self.reason = reason
        self.repair = repair
    }
}
