/// Sharing a width out among columns.
extension Table {
    /// The columns that fit in `width` terminal columns, left to right with one blank between them.
    ///
    /// Columns are dropped by ``Column/dropPriority``, the rightmost first among equals, until what columns want fits or
    /// only those of priority 0 are left, and further until the minimum widths fit; the last one left is shown at whatever width there is. What is left over goes to the ideal widths from the left,
    /// and then to the flexible columns. Costs a few passes over the columns.
    package func layout(width: Int) -> [Slot] {
        let room = width - Self.gutterColumns
        guard room > 0 else { return [] }
        var shown = Array(columns.indices)
        while shown.reduce(-1, { $0 + max(columns[$1].minimum, columns[$1].wanted) + 1 }) > room {
            let droppable = shown.filter { columns[$0].dropPriority > 0 && columns[$0].wanted == 0 }
            guard let last = droppable.map({ columns[$0].dropPriority }).max() else { break }
            guard let victim = shown.lastIndex(where: { columns[$0].dropPriority == last }) else { break }
            shown.remove(at: victim)
        }
        while shown.count > 1, shown.reduce(-1, { $0 + columns[$1].minimum + 1 }) > room {
            let last = shown.map { columns[$0].dropPriority }.max() ?? 0
            guard let victim = shown.lastIndex(where: { columns[$0].dropPriority == last }) else { break }
            shown.remove(at: victim)
        }
        var widths = shown.map { columns[$0].minimum }
        var left = room - widths.reduce(-1) { $0 + $1 + 1 }
        if left < 0, !widths.isEmpty {
            widths[0] = max(1, widths[0] + left)
            left = 0
        }
        for index in shown.indices {
            let extra = min(left, max(columns[shown[index]].ideal, columns[shown[index]].wanted) - widths[index])
            guard extra > 0 else { continue }
            widths[index] += extra
            left -= extra
        }
        let flexible = shown.indices.filter { columns[shown[$0]].isFlexible }
        for (place, index) in flexible.enumerated() {
            let share = left / (flexible.count - place)
            widths[index] += share
            left -= share
        }
        var x = Self.gutterColumns
        return shown.indices.map { index in
            defer { x += widths[index] + 1 }
            return Slot(column: shown[index], x: x, width: widths[index])
        }
    }
}

extension Canvas {
    /// Shows that row `y` is selected: in the `selection` role where the keyboard is, else in bold.
    ///
    /// Bars in it, given as ranges of columns from left to right, keep their own look: letters of a selection are the
    /// colour of the background, and a bar in that colour would be a hole.
    mutating func highlight(row y: Int, isFocused: Bool, sparing bars: [Range<Int>] = []) {
        var x = 0
        for end in bars + [bounds.width..<bounds.width] {
            let rect = Rect(x: x, y: y, width: max(0, end.lowerBound - x), height: 1)
            if isFocused { restyle(rect, .selection) } else { embolden(rect) }
            x = max(x, end.upperBound)
        }
    }
}
