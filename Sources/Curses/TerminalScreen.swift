internal import CNcurses
internal import Drawing

/// The frame the terminal shows, and the difference to the next one. Belongs to the terminal's thread.
struct TerminalScreen {
    /// What the terminal shows; rows that are equal in the next frame are not sent.
    private var shown: Canvas
    private var row: [berth_term_cell] = []
    private var isStale = true

    /// The glyph set of every frame.
    let glyphs: Glyphs

    /// The screen of an open terminal.
    init(glyphs: Glyphs?) {
        self.glyphs = glyphs ?? (berth_term_utf8() ? .unicode : .ascii)
        shown = Canvas(columns: 0, rows: 0, glyphs: self.glyphs)
    }

    /// The terminal's size, bounded as a canvas is.
    var size: Size {
        Size(
            columns: min(Int(berth_term_columns()), Canvas.sideMax), rows: min(Int(berth_term_rows()), Canvas.sideMax))
    }

    /// Makes the next frame go out whole.
    mutating func redraw() {
        berth_term_redraw_all()
        isStale = true
    }

    /// Tells the terminal how each role looks, as near to the theme as its colours allow.
    mutating func apply(_ theme: Theme) {
        let depth = ColourDepth(colours: Int(berth_term_colors()))
        for role in Role.allCases {
            let look = theme.look(of: role, at: depth)
            berth_term_define_role(
                role.rawValue, look.foreground, look.background, UInt32(look.attributes.rawValue))
        }
        redraw()
    }

    /// Sends the rows of `frame` that differ from what is shown.
    mutating func present(_ frame: Canvas) {
        let columns = frame.size.columns
        let isWhole = isStale || shown.size != frame.size
        for y in 0..<frame.size.rows {
            let cells = frame.cells[y * columns..<(y + 1) * columns]
            if !isWhole, shown.cells[y * columns..<(y + 1) * columns] == cells { continue }
            row.removeAll(keepingCapacity: true)
            for cell in cells {
                row.append(berth_term_cell(scalar: cell.scalar, mark: cell.mark, style: cell.style, width: cell.width))
            }
            berth_term_put_row(Int32(y), row, Int32(row.count))
        }
        berth_term_cursor(Int32(frame.cursor?.y ?? -1), Int32(frame.cursor?.x ?? 0))
        berth_term_flush()
        shown = frame
        isStale = false
    }
}
