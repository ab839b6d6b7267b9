import Drawing
import Foundation
import OCI
import RegistryCore

extension Model {
    var graphTitle: (text: String, trailing: String) {
        guard let graph = graph.loaded.value else { return ("graph", "") }
        let total = "\(ByteFormat.size(graph.bytes))\(growing) total"
        return ("graph\(filterNote)", "\(total) · \(unsettled)\(ByteFormat.size(graph.bytesExclusive)) exclusive")
    }

    var usersTitle: String {
        guard let count = graph.users.value?.count else { return "used by" }
        return "used by \(Count.text(count, "tag"))\(soFar)"
    }

    func drawGraph(isFocused: Bool, on canvas: inout Canvas) {
        guard !graph.lines.isEmpty else {
            let hidden = graph.loaded.value == nil ? 0 : 1
            if filter.isActive, hidden > 0 {
                drawEmpty("nothing matches '\(filter.text)' · esc clears", on: &canvas)
            } else {
                _ = drawAbsence(of: graph.loaded, hidden: 0, on: &canvas)
            }
            return
        }
        Tree.draw(graph.lines, on: &canvas, state: graph.tree, isFocused: isFocused)
    }

    /// The selected node in full; for the tag itself, what it points at and how much of it is its own.
    func drawNode(on canvas: inout Canvas) {
        guard let node = graph.selectedNode, let graph = graph.loaded.value else { return }
        let width = max(1, canvas.bounds.width - 2)
        var lines: [[Span]] = []
        if !node.present, isReconciled { lines.append([Span("✖ its bytes are not in the store", .error)]) }
        if !node.present, !isReconciled { lines += Self.words(notReadYet, width: width).map { [Span($0, .title)] } }
        lines += Self.wrapped(node.digest.description, width: width).map { [Span($0)] }
        lines.append([Span(node.mediaType.text.isEmpty ? "no media type" : node.mediaType.text, .dim)])
        lines += Self.sizeLines(node)
        if let platform = node.platform { lines.append([Span("platform ", .dim), Span(platform)]) }
        let users = Self.users(node.usedByTags) + (isReconciled ? "" : ",\(soFar)")
        lines.append([Span(users, node.usedByTags > 1 ? .shared : .unique)])
        if self.graph.selectedPath == [] || self.graph.selectedPath == [0] {
            lines.append([
                Span("exclusive ", .dim), Span(unsettled + ByteFormat.size(graph.bytesExclusive), .unique),
                Span(" of \(ByteFormat.size(graph.bytes))\(growing)", .dim),
            ])
        }
        for (index, line) in lines.enumerated() { canvas.put(line, x: 1, y: index, width: width) }
    }

    private static func users(_ count: Int) -> String {
        switch count {
        case 0: "no tag needs it"
        case 1: "this tag only"
        default: "shared by \(count) tags"
        }
    }

    /// What the store has, and what a manifest claims where that is something else: in bytes, never as a size on the disk.
    private static func sizeLines(_ node: ImageGraph.Node) -> [[Span]] {
        let claim = node.bytesClaimed.map { "\(ByteFormat.count(Int($0))) bytes" }
        func claimLines(_ sign: String, _ style: Style) -> [[Span]] {
            claim.map { [[Span("\(sign)a manifest says", style)], [Span("  \($0)", style)]] } ?? []
        }
        guard node.present else { return claimLines("", .dim) }
        let stored = [Span(ByteFormat.size(node.bytes)), Span("  \(ByteFormat.count(Int(node.bytes))) bytes", .dim)]
        return [stored] + claimLines("≠ ", .warn)
    }

    /// Every tag of every repository that reaches the selected blob.
    func drawUsers(isFocused: Bool, on canvas: inout Canvas) {
        guard let users = graph.users.value else {
            if let failure = graph.users.failure { drawEmpty("✖ \(failure)", style: .error, on: &canvas) }
            return
        }
        guard !users.isEmpty else { return drawEmpty("no tag reaches it\(soFar)", on: &canvas) }
        let table = Table(
            columns: [.init("tag", minimum: 8, ideal: 20, isFlexible: true, isCutInMiddle: true)], hasHeader: false,
            isFocused: isFocused)
        table.draw(on: &canvas, count: users.count, state: graph.usersList) { index in
            let user = users[index]
            let isHere = place == .graph(user.repository, .tag(user.tag))
            return Table.Row([
                .spans([
                    Span("\(user.repository)", .text), Span(":\(user.tag)", .title), Span(isHere ? "  this" : "", .dim),
                ])
            ])
        }
    }
}
