/// One node of a tree, with its children: what a view hands over to be drawn.
package struct TreeNode<ID: Hashable & Sendable>: Sendable {
    /// The node's identity, which survives that nodes come and go around it.
    package var id: ID
    /// What is drawn after the branch lines.
    package var label: [Span]
    /// What is drawn at the right edge; empty for nothing.
    package var trailing: [Span]
    /// A bar drawn before ``trailing``; nil for none.
    package var bar: Bar?
    /// The nodes below, in order.
    package var children: [TreeNode]

    /// A node; one without children has no fold mark.
    package init(
        _ id: ID, _ label: [Span], trailing: [Span] = [], bar: Bar? = nil, children: [TreeNode] = []
    ) {
        self.id = id
        self.label = label
        self.trailing = trailing
        self.bar = bar
        self.children = children
    }
}

/// One line of a tree as it is unfolded now.
package struct TreeLine<ID: Hashable & Sendable>: Sendable {
    /// Whether the node has children, and whether they are shown.
    package enum Fold: Sendable {
        case leaf
        case open
        case closed
    }

    /// The node's identity.
    package let id: ID
    /// 0 for a root.
    package let depth: Int
    /// Fold state.
    package let fold: Fold
    /// The branch lines before the label, such as `│ └─`; empty for a root.
    package let branches: String
    /// What is drawn after the branch lines.
    package let label: [Span]
    /// What is drawn at the right edge.
    package let trailing: [Span]
    /// A bar drawn before ``trailing``; nil for none.
    package let bar: Bar?
}

/// Drawing of trees: `├─` and `└─` lines, `▾` and `▸` fold marks, visible rows only.
package enum Tree {
    /// Levels that are shown; what lies deeper is left out, so that no data can exhaust the stack or the width.
    package static let depthMax = 32
    /// Terminal columns of a ``TreeNode/bar``.
    package static let barColumns = 8

    /// The lines of the unfolded part of `roots`, top to bottom. Costs a visit to every line it returns.
    package static func lines<ID>(of roots: [TreeNode<ID>], isOpen: (ID) -> Bool) -> [TreeLine<ID>] {
        var lines: [TreeLine<ID>] = []
        for root in roots { append(root, to: &lines, depth: 0, guides: "", isLast: true, isOpen) }
        return lines
    }

    /// Draws the lines that are seen over the whole of `canvas.bounds`.
    package static func draw<ID>(
        _ lines: [TreeLine<ID>], on canvas: inout Canvas, state: ListState, isFocused: Bool = true
    ) {
        let bounds = canvas.bounds
        let selected = state.selection(count: lines.count)
        let offset = state.offset(count: lines.count, visible: bounds.height)
        for index in offset..<max(offset, min(lines.count, offset + bounds.height)) {
            let y = index - offset
            let bar = draw(lines[index], y: y, on: &canvas)
            if index == selected {
                canvas.highlight(row: y, isFocused: isFocused, sparing: bar.map { [$0] } ?? [])
            }
        }
    }

    /// The line at row `y` of a pane of `height` rows; nil below the last one.
    package static func line(atY y: Int, height: Int, count: Int, state: ListState) -> Int? {
        guard y >= 0, y < height else { return nil }
        let index = state.offset(count: count, visible: height) + y
        return index < count ? index : nil
    }

    private static func append<ID>(
        _ node: TreeNode<ID>, to lines: inout [TreeLine<ID>], depth: Int, guides: String, isLast: Bool,
        _ isOpen: (ID) -> Bool
    ) {
        let isUnfolded = !node.children.isEmpty && isOpen(node.id)
        lines.append(
            TreeLine(
                id: node.id, depth: depth, fold: node.children.isEmpty ? .leaf : isUnfolded ? .open : .closed,
                branches: depth == 0 ? "" : guides + (isLast ? "└─" : "├─"),
                label: node.label, trailing: node.trailing, bar: node.bar))
        guard isUnfolded, depth + 1 < depthMax else { return }
        let below = depth == 0 ? "" : guides + (isLast ? "  " : "│ ")
        for (index, child) in node.children.enumerated() {
            append(
                child, to: &lines, depth: depth + 1, guides: below, isLast: index == node.children.count - 1, isOpen)
        }
    }

    /// The columns of the bar, where there is one and room for it.
    private static func draw<ID>(_ line: TreeLine<ID>, y: Int, on canvas: inout Canvas) -> Range<Int>? {
        let width = canvas.bounds.width
        var x = canvas.put(line.branches, x: 0, y: y, style: .border)
        switch line.fold {
        case .leaf: x = canvas.put(line.depth == 0 ? "  " : " ", x: x, y: y)
        case .open: x = canvas.put("▾ ", x: x, y: y, style: .dim)
        case .closed: x = canvas.put("▸ ", x: x, y: y, style: .dim)
        }
        let trailing = line.trailing.reduce(0) { $0 + $1.text.columns }
        var right = width
        if trailing > 0, x + trailing + 8 <= width {
            right -= trailing
            canvas.put(line.trailing, x: right, y: y)
            right -= 1
        }
        var barRange: Range<Int>?
        if let bar = line.bar, x + barColumns + 8 <= right {
            right -= barColumns
            barRange = right..<right + barColumns
            canvas.within(Rect(x: right, y: y, width: barColumns, height: 1)) { bar.draw(on: &$0) }
            right -= 1
        }
        canvas.put(line.label, x: x, y: y, width: max(0, right - x))
        return barRange
    }
}
