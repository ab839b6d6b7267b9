import OCI
import RegistryIndex

/// Builds the graph below a manifest from one state of the index.
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
    private var blobs: [Digest: Blob] = [:]
    private var nodesLeft = Self.nodesMax

    private struct Blob {
        var size: Int64
        /// Tags that reach it.
        var uses: Int
        /// This tag alone does.
        var isExclusive: Bool
    }

    init(view: IndexView, name: RepositoryName, reference: Reference) {
        self.view = view
        self.name = name
        self.reference = reference
    }

    /// Nil when the index does not know the digest as a manifest.
    mutating func build(_ digest: Digest) throws -> ImageGraph? {
        guard let manifest = try view.manifest(digest, in: name) else { return nil }
        let root = try node(manifest, role: nil, platform: nil, depth: 0)
        return ImageGraph(
            repository: name, reference: reference, root: root, bytes: blobs.values.reduce(0) { $0 + $1.size },
            bytesExclusive: blobs.values.reduce(0) { $1.isExclusive ? $0 + $1.size : $0 })
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
            if edge.isManifest, let child = try view.manifest(edge.digest, in: name) {
                children.append(try node(child, role: nil, platform: edge.platform, depth: depth + 1))
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
        let uses = try count(edge.digest, size: edge.present ? edge.size : 0)
        let role: ImageGraph.Role =
            switch edge.role {
            case .config: .config
            case .layer: .layer
            case .entry: edge.mediaType.isManifest ? .manifest : .layer
            }
        return ImageGraph.Node(
            digest: edge.digest, mediaType: edge.mediaType, role: role, bytes: edge.size, platform: edge.platform,
            usedByTags: uses, present: edge.present)
    }

    /// Notes a blob once, and says how many tags reach it.
    private mutating func count(_ digest: Digest, size: Int64) throws -> Int {
        if let known = blobs[digest] { return known.uses }
        let uses = try view.uses(of: digest)
        blobs[digest] = Blob(
            size: size, uses: uses.count,
            isExclusive: uses.allSatisfy { $0.repository == name && .tag($0.tag) == reference })
        return uses.count
    }
}
