import OCI
import RegistryIndex

/// Builds the graph below a manifest from one state of the index.
struct GraphBuilder {
    /// Levels of nesting that are followed; a manifest names its parts by hash, so a cycle cannot exist, and real images
    /// have four.
    private static let depthMax = 16

    let view: IndexView
    let name: RepositoryName
    let reference: Reference

    /// Nil when the index does not know the digest as a manifest.
    func build(_ digest: Digest) throws -> ImageGraph? {
        guard let manifest = try view.manifest(digest, in: name) else { return nil }
        var sizes: [Digest: Int64] = [:]
        var exclusive: [Digest: Bool] = [:]
        let root = try node(manifest, role: nil, platform: nil, depth: 0, &sizes, &exclusive)
        return ImageGraph(
            repository: name, reference: reference, root: root, bytes: sizes.values.reduce(0, +),
            bytesExclusive: sizes.reduce(0) { exclusive[$1.key] == true ? $0 + $1.value : $0 })
    }

    private func node(
        _ manifest: ManifestRow, role: ImageGraph.Role?, platform: String?, depth: Int,
        _ sizes: inout [Digest: Int64], _ exclusive: inout [Digest: Bool]
    ) throws -> ImageGraph.Node {
        let edges = try view.edges(of: manifest.digest)
        let isIndex = edges.contains { $0.role == .entry } || manifest.mediaType == .ociIndex
        var children: [ImageGraph.Node] = []
        if depth < Self.depthMax {
            for edge in edges {
                if edge.isManifest, let child = try view.manifest(edge.digest, in: name) {
                    children.append(
                        try node(child, role: nil, platform: edge.platform, depth: depth + 1, &sizes, &exclusive))
                } else {
                    children.append(try blob(edge, &sizes, &exclusive))
                }
            }
            for referrer in try view.referrers(of: manifest.digest, in: name) {
                children.append(
                    try node(referrer, role: .referrer, platform: nil, depth: depth + 1, &sizes, &exclusive))
            }
        }
        let uses = try count(manifest.digest, size: manifest.size, &sizes, &exclusive)
        return ImageGraph.Node(
            digest: manifest.digest, mediaType: manifest.mediaType, role: role ?? (isIndex ? .index : .manifest),
            bytes: manifest.size, platform: platform, usedByTags: uses, children: children)
    }

    private func blob(
        _ edge: EdgeRow, _ sizes: inout [Digest: Int64], _ exclusive: inout [Digest: Bool]
    ) throws -> ImageGraph.Node {
        let uses = try count(edge.digest, size: edge.present ? edge.size : 0, &sizes, &exclusive)
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

    /// Notes a blob's size once, whether this tag alone reaches it, and says how many tags do.
    private func count(
        _ digest: Digest, size: Int64, _ sizes: inout [Digest: Int64], _ exclusive: inout [Digest: Bool]
    ) throws -> Int {
        let uses = try view.uses(of: digest)
        sizes[digest] = size
        exclusive[digest] = uses.allSatisfy { $0.repository == name && .tag($0.tag) == reference }
        return uses.count
    }
}
