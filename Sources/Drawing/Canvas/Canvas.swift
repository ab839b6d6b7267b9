/// One character cell of a canvas, twelve bytes.
package struct Cell: Hashable, Sendable {
    /// The character's scalar value; a space when blank. Never a control character.
    package private(set) var scalar: UInt32
    /// A combining mark drawn over it; 0 for none.
    package private(set) var mark: UInt32
    /// The ``Style/id`` it is drawn in.
    package private(set) var style: UInt16
    /// Columns: 1, or 2 for a wide character; 0 in the cell that is a wide character's right half.
    package private(set) var width: UInt8

    /// An empty cell in `style`.
    init(blank style: Style) {
        scalar = 0x20
        mark = 0
        self.style = style.id
        width = 1
    }

    /// The cell of one character.
    init(_ character: CellCharacter, _ style: Style) {
        scalar = character.base.value
        mark = character.mark?.value ?? 0
        self.style = style.id
        width = UInt8(character.width)
    }

    /// The cell of one printable character of ASCII.
    init(plain byte: UInt8, _ style: Style) {
        scalar = UInt32(byte)
        mark = 0
        self.style = style.id
        width = 1
    }

    /// The right half of the wide character drawn in `style`.
    static func rightHalf(_ style: Style) -> Cell {
        var cell = Cell(blank: style)
        cell.width = 0
        return cell
    }
}

