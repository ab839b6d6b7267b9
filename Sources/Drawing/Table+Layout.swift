/// Sharing a width out among columns.
extension Table {
    /// The columns that fit in `width` terminal columns, left to right with one blank between them.
    ///
    /// Columns are dropped by ``Column/dropPriority``, the rightmost first among equals, until the minimum widths fit;
    /// the last one left is shown at whatever width there is. What is left over goes to the ideal widths from the left,
    /// and then to the flexible columns. Costs a few passes over the columns.
    package func layout(width: Int) -> [Slot] {
        let room = width - Self.gutterColumns
        guard room > 0 else { return [] }
        var shown = Array(columns.indices)
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
            let extra = min(left, columns[shown[index]].ideal - widths[index])
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
    /// Shows that the row in `rect` is selected: in the `selection` role where the keyboard is, else in bold.
    mutating func highlight(_ rect: Rect, isFocused: Bool) {
        if isFocused {
            restyle(rect, .selection)
        } else {
            embolden(rect)
        }
    }
}
