/// Rows in columns, drawn for the visible range only: ten thousand rows cost what one screenful does.
///
/// A table holds no rows; it asks for each one it draws. The leftmost two columns are a gutter: `▸` points at the
/// selected row and `◆` stands beside a marked one, so neither depends on colour.
package struct Table: Sendable {
    /// Columns of the gutter.
    package static let gutterColumns = 2

    /// The columns, left to right.
    package var columns: [Column]
    /// Whether the first line holds the column titles.
    package var hasHeader: Bool
    /// Whether the keyboard is here; the selected row is then drawn in the `selection` role, else in bold.
    package var isFocused: Bool

    /// One column.
    package struct Column: Sendable {
        /// The title, shown in the header.
        package var title: String
        /// The fewest columns of the terminal it is any use in.
        package var minimum: Int
        /// The columns it takes when there is room.
        package var ideal: Int
        /// Whether it takes what is left over; several share it.
        package var isFlexible: Bool
        /// Columns with the highest number go first when room is short; 0 stays to the last.
        package var dropPriority: Int
        /// Where shorter text stands.
        package var alignment: Alignment
        /// The columns that the widest text in it needs: others that may go are dropped before it gets fewer. 0 where its
        /// minimum is enough.
        package var wanted: Int
        /// Whether longer text is cut in its middle and not at its end: names differ at both.
        package var isCutInMiddle: Bool
        /// Whether longer text goes on over the columns behind it, as far as they are blank in its row.
        package var isSpilling: Bool
        /// Shows by `▲` or `▼` that the rows are sorted by this column; nil when they are not.
        package var sort: Sort?

        /// Terminal columns for which others are dropped at most: few names are longer, and one alone is worth less than
        /// the sizes and times of all.
        package static let wantedMax = 64

        /// A column; `ideal` is at least `minimum` and both at least 1.
        package init(
            _ title: String, minimum: Int, ideal: Int, isFlexible: Bool = false, dropPriority: Int = 0,
            alignment: Alignment = .leading, wanted: Int = 0, isCutInMiddle: Bool = false, isSpilling: Bool = false,
            sort: Sort? = nil
        ) {
            self.title = title
            self.minimum = max(1, minimum)
            self.ideal = max(self.minimum, ideal)
            self.isFlexible = isFlexible
            self.dropPriority = dropPriority
            self.alignment = alignment
            self.wanted = min(max(0, wanted), Self.wantedMax)
            self.isCutInMiddle = isCutInMiddle
            self.isSpilling = isSpilling
            self.sort = sort
        }
    }

    /// Which way a column is sorted.
    package enum Sort: Sendable {
        case ascending
        case descending
    }

    /// What stands in one column of one row.
    package enum Item: Sendable, ExpressibleByStringLiteral {
        /// A line of text.
        case spans([Span])
        /// A bar as wide as the column.
        case bar(Bar)
        /// A sparkline as wide as the column.
        case sparkline(Sparkline)

        /// A text in one style.
        package static func text(_ text: String, _ style: Style = .text) -> Item { .spans([Span(text, style)]) }

        package init(stringLiteral value: String) { self = .text(value) }
    }

    /// One row.
    package struct Row: Sendable {
        /// One item per column, whether the column is shown or dropped; missing ones are blank.
        package var items: [Item]
        /// Whether the row is marked.
        package var isMarked: Bool

        /// A row of `items`.
        package init(_ items: [Item], isMarked: Bool = false) {
            self.items = items
            self.isMarked = isMarked
        }

        fileprivate func isBlank(at column: Int) -> Bool {
            guard column < items.count else { return true }
            guard case .spans(let spans) = items[column] else { return false }
            return spans.allSatisfy(\.text.isEmpty)
        }

        /// Terminal columns of a slot and of the blank ones behind it.
        fileprivate func room(at place: Int, _ slots: [Slot]) -> Int {
            let blank = slots[(place + 1)...].prefix { isBlank(at: $0.column) }
            let last = blank.last ?? slots[place]
            return last.x + last.width - slots[place].x
        }
    }

    /// Where one shown column stands.
    package struct Slot: Hashable, Sendable {
        /// The index in ``Table/columns``.
        package let column: Int
        /// The first terminal column.
        package let x: Int
        /// Terminal columns.
        package let width: Int
    }

    /// A table of `columns`.
    package init(columns: [Column], hasHeader: Bool = true, isFocused: Bool = true) {
        self.columns = columns
        self.hasHeader = hasHeader
        self.isFocused = isFocused
    }

    /// How many rows are seen in a pane of `height` rows.
    package func visibleRows(height: Int) -> Int { max(0, height - (hasHeader ? 1 : 0)) }

    /// Draws the table over the whole of `canvas.bounds`, asking `row` only for rows that are seen.
    package func draw(
        on canvas: inout Canvas, count: Int, state: ListState, row: (Int) -> Row
    ) {
        let bounds = canvas.bounds
        let slots = layout(width: bounds.width)
        if hasHeader { drawHeader(slots, on: &canvas) }
        let top = hasHeader ? 1 : 0
        let visible = visibleRows(height: bounds.height)
        let selected = state.selection(count: count)
        let offset = state.offset(count: count, visible: visible)
        for index in offset..<max(offset, min(count, offset + visible)) {
            draw(row(index), y: top + index - offset, slots, isSelected: index == selected, on: &canvas)
        }
    }

    /// The row at line `y` of a pane of `height` rows; nil on the header and below the last row.
    package func row(atY y: Int, height: Int, count: Int, state: ListState) -> Int? {
        let visible = visibleRows(height: height)
        let line = y - (hasHeader ? 1 : 0)
        guard line >= 0, line < visible else { return nil }
        let index = state.offset(count: count, visible: visible) + line
        return index < count ? index : nil
    }

    /// The index of the column at terminal column `x` of a pane of `width`; nil in the gutter and between columns.
    package func column(atX x: Int, width: Int) -> Int? {
        layout(width: width).first { x >= $0.x && x < $0.x + $0.width }?.column
    }

    /// The first span cut in its middle where all of them do not fit.
    private static func cutMiddle(_ spans: [Span], to width: Int) -> [Span] {
        guard var first = spans.first else { return spans }
        let others = spans.dropFirst().reduce(0) { $0 + $1.text.columns }
        first.text = first.text.cutMiddle(to: max(1, width - others))
        return [first] + spans.dropFirst()
    }

    private func drawHeader(_ slots: [Slot], on canvas: inout Canvas) {
        for slot in slots {
            let column = columns[slot.column]
            let sign =
                switch column.sort {
                case .ascending: "▲"
                case .descending: "▼"
                case nil: ""
                }
            let title = column.alignment == .trailing ? sign + column.title : column.title + sign
            canvas.put(title, x: slot.x, y: 0, style: .header, width: slot.width, align: column.alignment)
        }
    }

    private func draw(_ row: Row, y: Int, _ slots: [Slot], isSelected: Bool, on canvas: inout Canvas) {
        if isSelected { canvas.put("▸", x: 0, y: y, style: .selection) }
        if row.isMarked { canvas.put("◆", x: 1, y: y, style: .mark) }
        for (place, slot) in slots.enumerated() where slot.column < row.items.count {
            switch row.items[slot.column] {
            case .spans(let spans):
                let width = columns[slot.column].isSpilling ? row.room(at: place, slots) : slot.width
                guard width > 0, !row.isBlank(at: slot.column) else { continue }
                let cut = columns[slot.column].isCutInMiddle ? Self.cutMiddle(spans, to: width) : spans
                let shown = isSelected || !row.isMarked ? cut : cut.map { Span($0.text, .mark) }
                canvas.put(shown, x: slot.x, y: y, width: width, align: columns[slot.column].alignment)
            case .bar(let bar):
                canvas.within(Rect(x: slot.x, y: y, width: slot.width, height: 1)) { bar.draw(on: &$0) }
            case .sparkline(let line):
                canvas.within(Rect(x: slot.x, y: y, width: slot.width, height: 1)) { line.draw(on: &$0) }
            }
        }
        guard isSelected else { return }
        let bars = slots.compactMap { slot -> Range<Int>? in
            guard slot.column < row.items.count else { return nil }
            if case .spans = row.items[slot.column] { return nil }
            return slot.x..<slot.x + slot.width
        }
        canvas.highlight(row: y, isFocused: isFocused, sparing: bars)
    }
}
