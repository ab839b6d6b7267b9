/// The text on a terminal's screen, kept up by what a program writes: as much of `xterm-256color` as ncurses uses.
///
/// Colours are left out, and each character is one column wide.
struct ScreenText {
    let columns: Int
    let rows: Int
    private var cells: [[Unicode.Scalar]]
    private var (row, column) = (0, 0)
    /// The lines that scroll; what is around them stays.
    private var margins: Range<Int>
    private var last = Unicode.Scalar(32 as UInt8)
    private var state = State.text
    /// Bytes of a character that is not whole, or of a sequence.
    private var pending: [UInt8] = []

    private enum State {
        case text
        case escape
        /// After `ESC [`.
        case control
        /// After `ESC ]`, until its end.
        case command
        /// After `ESC (`: one more byte.
        case charset
    }

    init(columns: Int, rows: Int) {
        (self.columns, self.rows) = (columns, rows)
        margins = 0..<rows
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    /// A line without its trailing blanks.
    func line(_ row: Int) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: cells[row].reversed().drop { $0 == " " }.reversed())
        return text
    }

    var text: String { (0..<rows).map(line).joined(separator: "\n") }

    /// The character at a place.
    subscript(row: Int, column: Int) -> Unicode.Scalar { cells[row][column] }

    /// The word that begins at a place; empty on a blank.
    func word(_ row: Int, _ column: Int) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: cells[row][column...].prefix { $0 != " " })
        return text
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes { take(byte) }
    }

    private mutating func take(_ byte: UInt8) {
        switch state {
        case .text: takeText(byte)
        case .escape: takeEscape(byte)
        case .control:
            guard (0x40...0x7e).contains(byte) else { return pending.append(byte) }
            control(byte)
            (state, pending) = (.text, [])
        case .command:
            // Ended by BEL, or by ESC \.
            if byte == 0x07 || byte == UInt8(ascii: "\\") && pending.last == 0x1b {
                (state, pending) = (.text, [])
            } else {
                pending = [byte]
            }
        case .charset: state = .text
        }
    }

    private mutating func takeText(_ byte: UInt8) {
        switch byte {
        case 0x1b: (state, pending) = (.escape, [])
        case 0x08: column = max(0, column - 1)
        case 0x09: column = min(columns - 1, (column / 8 + 1) * 8)
        case 0x0a: if row + 1 == margins.upperBound { scroll(1) } else { row = min(rows - 1, row + 1) }
        case 0x0d: column = 0
        case 0x20..<0x7f: put(Unicode.Scalar(byte))
        case 0x80...:
            pending.append(byte)
            let length = pending[0] >= 0xf0 ? 4 : pending[0] >= 0xe0 ? 3 : 2
            guard pending.count >= length else { return }
            for scalar in String(decoding: pending, as: UTF8.self).unicodeScalars { put(scalar) }
            pending = []
        default: break
        }
    }

    private mutating func takeEscape(_ byte: UInt8) {
        state = .text
        switch byte {
        case UInt8(ascii: "["): state = .control
        case UInt8(ascii: "]"): state = .command
        case UInt8(ascii: "("), UInt8(ascii: ")"): state = .charset
        case UInt8(ascii: "M"): if row == margins.lowerBound { scroll(-1) } else { row = max(0, row - 1) }
        default: break
        }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        // The cursor waits beyond the last column.
        if column >= columns { (row, column) = (min(rows - 1, row + 1), 0) }
        cells[row][column] = scalar
        (last, column) = (scalar, column + 1)
    }

    /// Acts on a sequence of ECMA-48, whose parameters are pending.
    private mutating func control(_ end: UInt8) {
        guard pending.first.map({ $0 < 0x3c }) ?? true else {
            // Another screen is a blank one.
            if end == UInt8(ascii: "h"), String(decoding: pending, as: UTF8.self) == "?1049" {
                erase(0, columns * rows)
            }
            return
        }
        let numbers = String(decoding: pending, as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
            .map { Int($0) ?? 0 }
        let first = numbers.first ?? 0
        let count = max(1, first)
        let place = row * columns + min(column, columns - 1)
        switch Unicode.Scalar(end) {
        case "A": row = max(0, row - count)
        case "B": row = min(rows - 1, row + count)
        case "C": column = min(columns - 1, column + count)
        case "D": column = max(0, column - count)
        case "G": column = min(columns, count) - 1
        case "d": row = min(rows, count) - 1
        case "H": (row, column) = (min(rows, count) - 1, min(columns, max(1, numbers.dropFirst().first ?? 1)) - 1)
        case "J": erase(first == 0 ? place : 0, first == 1 ? place + 1 : columns * rows)
        case "K": erase(first == 0 ? place : row * columns, first == 1 ? place + 1 : (row + 1) * columns)
        case "X": erase(place, min(place + count, (row + 1) * columns))
        case "b": for _ in 0..<count { put(last) }
        case "P":
            cells[row].removeSubrange(column..<min(columns, column + count))
            cells[row] += Array(repeating: " ", count: columns - cells[row].count)
        case "@":
            cells[row].insert(contentsOf: Array(repeating: " ", count: min(count, columns - column)), at: column)
            cells[row].removeLast(cells[row].count - columns)
        case "r": (margins, row, column) = (count - 1..<max(count, numbers.dropFirst().first ?? rows), 0, 0)
        case "S": scroll(count)
        case "T": scroll(-count)
        case "L": scroll(-count, in: row..<margins.upperBound)
        case "M": scroll(count, in: row..<margins.upperBound)
        default: break
        }
    }

    /// Moves lines up, or down for less than none, and blanks where they were.
    private mutating func scroll(_ lines: Int, in region: Range<Int>? = nil) {
        let region = region ?? margins
        let blank = [Unicode.Scalar](repeating: " ", count: columns)
        for _ in 0..<min(abs(lines), region.count) {
            cells.remove(at: lines > 0 ? region.lowerBound : region.upperBound - 1)
            cells.insert(blank, at: lines > 0 ? region.upperBound - 1 : region.lowerBound)
        }
    }

    /// Blanks the places from one to before another, counted line by line.
    private mutating func erase(_ start: Int, _ end: Int) {
        for place in start..<max(start, end) { cells[place / columns][place % columns] = " " }
    }
}
