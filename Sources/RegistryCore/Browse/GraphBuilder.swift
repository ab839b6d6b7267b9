import OCI
import RegistryIndex

/// Builds the graph below a manifest from one state of the index. What only repositories have that may not be pulled from is
/// in it as if nobody had it.
struct GraphBuilder {
    /// Levels of nesting that are followed; a manifest names its parts by hash, so a cycle cannot exist, and real images
    /// have four.
    private static let depthMax = 16
    /// Nodes that are shown; more than anybody looks at. An index may name the same entry thousands of times, and that
    /// entry its own: the graph of a few small documents has no bound but this.
    private static let nodesMax = 5_000

    private let view: IndexView
    private let name: RepositoryName
    private let reference: Reference
    private let access: Access
    private var blobs: [Digest: Blob] = [:]
    private var tagCounts: [RevisionKey: Int] = [:]
    /// What the tag points at; nil for a digest.
    private var own: RevisionKey?
    private var nodesLeft = Self.nodesMax

    private struct Blob {
        var size: Int64
        /// Tags that reach it.
        var uses: Int
        /// This tag alone does.
        var isExclusive: Bool
    }

    init(view: IndexView, name: RepositoryName, reference: Reference, access: Access) {
        self.view = view
        self.name = name
        self.reference = reference
        self.access = access
    }

    /// Nil when the index does not know the digest as a manifest.
    mutating func build(_ digest: Digest) throws -> ImageGraph? {
        guard let manifest = try shownManifest(digest) else { return nil }
        own = try reference.tag.flatMap { try view.tagKey($0, in: name)?.key }
        let root = try node(manifest, role: nil, platform: nil, depth: 0)
        return ImageGraph(
            repository: name, reference: reference, root: root, bytes: blobs.values.sumClamped(\.size),
            bytesExclusive: blobs.values.sumClamped { $0.isExclusive ? $0.size : 0 })
    }

    /// Nil where it is none that the repository holds, or another that may be pulled from. Bytes that no repository holds are
    /// for who sees all of the tree.
    private func shownManifest(_ digest: Digest) throws -> ManifestRow? {
        guard let row = try view.manifest(digest, in: name) else { return nil }
        if try view.revision(digest, in: name) != nil { return row }
        let holders = try view.repositories(withRevision: digest)
        let isShown = holders.isEmpty ? access.may(.administer, nil) : holders.contains { access.may(.pull, $0) }
        return isShown ? row : nil
    }

    private mutating func node(
        _ manifest: ManifestRow, role: ImageGraph.Role?, platform: String?, depth: Int
    ) throws -> ImageGraph.Node {
        nodesLeft -= 1
        let edges = try view.edges(of: manifest.digest)
        let isIndex = edges.contains { $0.role == .entry } || manifest.mediaType == .ociIndex
        let children = depth < Self.depthMax ? try children(of: manifest, edges, depth) : []
        let uses = try count(manifest.digest, size: manifest.size)
        return ImageGraph.Node(
            digest: manifest.digest, mediaType: manifest.mediaType, role: role ?? (isIndex ? .index : .manifest),
            bytes: manifest.size, platform: platform, usedByTags: uses, children: children)
    }

    private mutating func children(
        of manifest: ManifestRow, _ edges: [EdgeRow], _ depth: Int
    ) throws -> [ImageGraph.Node] {
        var children: [ImageGraph.Node] = []
        for edge in edges where nodesLeft > 0 {
            if edge.isManifest, let child = try shownManifest(edge.digest) {
                var node = try node(child, role: nil, platform: edge.platform, depth: depth + 1)
                if edge.size != node.bytes { node.bytesClaimed = edge.size }
                children.append(node)
            } else {
                children.append(try blob(edge))
            }
        }
        guard nodesLeft > 0 else { return children }
        for referrer in try view.referrers(of: manifest.digest, in: name, limit: nodesLeft) where nodesLeft > 0 {
            children.append(try node(referrer, role: .referrer, platform: nil, depth: depth + 1))
        }
        return children
    }

    private mutating func blob(_ edge: EdgeRow) throws -> ImageGraph.Node {
        nodesLeft -= 1
        let uses = try count(edge.digest, size: edge.stored ?? 0)
        let role: ImageGraph.Role =
            switch edge.role {
            case .config: .config
            case .layer: .layer
            case .entry: edge.mediaType.isManifest ? .manifest : .layer
            }
        return ImageGraph.Node(
            digest: edge.digest, mediaType: edge.mediaType, role: role, bytes: edge.stored ?? 0,
            bytesClaimed: edge.size == edge.stored ? nil : edge.size, platform: edge.platform, usedByTags: uses,
            present: edge.present)
    }

    /// Notes a blob once, and says how many tags reach it.
    private mutating func count(_ digest: Digest, size: Int64) throws -> Int {
        if let known = blobs[digest] { return known.uses }
        let holders = try view.taggedManifests(reaching: digest)
        let uses = try holders.reduce(0) { $0 + (try tags(of: $1)) }
        let isExclusive = own.map { uses == 1 && holders.first == $0 } ?? (uses == 0)
        blobs[digest] = Blob(size: size, uses: uses, isExclusive: isExclusive)
        return uses
    }

    /// Asked once for each manifest: a hundred thousand tags of one are counted once, and not for each of its layers.
    private mutating func tags(of manifest: RevisionKey) throws -> Int {
        if let known = tagCounts[manifest] { return known }
        let count = try view.tagCount(of: manifest)
        tagCounts[manifest] = count
        return count
    }
}
