/// The lines around panes.
extension Canvas {
    /// Draws a border along the inside of `rect` and returns what it encloses.
    ///
    /// - Parameters:
    ///   - title: drawn into the top line at the left; empty for none.
    ///   - trailing: drawn into the top line at the right, when both fit.
    ///   - footer: drawn into the bottom line at the left.
    ///   - isFocused: whether the pane has the keyboard, which the border shows.
    ///
    /// A rectangle smaller than 2×2 gets no border and encloses nothing.
    @discardableResult
    package mutating func box(
        _ rect: Rect, title: String = "", trailing: String = "", footer: String = "", isFocused: Bool = false
    ) -> Rect {
        let inner = rect.inset(1, 1)
        guard rect.width >= 2, rect.height >= 2 else { return inner }
        let style: Style = isFocused ? .borderFocus : .border
        let right = rect.right - 1
        let bottom = rect.bottom - 1
        for y in [rect.y, bottom] {
            fill(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), style, character: "─")
        }
        for x in [rect.x, right] {
            fill(Rect(x: x, y: rect.y + 1, width: 1, height: rect.height - 2), style, character: "│")
        }
        put("┌", x: rect.x, y: rect.y, style: style)
        put("┐", x: right, y: rect.y, style: style)
        put("└", x: rect.x, y: bottom, style: style)
        put("┘", x: right, y: bottom, style: style)
        let titleStyle: Style = isFocused ? .title.bold : .title
        let used = putTitle(title, on: rect, y: rect.y, style: titleStyle)
        let room = rect.width - 4 - used
        if !trailing.isEmpty, trailing.columns + 2 <= room {
            put(" \(trailing) ", x: right - trailing.columns - 3, y: rect.y, style: .dim)
        }
        putTitle(footer, on: rect, y: bottom, style: .dim)
        return inner
    }

    /// Draws a line across a box from its left border to its right, with a title; divides a pane in two.
    package mutating func divide(_ rect: Rect, y: Int, title: String = "", isFocused: Bool = false) {
        guard rect.width >= 2, y > rect.y, y < rect.bottom - 1 else { return }
        let style: Style = isFocused ? .borderFocus : .border
        fill(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), style, character: "─")
        put("├", x: rect.x, y: y, style: style)
        put("┤", x: rect.right - 1, y: y, style: style)
        putTitle(title, on: rect, y: y, style: .title)
    }

    /// Draws a horizontal line of `width` columns.
    package mutating func rule(x: Int, y: Int, width: Int, style: Style = .border) {
        fill(Rect(x: x, y: y, width: width, height: 1), style, character: "─")
    }

    /// Draws ` title ` one column from the corner; returns the columns it took.
    @discardableResult
    private mutating func putTitle(_ title: String, on rect: Rect, y: Int, style: Style) -> Int {
        let room = rect.width - 6
        guard !title.isEmpty, room > 0 else { return 0 }
        let columns = min(title.columns, room)
        put(" ", x: rect.x + 2, y: y, style: style)
        put(title, x: rect.x + 3, y: y, style: style, width: columns)
        put(" ", x: rect.x + 3 + columns, y: y, style: style)
        return columns + 2
    }
}
