package import Foundation
package import OCI
package import RegistryIndex

/// A digest that a tag points at or once pointed at.
package struct TagHistoryEntry: Sendable, Equatable, Codable {
    package var digest: Digest
    /// When the tag was last pointed at it; nil when unknown.
    package var since: Date?
    package var isCurrent: Bool
    /// The manifest is in the repository: the tag can be pointed at it again.
    package var isThere: Bool
    /// Bytes of everything it reaches, each blob once; 0 when it is not there.
    package var bytes: Int64

    package init(digest: Digest, since: Date?, isCurrent: Bool, isThere: Bool, bytes: Int64) {
        self.digest = digest
        self.since = since
        self.isCurrent = isCurrent
        self.isThere = isThere
        self.bytes = bytes
    }
}

/// The end of a tag's pointing at a digest.
package struct TagDeparture: Sendable, Equatable {
    package enum Cause: Int, Sendable {
        /// The tag was deleted.
        case deleted = 0
        /// It was pointed at another digest.
        case moved = 1
        /// Its manifest was deleted, and the tag with it.
        case manifestDeleted = 2
        /// A sweep took it.
        case swept = 3

        /// As a verb after the tag.
        package var text: String {
            switch self {
            case .deleted: "deleted"
            case .moved: "moved"
            case .manifestDeleted: "deleted with its manifest"
            case .swept: "swept"
            }
        }
    }

    package var repository: RepositoryName
    package var tag: Tag
    package var digest: Digest
    package var at: Date
    /// Who: an address, or a word such as `cockpit`; as the client sent it.
    package var by: String
    package var cause: Cause
    /// The tag is not there now and the manifest is: it can be put back.
    package var canReturn: Bool

    package init(
        repository: RepositoryName, tag: Tag, digest: Digest, at: Date, by: String, cause: Cause, canReturn: Bool
    ) {
        self.repository = repository
        self.tag = tag
        self.digest = digest
        self.at = at
        self.by = by
        self.cause = cause
        self.canReturn = canReturn
    }
}

extension TagDeparture.Cause {
    package init(_ cause: DepartureRow.Cause) {
        switch cause {
        case .deleted: self = .deleted
        case .moved: self = .moved
        case .manifestDeleted: self = .manifestDeleted
        case .swept: self = .swept
        }
    }

    package var row: DepartureRow.Cause {
        switch self {
        case .deleted: .deleted
        case .moved: .moved
        case .manifestDeleted: .manifestDeleted
        case .swept: .swept
        }
    }
}
