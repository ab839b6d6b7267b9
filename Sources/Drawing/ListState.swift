/// Which row of a list is selected and which one is at the top: the model's half of a ``Table`` or a ``Tree``.
///
/// Holds no rows, so it stays right when they change: drawing clamps it to what there is.
package struct ListState: Hashable, Sendable {
    /// The selected row, from 0. May lie past the end after rows have gone; see ``selection(count:)``.
    package var selection: Int
    /// The row at the top, from 0; a wish that drawing corrects so that the selection is seen.
    package var offset: Int

    /// A list with its first row selected.
    package init(selection: Int = 0, offset: Int = 0) {
        self.selection = selection
        self.offset = offset
    }

    /// The selected row among `count` rows; nil when there are none.
    package func selection(count: Int) -> Int? {
        count > 0 ? min(max(0, selection), count - 1) : nil
    }

    /// The row at the top when `visible` of `count` rows are seen: near ``offset``, with the selection in view and no
    /// blank rows below the last one while some are hidden above.
    package func offset(count: Int, visible: Int) -> Int {
        guard visible > 0, let selection = selection(count: count) else { return 0 }
        var top = min(max(0, offset), max(0, count - visible))
        if selection < top { top = selection }
        if selection >= top + visible { top = selection - visible + 1 }
        return top
    }

    /// Moves the selection by `rows`, stopping at the ends, and scrolls no further than needed.
    package mutating func move(by rows: Int, count: Int, visible: Int) {
        let start = selection(count: count) ?? 0
        select(start + min(max(rows, -count), count), count: count, visible: visible)
    }

    /// Selects `row`, clamped to what there is, and scrolls no further than needed.
    package mutating func select(_ row: Int, count: Int, visible: Int) {
        selection = min(max(0, row), max(0, count - 1))
        offset = offset(count: count, visible: visible)
    }

    /// Scrolls by `rows` as a mouse wheel does; the selection follows only when it would leave the view.
    package mutating func scroll(by rows: Int, count: Int, visible: Int) {
        let top = offset(count: count, visible: visible)
        offset = min(max(0, top + min(max(rows, -count), count)), max(0, count - visible))
        guard visible > 0, let selected = selection(count: count) else { return }
        selection = min(max(selected, offset), offset + visible - 1)
    }
}
