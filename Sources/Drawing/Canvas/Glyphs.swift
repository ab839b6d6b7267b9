/// The set of characters a terminal can show.
///
/// Views always write the Unicode form. An ASCII canvas translates it cell by cell, so both forms have the same layout
/// and a view never asks which one it draws.
package enum Glyphs: Sendable, CaseIterable {
    /// UTF-8: box lines, eighth blocks, symbols and every script.
    case unicode
    /// Seven bits only; `?` stands for what has no likeness.
    case ascii

    /// What is put at the end of text that did not fit, one column.
    package static let ellipsis: Unicode.Scalar = "…"
    /// What stands in for a character that must not reach a terminal, one column.
    package static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// The character to draw for `scalar`, as wide as `scalar` itself unless that is two columns wide in ASCII.
    package func drawable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard self == .ascii, scalar.value >= 0x80 else { return scalar }
        return Self.likeness[scalar] ?? "?"
    }

    /// ASCII stand-ins for the symbols our own views use.
    private static let likeness: [Unicode.Scalar: Unicode.Scalar] = {
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        let groups: [(stand: Unicode.Scalar, symbols: String)] = [
            ("-", "─━═╌‐‑‒–—―"), ("|", "│┃║╎"), ("+", "┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛╔╗╚╝╠╣╬"),
            (".", "·•∙░"), ("~", "…≈"), ("*", "●★◆"), ("o", "○◦◇"), ("%", "◐◑◒◓▒"),
            ("x", "✖✗✘×"), ("!", "▲⚠"), ("v", "▼▾↓⇣⇓"), ("^", "▴↑⇡⇑"),
            (">", "▶▸→⇢›»≥"), ("<", "◀◂←⇠‹«"), ("y", "✓✔"), ("'", "‘’"), ("\"", "“”"),
            ("#", "█▓■▪"), ("=", "▌▋▊▉"), ("-", "▏▎▍"), ("$", "□▫"), (" ", "\u{A0}"),
            ("_", "▁"), (".", "▂"), (":", "▃"), ("-", "▄"), ("=", "▅"), ("+", "▆"), ("*", "▇"),
        ]
        for group in groups {
            for symbol in group.symbols.unicodeScalars { table[symbol] = group.stand }
        }
        return table
    }()
}