/// A grid of styled cells and the place to draw on: what a view fills and a terminal shows.
///
/// A value: two canvases are equal when they look the same. All coordinates are local to the rectangle being drawn
/// (see ``within(_:_:)``), start at 0, and may lie anywhere: what is outside is clipped, never an error. Nothing a
/// client sent can leave a canvas as anything but a visible character.
package struct Canvas: Sendable, Equatable {
    /// The most columns or rows a canvas has; a terminal that claims more shows blank cells there.
    package static let sideMax = 1_000

    /// Columns and rows of the whole grid.
    package let size: Size
    /// What characters the terminal can show.
    package let glyphs: Glyphs
    /// The cells, row by row, `size.columns` each.
    package private(set) var cells: [Cell]
    /// Where the terminal's own cursor is to stand, in coordinates of the whole grid; nil hides it.
    package private(set) var cursor: Point?

    private var origin = Point(x: 0, y: 0)
    private var clip: Rect
    private var local: Size

    /// A blank canvas in the `text` style; each side is clamped to 0...``sideMax``.
    package init(columns: Int, rows: Int, glyphs: Glyphs = .unicode) {
        size = Size(columns: min(columns, Self.sideMax), rows: min(rows, Self.sideMax))
        self.glyphs = glyphs
        cells = Array(repeating: Cell(blank: .text), count: size.columns * size.rows)
        clip = Rect(x: 0, y: 0, width: size.columns, height: size.rows)
        local = size
    }

    package static func == (a: Canvas, b: Canvas) -> Bool {
        a.size == b.size && a.cursor == b.cursor && a.cells == b.cells
    }

    /// The rectangle being drawn, in its own coordinates: its `x` and `y` are 0.
    package var bounds: Rect { Rect(x: 0, y: 0, width: local.columns, height: local.rows) }

    /// Draws inside `rect`: while `body` runs, (0, 0) is the rectangle's top left and nothing outside it changes.
    ///
    /// Costs nothing: no cells are copied. The one exception to "nothing outside": a wide character that straddles the
    /// rectangle's edge and is half overwritten is blanked whole.
    package mutating func within<Failure: Error>(
        _ rect: Rect, _ body: (inout Canvas) throws(Failure) -> Void
    ) throws(Failure) {
        let saved = (origin, clip, local)
        defer { (origin, clip, local) = saved }
        let absolute = rect.moved(origin.x, origin.y)
        origin = Point(x: absolute.x, y: absolute.y)
        clip = clip.intersection(absolute)
        local = Size(columns: rect.width, rows: rect.height)
        try body(&self)
    }

    /// Draws one line of text and returns the column after it.
    ///
    /// - Parameters:
    ///   - text: any text; a newline in it is a control character like any other.
    ///   - x: the first column of the text, or of its field.
    ///   - y: the row.
    ///   - style: the look.
    ///   - width: the columns of the field; text that does not fit ends in `…`. Nil draws up to the edge.
    ///   - align: where shorter text stands in its field. What the text does not cover is left as it is.
    @discardableResult
    package mutating func put(
        _ text: some StringProtocol, x: Int, y: Int, style: Style = .text, width: Int? = nil,
        align: Alignment = .leading
    ) -> Int {
        put([Span(String(text), style)], x: x, y: y, width: width, align: align)
    }

    /// Draws one line of spans, one after the other, and returns the column after them; otherwise as for text.
    @discardableResult
    package mutating func put(
        _ spans: [Span], x: Int, y: Int, width: Int? = nil, align: Alignment = .leading
    ) -> Int {
        let x = min(max(x, -Rect.limit), Rect.limit)
        var column = x
        var end = Rect.limit * 4
        var fits = true
        if let width {
            guard width > 0 else { return x }
            let width = min(width, Rect.limit)
            let needed = Self.columns(of: spans, upTo: width, glyphs)
            fits = needed <= width
            if fits { column += align.offset(in: width - needed) }
            end = x + width - (fits ? 0 : 1)
        }
        for span in spans {
            if let count = CellText.plainColumns(of: span.text[...]) {
                let shown = max(0, min(count, end - column, clip.right - origin.x - column))
                setPlain(span.text[...].utf8.prefix(shown), span.style, x: column, y: y)
                column += shown
                if shown == count { continue }
                guard column >= end else { return column }
                putEllipsis(from: column, to: end, y: y, style: span.style)
                return end + 1
            }
            for character in CellText(span.text, glyphs: glyphs) {
                if column + character.width > end {
                    putEllipsis(from: column, to: end, y: y, style: span.style)
                    return end + 1
                }
                if origin.x + column >= clip.right { return column }
                set(character, span.style, x: column, y: y)
                column += character.width
            }
        }
        return column
    }

    /// Fills `rect` with blank cells in `style`, or with `character`, one column wide.
    package mutating func fill(_ rect: Rect, _ style: Style = .text, character: Unicode.Scalar = " ") {
        let area = clip.intersection(rect.moved(origin.x, origin.y))
        let filler = CellText(String(Character(character)), glyphs: glyphs).first { $0.width == 1 }
        let cell = Cell(filler ?? CellCharacter(base: " ", mark: nil, width: 1), style)
        guard !area.isEmpty else { return }
        for row in area.y..<area.bottom {
            separate(column: area.x, row: row)
            separate(column: area.right, row: row)
            let start = row * size.columns
            for column in area.x..<area.right { cells[start + column] = cell }
        }
    }

    /// Gives the cells of `rect` another style and leaves their characters.
    package mutating func restyle(_ rect: Rect, _ style: Style) {
        let area = clip.intersection(rect.moved(origin.x, origin.y))
        guard !area.isEmpty else { return }
        for row in area.y..<area.bottom {
            for column in area.x..<area.right { cells[row * size.columns + column].restyle(style) }
        }
    }

    /// Adds bold to the cells of `rect` and leaves their characters and roles.
    package mutating func embolden(_ rect: Rect) {
        let area = clip.intersection(rect.moved(origin.x, origin.y))
        guard !area.isEmpty else { return }
        for row in area.y..<area.bottom {
            for column in area.x..<area.right { cells[row * size.columns + column].embolden() }
        }
    }

    /// Shows the terminal's cursor at (`x`, `y`); outside the rectangle being drawn it stays as it was.
    package mutating func showCursor(x: Int, y: Int) {
        guard clip.contains(x: origin.x + x, y: origin.y + y) else { return }
        cursor = Point(x: origin.x + x, y: origin.y + y)
    }

    /// The cell at a place of the whole grid; nil outside it.
    package func cell(x: Int, y: Int) -> Cell? {
        guard x >= 0, y >= 0, x < size.columns, y < size.rows else { return nil }
        return cells[y * size.columns + x]
    }

    /// Puts one character at a local place, clipped; a wide one that does not fit whole leaves a blank.
    private mutating func set(_ character: CellCharacter, _ style: Style, x: Int, y: Int) {
        let column = origin.x + x
        let row = origin.y + min(max(y, -Rect.limit), Rect.limit)
        guard row >= clip.y, row < clip.bottom, column < clip.right, column + character.width > clip.x else { return }
        let whole = column >= clip.x && column + character.width <= clip.right
        for covered in max(column, clip.x)..<min(column + character.width, clip.right) {
            separate(column: covered, row: row)
            separate(column: covered + 1, row: row)
            cells[row * size.columns + covered] = Cell(blank: style)
        }
        guard whole else { return }
        cells[row * size.columns + column] = Cell(character, style)
        if character.width == 2 { cells[row * size.columns + column + 1] = .rightHalf(style) }
    }

    /// Puts text of which each byte is a character of one column, clipped: what nearly all text is, at a fraction of the cost.
    private mutating func setPlain(_ text: Substring.UTF8View, _ style: Style, x: Int, y: Int) {
        let row = origin.y + min(max(y, -Rect.limit), Rect.limit)
        let hidden = max(0, clip.x - origin.x - x)
        guard row >= clip.y, row < clip.bottom, hidden < text.count else { return }
        let start = origin.x + x + hidden
        separate(column: start, row: row)
        separate(column: start + text.count - hidden, row: row)
        for (index, byte) in zip((row * size.columns + start)..., text.dropFirst(hidden)) {
            cells[index] = Cell(plain: byte, style)
        }
    }

    /// Blanks a wide character whose halves lie on both sides of the line left of `column`.
    private mutating func separate(column: Int, row: Int) {
        guard column > 0, column < size.columns else { return }
        let index = row * size.columns + column
        guard cells[index].width == 0 else { return }
        cells[index].clear()
        cells[index - 1].clear()
    }

    private mutating func putEllipsis(from column: Int, to end: Int, y: Int, style: Style) {
        let blank = CellCharacter(base: " ", mark: nil, width: 1)
        for gap in column..<max(column, end) { set(blank, style, x: gap, y: y) }
        set(CellCharacter(base: glyphs.drawable(Glyphs.ellipsis), mark: nil, width: 1), style, x: end, y: y)
    }

    /// The columns of `spans`, counted no further than just past `limit`.
    private static func columns(of spans: [Span], upTo limit: Int, _ glyphs: Glyphs) -> Int {
        var count = 0
        for span in spans {
            if let plain = CellText.plainColumns(of: span.text[...]) {
                count += plain
                if count > limit { return count }
                continue
            }
            for character in CellText(span.text, glyphs: glyphs) {
                count += character.width
                if count > limit { return count }
            }
        }
        return count
    }
}

extension Cell {
    /// Changes the style and nothing else.
    fileprivate mutating func restyle(_ style: Style) { self.style = style.id }
    /// Adds bold.
    fileprivate mutating func embolden() { style |= UInt16(Attributes.bold.rawValue) << 8 }
    /// Becomes a blank of the same style.
    fileprivate mutating func clear() {
        scalar = 0x20
        mark = 0
        width = 1
    }
}
