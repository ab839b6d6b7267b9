package import OCI

/// What a tag is made of, down to the last blob: tag → index → platform manifest → config and layers, referrers beside.
/// Cut after five thousand nodes; then it counts the bytes of what it shows.
package struct ImageGraph: Sendable, Equatable {
    package var repository: RepositoryName
    package var reference: Reference
    package var root: Node
    /// Bytes of all distinct blobs below the root, the root's own included.
    package var bytes: Int64
    /// The part of `bytes` that no tag outside reaches: what deleting this tag alone could give back.
    package var bytesExclusive: Int64

    package struct Node: Sendable, Equatable {
        package var digest: Digest
        package var mediaType: MediaType
        package var role: Role
        /// Bytes of this one blob as the store has it, for a manifest of its document; 0 when it has it not.
        package var bytes: Int64
        /// What the manifest above says instead; nil when it says the same.
        package var bytesClaimed: Int64?
        /// `linux/arm64` on an entry of an index, else nil.
        package var platform: String?
        /// Tags, over all repositories, that reach this blob, the one looked at included; at least 1 below a tag.
        package var usedByTags: Int
        /// False when the bytes are not in the store: a sparse index, a foreign layer, or damage.
        package var present: Bool
        /// In document order; referrers last. Empty on a blob.
        package var children: [Node]

        package init(
            digest: Digest, mediaType: MediaType, role: Role, bytes: Int64, bytesClaimed: Int64? = nil,
            platform: String? = nil, usedByTags: Int = 1, present: Bool = true, children: [Node] = []
        ) {
            self.digest = digest
            self.mediaType = mediaType
            self.role = role
            self.bytes = bytes
            self.bytesClaimed = bytesClaimed
            self.platform = platform
            self.usedByTags = usedByTags
            self.present = present
            self.children = children
        }
    }

    package enum Role: Sendable, Equatable {
        case index, manifest, config, layer
        /// A manifest whose subject is the node above: a signature, an SBOM.
        case referrer
    }

    package init(
        repository: RepositoryName, reference: Reference, root: Node, bytes: Int64, bytesExclusive: Int64
    ) {
        self.repository = repository
        self.reference = reference
        self.root = root
        self.bytes = bytes
        self.bytesExclusive = bytesExclusive
    }
}

/// One tag that reaches a blob: the inverse of the graph.
package struct BlobUse: Sendable, Equatable {
    package var repository: RepositoryName
    package var tag: Tag
    package var digest: Digest

    package init(repository: RepositoryName, tag: Tag, digest: Digest) {
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }
}
