/// One drawable character of a text: what fills one cell, or two when it is wide.
struct CellCharacter: Equatable {
    /// The base character; never one that ``CharacterWidth/isHostile(_:)`` names.
    var base: Unicode.Scalar
    /// The one combining mark drawn over the base; nil for most.
    var mark: Unicode.Scalar?
    /// Columns: 1 or 2.
    var width: Int
}

/// A text as the cells it fills, from any text at all, hostile text included.
///
/// Controls become U+FFFD. One combining mark is kept per cell and further ones are dropped, as are marks with nothing
/// to stand on, joiners and variation selectors; of an emoji sequence only its first emoji is drawn. On an ASCII glyph
/// set each column is one ASCII character. At most ``scalarsMax`` scalars are read, so a megabyte of text costs what a
/// screenful does.
struct CellText: Sequence, IteratorProtocol {
    /// How many scalars of one text are looked at: several times the widest canvas.
    static let scalarsMax = 8_192

    private let glyphs: Glyphs
    private var scalars: Substring.UnicodeScalarView.Iterator
    private var pending: Unicode.Scalar?
    private var budget = Self.scalarsMax
    private var repeated: CellCharacter?

    init(_ text: some StringProtocol, glyphs: Glyphs) {
        self.glyphs = glyphs
        scalars = Substring(text).unicodeScalars.makeIterator()
    }

    /// The columns of a text that is printable ASCII throughout, in which each byte is one; nil for any other, and for one
    /// that is too long.
    static func plainColumns(of text: Substring) -> Int? {
        var columns = 0
        for byte in text.utf8 {
            guard byte >= 0x20, byte < 0x7F, columns < scalarsMax else { return nil }
            columns += 1
        }
        return columns
    }

    mutating func next() -> CellCharacter? {
        if let character = repeated {
            repeated = nil
            return character
        }
        while let scalar = pop() {
            if CharacterWidth.isHostile(scalar) { return plain(Glyphs.replacement) }
            if scalar.value < 0x7F, peekIsASCII() { return CellCharacter(base: scalar, mark: nil, width: 1) }
            let width = CharacterWidth.columns(of: scalar)
            if width == 0 { continue }
            let mark = takeTail(of: scalar, width: width)
            if glyphs == .unicode { return CellCharacter(base: scalar, mark: mark, width: width) }
            let character = plain(scalar)
            if width == 2 { repeated = character }
            return character
        }
        return nil
    }

    /// Takes what belongs to the base just read; returns its first combining mark.
    private mutating func takeTail(of base: Unicode.Scalar, width: Int) -> Unicode.Scalar? {
        var mark: Unicode.Scalar?
        while let scalar = peek() {
            if scalar.value == 0x200D, width == 2 {
                _ = pop()
                if let joined = peek(), CharacterWidth.columns(of: joined) == 2 || joined.value >= 0x2600,
                    !CharacterWidth.isHostile(joined)
                {
                    _ = pop()
                }
            } else if width == 2, (0x1F3FB...0x1F3FF).contains(scalar.value) {
                _ = pop()
            } else if CharacterWidth.columns(of: scalar) == 0, !CharacterWidth.isHostile(scalar) {
                _ = pop()
                if mark == nil, CharacterWidth.isMark(scalar) { mark = scalar }
            } else {
                break
            }
        }
        return mark
    }

    private func plain(_ scalar: Unicode.Scalar) -> CellCharacter {
        CellCharacter(base: glyphs.drawable(scalar), mark: nil, width: 1)
    }

    private mutating func peekIsASCII() -> Bool { (peek()?.value ?? 0) < 0x80 }

    private mutating func peek() -> Unicode.Scalar? {
        if pending == nil, budget > 0 {
            budget -= 1
            pending = scalars.next()
        }
        return pending
    }

    private mutating func pop() -> Unicode.Scalar? {
        defer { pending = nil }
        return peek()
    }
}

extension StringProtocol {
    /// How many columns the text takes on a canvas. Reads at most 8,192 scalars.
    package var columns: Int {
        CellText.plainColumns(of: Substring(self)) ?? CellText(self, glyphs: .unicode).reduce(0) { $0 + $1.width }
    }

    /// The text cut to at most `columns` columns, its end replaced by `…` when something was cut.
    ///
    /// What it returns holds no control characters, as if it had been drawn.
    package func cut(to columns: Int) -> String {
        if let text = plain(fitting: columns) { return text }
        return Self.fit(Array(CellText(self, glyphs: .unicode)), in: columns)
    }

    /// The text cut in its middle to at most `columns` columns: `sha256:9f2c…77de`; for names whose end matters.
    package func cutMiddle(to columns: Int) -> String {
        if let text = plain(fitting: columns) { return text }
        let all = Array(CellText(self, glyphs: .unicode))
        let total = all.reduce(0) { $0 + $1.width }
        guard total > columns, columns >= 3 else { return Self.fit(all, in: columns) }
        var tail: [CellCharacter] = []
        var room = (columns - 1) / 2
        for character in all.reversed() {
            guard character.width <= room else { break }
            room -= character.width
            tail.append(character)
        }
        let tailColumns = tail.reduce(0) { $0 + $1.width }
        let head = Self.fit(all, in: columns - tailColumns)
        return head + Self.string(tail.reversed())
    }

    /// The text cut or padded with spaces to exactly `columns` columns.
    package func padded(to columns: Int, _ alignment: Alignment = .leading) -> String {
        let text = cut(to: columns)
        let room = Swift.max(0, columns - text.columns)
        let before = alignment.offset(in: room)
        return String(repeating: " ", count: before) + text + String(repeating: " ", count: room - before)
    }

    /// The text itself where nothing of it is to be cut or replaced, as far as that is seen at a glance.
    private func plain(fitting columns: Int) -> String? {
        let text = Substring(self)
        return CellText.plainColumns(of: text).flatMap { $0 <= columns ? String(text) : nil }
    }

    private static func fit(_ characters: [CellCharacter], in columns: Int) -> String {
        guard characters.reduce(0, { $0 + $1.width }) > columns else { return string(characters) }
        guard columns > 0 else { return "" }
        var used = 0
        let kept = characters.prefix { character in
            used += character.width
            return used <= columns - 1
        }
        return string(kept) + String(Character(Glyphs.ellipsis))
    }

    private static func string(_ characters: some Sequence<CellCharacter>) -> String {
        var scalars = String.UnicodeScalarView()
        for character in characters {
            scalars.append(character.base)
            if let mark = character.mark { scalars.append(mark) }
        }
        return String(scalars)
    }
}

/// Where text stands in a field wider than it.
package enum Alignment: Sendable {
    case leading
    case centre
    case trailing

    /// The columns before the text when `room` columns are left over.
    func offset(in room: Int) -> Int {
        switch self {
        case .leading: 0
        case .centre: room / 2
        case .trailing: room
        }
    }
}

/// A run of text in one style; lines of mixed styles are arrays of these.
package struct Span: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The text; a canvas strips it of control characters when it draws it.
    package var text: String
    /// Its style.
    package var style: Style

    /// A run of `text` in `style`.
    package init(_ text: String, _ style: Style = .text) {
        self.text = text
        self.style = style
    }

    package init(stringLiteral value: String) { self.init(value) }
}
