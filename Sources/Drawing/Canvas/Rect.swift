/// A number of terminal columns and rows. Never negative.
package struct Size: Hashable, Sendable {
    /// Columns, 0 or more.
    package let columns: Int
    /// Rows, 0 or more.
    package let rows: Int

    /// A size; what is below zero becomes zero.
    package init(columns: Int, rows: Int) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }
}

/// One cell's place: column and row, both from 0 at the top left.
package struct Point: Hashable, Sendable {
    /// The column.
    package var x: Int
    /// The row.
    package var y: Int

    /// A place; no limits apply.
    package init(x: Int, y: Int) {
        self.x = x
        self.y = y
    }
}

/// A rectangle of cells: what a pane is given to draw in.
///
/// Coordinates are clamped to ±``limit`` so that no sum of two of them can overflow.
package struct Rect: Hashable, Sendable {
    /// The farthest coordinate a rectangle can name, in cells; far beyond any terminal.
    package static let limit = 1_000_000

    /// The leftmost column.
    package let x: Int
    /// The topmost row.
    package let y: Int
    /// Columns, 0 or more.
    package let width: Int
    /// Rows, 0 or more.
    package let height: Int

    /// A rectangle; a negative width or height becomes 0.
    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = Self.clamp(x)
        self.y = Self.clamp(y)
        self.width = max(0, Self.clamp(width))
        self.height = max(0, Self.clamp(height))
    }

    /// The first column right of the rectangle.
    package var right: Int { x + width }
    /// The first row below the rectangle.
    package var bottom: Int { y + height }
    /// Whether it holds no cell.
    package var isEmpty: Bool { width == 0 || height == 0 }

    /// Whether the cell at (`x`, `y`) lies inside.
    package func contains(x: Int, y: Int) -> Bool {
        x >= self.x && x < right && y >= self.y && y < bottom
    }

    /// The cells both rectangles hold; empty when they do not meet.
    package func intersection(_ other: Rect) -> Rect {
        let left = max(x, other.x)
        let top = max(y, other.y)
        return Rect(
            x: left, y: top, width: min(right, other.right) - left, height: min(bottom, other.bottom) - top)
    }

    /// The rectangle without `dx` columns at either side and `dy` rows at top and bottom; empty when too small.
    package func inset(_ dx: Int, _ dy: Int) -> Rect {
        Rect(x: x + dx, y: y + dy, width: width - 2 * dx, height: height - 2 * dy)
    }

    /// The rectangle moved by (`dx`, `dy`).
    package func moved(_ dx: Int, _ dy: Int) -> Rect {
        Rect(x: x + dx, y: y + dy, width: width, height: height)
    }

    /// The left `columns` columns and what remains; `columns` is clamped to the width.
    package func split(left columns: Int) -> (left: Rect, right: Rect) {
        let taken = min(max(0, columns), width)
        return (
            Rect(x: x, y: y, width: taken, height: height),
            Rect(x: x + taken, y: y, width: width - taken, height: height)
        )
    }

    /// The top `rows` rows and what remains; `rows` is clamped to the height.
    package func split(top rows: Int) -> (top: Rect, bottom: Rect) {
        let taken = min(max(0, rows), height)
        return (
            Rect(x: x, y: y, width: width, height: taken),
            Rect(x: x, y: y + taken, width: width, height: height - taken)
        )
    }

    /// What remains above and the bottom `rows` rows; `rows` is clamped to the height.
    package func split(bottom rows: Int) -> (top: Rect, bottom: Rect) {
        split(top: height - min(max(0, rows), height))
    }

    /// A rectangle of the given size in the middle of this one, cut down to fit.
    package func centred(width: Int, height: Int) -> Rect {
        let columns = min(max(0, width), self.width)
        let rows = min(max(0, height), self.height)
        return Rect(x: x + (self.width - columns) / 2, y: y + (self.height - rows) / 2, width: columns, height: rows)
    }

    private static func clamp(_ value: Int) -> Int { min(max(value, -limit), limit) }
}
