/// A canvas as text: what goldens compare and a person reads in a diff.
extension Canvas {
    /// The rows as text, spaces at their ends removed; one string per row.
    package var plainText: [String] {
        rows { row in
            var scalars = String.UnicodeScalarView()
            for cell in row where cell.width > 0 {
                if let base = Unicode.Scalar(cell.scalar) { scalars.append(base) }
                if cell.mark != 0, let mark = Unicode.Scalar(cell.mark) { scalars.append(mark) }
            }
            return String(scalars)
        }
    }

    /// The rows as a style map: each cell as its ``Role/letter``, upper case when bold; `:` for bold `text`.
    ///
    /// Runs of plain `text` at the end of a row are removed. Underline and reverse are not shown.
    package var styleText: [String] {
        rows { row in
            var line = ""
            for cell in row {
                let role = Role(rawValue: UInt8(truncatingIfNeeded: cell.style)) ?? .text
                let attributes = Attributes(rawValue: UInt8(truncatingIfNeeded: cell.style >> 8))
                if !attributes.contains(.bold) {
                    line.append(role.letter)
                } else {
                    line.append(role == .text ? ":" : Character(role.letter.uppercased()))
                }
            }
            return line
        }
    }

    private func rows(_ text: (ArraySlice<Cell>) -> String) -> [String] {
        (0..<size.rows).map { row in
            var line = text(cells[row * size.columns..<(row + 1) * size.columns])
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
