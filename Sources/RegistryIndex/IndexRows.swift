package import OCI

/// One repository's totals.
package struct RepositoryRow: Sendable, Equatable {
    package var name: RepositoryName
    package var tagCount: Int
    package var manifestCount: Int
    package var bytes: Int64
    package var bytesUnique: Int64
    /// Seconds since 1970; nil when nothing was pushed since the index exists.
    package var pushed: Int64?
}

package struct TagRow: Sendable, Equatable {
    package var tag: Tag
    package var digest: Digest
    /// Empty when the manifest is not known.
    package var mediaType: MediaType
    package var updated: Int64
    /// Other tags of the repository with the same digest.
    package var sameDigest: Int
}

/// What is known of the image behind a tag.
package struct ImageRow: Sendable, Equatable {
    /// Of all distinct blobs that it reaches and that are in the store.
    package var bytes: Int64
    /// Of an index, in its order; empty for anything else.
    package var platforms: [String]
    /// Everything that it names is in the store.
    package var isWhole: Bool

    /// What is known of a manifest that the index does not know.
    package static let unknown = ImageRow(bytes: 0, platforms: [], isWhole: false)
}

/// What a manifest says of one other piece of content.
package struct EdgeRow: Sendable, Equatable {
    package enum Role: Int, Sendable {
        case config = 0
        case layer = 1
        case entry = 2
    }

    package var digest: Digest
    package var role: Role
    package var mediaType: MediaType
    /// Bytes that the manifest claims.
    package var size: Int64
    /// Bytes that the store has; nil when they are not in it.
    package var stored: Int64?
    package var platform: String?
    /// The bytes are in the store.
    package var present: Bool
    /// The target is itself a manifest that the index knows.
    package var isManifest: Bool
}

package struct ManifestRow: Sendable, Equatable {
    package var digest: Digest
    package var mediaType: MediaType
    package var size: Int64
    package var subject: Digest?
    package var artifactType: String?
    package var annotations: [String: String]
}

/// What a client called a manifest that does not say so itself.
package struct NotedTypeRow: Sendable, Equatable {
    package var repository: RepositoryName
    package var digest: Digest
    package var mediaType: MediaType
}

/// A tag, over all repositories, that reaches something.
package struct UseRow: Sendable, Equatable {
    package var repository: RepositoryName
    package var tag: Tag
    package var digest: Digest
}

/// A manifest as part of one repository.
package struct RevisionRow: Hashable, Sendable {
    package var repository: RepositoryName
    package var digest: Digest
    package var leased: Int64
}

package struct DamageRow: Sendable, Equatable {
    package var path: String
    package var repository: RepositoryName?
    /// The blob that the unreadable place names; nil when it names none.
    package var digest: Digest?
    package var reason: String
}

/// The end of a tag's pointing at a digest.
package struct DepartureRow: Sendable, Equatable {
    package enum Cause: Int, Sendable {
        case deleted = 0
        case moved = 1
        case manifestDeleted = 2
        case swept = 3
    }

    package var repository: RepositoryName
    package var tag: Tag
    package var digest: Digest
    /// Seconds since 1970.
    package var at: Int64
    package var by: String
    package var cause: Cause
}
