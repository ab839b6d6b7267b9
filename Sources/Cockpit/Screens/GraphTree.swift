import Drawing
import OCI
import RegistryCore

/// An image graph as a tree to draw: one line a node, sizes at the right, shares marked.
struct GraphTree {
    let root: TreeNode<GraphScreen.Path>
    private let largest: Int64

    /// - Parameter isRead: false while what is not there may only not have been read yet.
    init(_ graph: ImageGraph, isRead: Bool = true) {
        largest = max(1, Self.largestBlob(below: graph.root))
        let tag =
            switch graph.reference {
            case .tag(let tag): [Span("tag ", .dim), Span(tag.text, .title)]
            case .digest(let digest): [Span("digest ", .dim), Span(digest.short, .title)]
            }
        let top = Self.node(graph.root, path: [0], largest: largest, isRead: isRead)
        root = TreeNode(
            [], tag, trailing: [Span(Self.size(graph.bytes), .text), Span((isRead ? " " : "+") + "    ")],
            children: [top])
    }

    private static func node(
        _ node: ImageGraph.Node, path: [Int], largest: Int64, isRead: Bool
    ) -> TreeNode<GraphScreen.Path> {
        let isShared = node.usedByTags > 1
        let style: Style = isShared ? .shared : .unique
        let isDocument = !node.children.isEmpty || node.mediaType.isManifest
        let bytes = isDocument ? distinctBytes(below: node) : node.bytes
        let uses = node.usedByTags > 999 ? ">999" : "×\(node.usedByTags)"
        return TreeNode(
            path, label(node, isRead: isRead),
            trailing: [
                node.present
                    ? Span(size(bytes), isDocument ? .dim : .text)
                    : isRead
                        ? Span("missing".padded(to: 8, .trailing), .error)
                        : Span("not read".padded(to: 8, .trailing), .dim),
                // Referrers of a manifest may come with the rest of the index, and so may what lies below it.
                Span((isDocument && !isRead ? "+" : " ") + (isShared ? uses : "").padded(to: 4), style),
            ],
            bar: isDocument || !node.present ? nil : Bar(Double(node.bytes) / Double(largest), style: style),
            children: node.children.enumerated().map { index, child in
                Self.node(child, path: path + [index], largest: largest, isRead: isRead)
            })
    }

    /// What a node is called: its role, its platform, its digest, `✖` when its bytes are known not to be there, and `≠` when they are
    /// not as many as a manifest says.
    private static func label(_ node: ImageGraph.Node, isRead: Bool) -> [Span] {
        let isMissing = !node.present && isRead
        let style: Style = node.present ? .text : isRead ? .error : .dim
        var spans: [Span] = !isMissing ? [] : [Span("✖ ", .error)]
        if node.present, node.bytesClaimed != nil { spans.append(Span("≠ ", .warn)) }
        spans.append(Span(node.role.word + " ", isMissing ? .error : .dim))
        if let platform = node.platform { spans.append(Span(platform + " ", .title)) }
        spans.append(Span(node.digest.short, style))
        return spans
    }

    private static func size(_ bytes: Int64) -> String { ByteFormat.size(bytes).padded(to: 8, .trailing) }

    private static func largestBlob(below node: ImageGraph.Node) -> Int64 {
        node.children.reduce(node.mediaType.isManifest ? 0 : node.bytes) { max($0, largestBlob(below: $1)) }
    }

    /// Bytes of the node and all below it that are there, each blob once.
    private static func distinctBytes(below node: ImageGraph.Node) -> Int64 {
        var seen: Set<Digest> = []
        var waiting = [node]
        var total: Int64 = 0
        while let next = waiting.popLast() {
            guard seen.insert(next.digest).inserted else { continue }
            if next.present { total.addClamped(next.bytes) }
            waiting += next.children
        }
        return total
    }
}

extension ImageGraph.Role {
    /// The word for people.
    var word: String {
        switch self {
        case .index: "index"
        case .manifest: "manifest"
        case .config: "config"
        case .layer: "layer"
        case .referrer: "referrer"
        }
    }
}
