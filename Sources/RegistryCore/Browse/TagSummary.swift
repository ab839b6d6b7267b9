package import Foundation
package import OCI

/// One tag as a list shows it.
package struct TagSummary: Sendable, Equatable {
    package var tag: Tag
    package var digest: Digest
    package var mediaType: MediaType
    /// Platforms of an index, in its order, as `linux/arm64`; empty for a single image.
    package var platforms: [String]
    /// Bytes of everything the tag reaches, each blob once: manifests, configs, layers of all platforms, and what is about
    /// any of them, as ``ImageGraph/bytes`` counts them.
    package var bytes: Int64
    /// When the tag was last pointed at this digest; nil when unknown.
    package var updated: Date?
    /// Other tags of the same repository that point at the same digest.
    package var sameDigest: Int
    /// Whether something of it is not there or cannot be read: its manifest, a config, a layer, its own link. Entries that
    /// an index names and nobody has pushed are no damage, nor are layers that are fetched from elsewhere.
    package var isDamaged: Bool
    /// Whether everything that it names is in the store, so that ``bytes`` is all of it.
    package var isWhole: Bool
    /// Nil when nothing was pulled while this process ran.
    package var lastPull: Date?

    package init(
        tag: Tag, digest: Digest, mediaType: MediaType, platforms: [String] = [], bytes: Int64, updated: Date? = nil,
        sameDigest: Int = 0, isDamaged: Bool = false, isWhole: Bool = true, lastPull: Date? = nil
    ) {
        self.tag = tag
        self.digest = digest
        self.mediaType = mediaType
        self.platforms = platforms
        self.bytes = bytes
        self.updated = updated
        self.sameDigest = sameDigest
        self.isDamaged = isDamaged
        self.isWhole = isWhole
        self.lastPull = lastPull
    }
}

/// The tags of a repository at one moment.
package struct TagList: Sendable, Equatable {
    /// In byte order.
    package var tags: [TagSummary]
    /// The moment: a list with the same would be the same.
    package var mark: Int64

    package init(_ tags: [TagSummary], mark: Int64 = 0) {
        self.tags = tags
        self.mark = mark
    }
}
