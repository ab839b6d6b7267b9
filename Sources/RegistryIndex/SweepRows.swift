package import OCI

/// A manifest as part of one repository, by the numbers that the index has for the two. Good for one state of the index.
package struct RevisionKey: Hashable, Sendable {
    package var repository: Int64
    package var manifest: Int64

    package init(repository: Int64, manifest: Int64) {
        self.repository = repository
        self.manifest = manifest
    }
}

/// What a sweep asks of a manifest in a repository.
package struct SweepRevisionRow: Sendable, Equatable {
    package var key: RevisionKey
    package var digest: Digest
    package var mediaType: MediaType
    package var subject: Digest?
    /// Seconds since 1970 of the last promise to a client; 0 for none.
    package var leased: Int64
    /// Since when nothing holds it, in seconds since 1970; 1 when nobody knows, 0 while something does.
    package var loose: Int64
}

/// What a sweep asks of the bytes of a blob.
package struct SweepBlobRow: Sendable, Equatable {
    package var id: Int64
    package var digest: Digest
    package var size: Int64
    /// Seconds since 1970 of the last promise to a client that is not bound to a link; 0 for none.
    package var leased: Int64
    /// Since when nothing references it, in seconds since 1970; 0 when nothing ever did.
    package var loose: Int64
    /// Edges, revisions and tags that point at it, by its own digest or by an alias.
    package var references: Int
    /// The end of the last tag that held it, for `departures`; nil when none is known.
    package var departure: Int64?
    /// What the last manifest that referenced it said; nil when none has gone.
    package var mediaType: MediaType?
}

/// As much of a blob as puts it in order, in little memory: there may be millions.
package struct SweepBlobKey: Sendable, Equatable {
    package var id: Int64
    package var size: Int64
    /// The first eight bytes of the hash, in their order.
    package var start: UInt64

    package init(id: Int64, size: Int64, digest: Digest) {
        self.id = id
        self.size = size
        start = digest.start
    }
}

/// A link to a layer that no manifest of its repository needs.
package struct IdleLayerRow: Sendable, Equatable {
    package var repository: Int64
    package var blob: Int64
    package var digest: Digest
    /// Seconds since 1970 of the last promise to a client, for this link or for the bytes; 0 for none.
    package var leased: Int64
    /// Since when, in seconds since 1970; 1 when nobody knows.
    package var idle: Int64

    package init(repository: Int64, blob: Int64, digest: Digest, leased: Int64, idle: Int64) {
        self.repository = repository
        self.blob = blob
        self.digest = digest
        self.leased = leased
        self.idle = idle
    }
}

/// What a manifest references, by number.
package struct SweepEdgeRow: Sendable, Equatable {
    package var manifest: Int64
    package var target: Int64
    package var isManifest: Bool
    package var mediaType: MediaType
}
