package import OCI
import RegistryCore

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
        /// The bytes of a manifest are no manifest that we know.
        case unreadableManifest = "unreadable-manifest"
        /// A manifest names a blob or a manifest that its repository does not hold.
        case missingReference = "missing-reference"
        /// A manifest says another size of a blob than the file has.
        case wrongSize = "wrong-size"
        /// The bytes hash to another digest. Without `hashesBytes` only manifests and empty files are noticed.
        case corruptBytes = "corrupt-bytes"
        /// A temporary file that a crash has left.
        case strayFile = "stray-file"
        /// The directory of an upload that no client can continue.
        case deadUpload = "dead-upload"
        /// A file or a directory that cannot be read, and what is below it: rights, a bad sector, a link to nothing.
        case unreadablePlace = "unreadable-place"
        /// A place that nothing of a registry belongs at.
        case foreignPlace = "foreign-place"
    }

    /// What a repair does. Nothing is guessed: what is not here needs a person, or a client that pushes again.
    package enum Repair: String, Sendable, Hashable {
        /// The file or directory goes to `berth/quarantine/`, from where it can be taken back.
        case quarantine
        /// The link is written anew: its place says what it held, and the bytes are there.
        case relink

        /// As half a sentence for people.
        package var text: String {
            switch self {
            case .quarantine: "moves it to berth/quarantine/"
            case .relink: "writes the link anew; its place says what it held"
            }
        }
    }

    /// Tags that one finding names.
    package static let usersMax = 10

    package var kind: Kind
    /// Where, from the root of the data directory.
    package var path: String
    package var repository: RepositoryName?
    /// The tag that a link or a directory belongs to.
    package var tag: Tag?
    /// What the place is about; for a link that is to be written anew, what it is to hold.
    package var digest: Digest?
    /// Half a sentence for people.
    package var reason: String
    /// Tags that lead to it, as `repository:tag`, in order; at most `usersMax`. The path of a blob tells nobody what is lost.
    package var users: [String] = []
    /// Nil when only a push or a person can mend it.
    package var repair: Repair?

    package init(
        kind: Kind, path: String, repository: RepositoryName? = nil, tag: Tag? = nil, digest: Digest? = nil,
        reason: String, repair: Repair? = nil
    ) {
        self.kind = kind
        self.path = path
        self.repository = repository
        self.tag = tag
        self.digest = digest
        self.reason = reason
        self.repair = repair
    }

    /// What people know the place by: tags, else the repository; nil where neither is known.
    package var owner: String? {
        if !users.isEmpty { return users.joined(separator: ", ") }
        return repository.map { name in tag.map { "\(name):\($0)" } ?? name.text }
    }
}
