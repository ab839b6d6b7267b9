/// A one-line editor with a history: the state behind `/` and `:`.
///
/// The cursor counts characters as a person does. Text is bounded by ``charactersMax`` and never holds control
/// characters; a pasted newline becomes a space.
package struct Prompt: Sendable, Equatable {
    /// The longest text, in characters.
    package static let charactersMax = 1_024
    /// The entries remembered, newest kept.
    package static let historyMax = 100

    /// What is shown before the text, such as `/`.
    package let label: String
    /// The text being edited.
    package private(set) var text: String
    /// The characters left of the cursor.
    package private(set) var cursor: Int
    /// What was submitted before, oldest first, without repetitions.
    package private(set) var history: [String]

    /// The entry of ``history`` being shown; nil while the user's own text is.
    private var recalled: Int?
    /// The user's own text while history is shown.
    private var draft = ""

    /// What a key did.
    package enum Outcome: Sendable, Equatable {
        /// The text is another one now.
        case changed
        /// Only the cursor moved, or nothing did.
        case moved
        /// Enter: the text, now part of the history.
        case submitted(String)
        /// Escape.
        case cancelled
        /// Not a key of the editor; the caller may have a use for it.
        case ignored
    }

    /// An editor that starts with `text`, the cursor after it.
    package init(label: String, text: String = "", history: [String] = []) {
        self.label = label
        self.text = ""
        cursor = 0
        self.history = Array(history.suffix(Self.historyMax))
        insert(text)
    }

    /// Takes a key.
    package mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .character(let character): return edit { $0.insert(String(character)) }
        case .enter: return .submitted(submit())
        case .escape: return .cancelled
        case .ctrl("c"), .ctrl("g"): return .cancelled
        case .backspace: return edit { $0.remove($0.cursor - 1..<$0.cursor) }
        case .delete, .ctrl("d"): return edit { $0.remove($0.cursor..<$0.cursor + 1) }
        case .ctrl("u"): return edit { $0.remove(0..<$0.cursor) }
        case .ctrl("k"): return edit { $0.remove($0.cursor..<$0.text.count) }
        case .ctrl("w"): return edit { $0.remove($0.wordStart..<$0.cursor) }
        case .left, .ctrl("b"): cursor = max(0, cursor - 1)
        case .right, .ctrl("f"): cursor = min(text.count, cursor + 1)
        case .home, .ctrl("a"): cursor = 0
        case .end, .ctrl("e"): cursor = text.count
        case .up, .ctrl("p"): return edit { $0.recall(-1) }
        case .down, .ctrl("n"): return edit { $0.recall(1) }
        default: return .ignored
        }
        return .moved
    }

    /// Inserts text at the cursor, as pasting does; what exceeds ``charactersMax`` is left out.
    package mutating func insert(_ added: String) {
        let room = Self.charactersMax - text.count
        let clean = added.prefix(max(0, room)).map { character in
            character.isNewline || character == "\t" ? " " : character
        }
        let scalars = String(clean).unicodeScalars.filter { !CharacterWidth.isHostile($0) }
        guard !scalars.isEmpty else { return }
        // Counted from the end, since an accent typed alone joins the character before it.
        let after = text.dropFirst(cursor)
        let before = text.prefix(cursor) + String(String.UnicodeScalarView(scalars))
        text = String(before + after)
        cursor = max(0, text.count - after.count)
    }

    /// Replaces the whole text, as choosing a completion does; the cursor goes to its end.
    package mutating func replace(with text: String) {
        self.text = ""
        cursor = 0
        insert(text)
    }

    /// Draws label and text over the first row of `canvas.bounds` and shows the cursor there, scrolled into view.
    package func draw(on canvas: inout Canvas, style: Style = .text) {
        let width = canvas.bounds.width
        let start = canvas.put(label, x: 0, y: 0, style: .hintKey, width: min(label.columns, width))
        guard start < width else { return }
        canvas.within(Rect(x: start, y: 0, width: width - start, height: 1)) { field in
            let left = text.prefix(cursor).columns
            let shift = max(0, left - (width - start - 1))
            field.put(text, x: -shift, y: 0, style: style)
            field.showCursor(x: left - shift, y: 0)
        }
    }

    private mutating func edit(_ change: (inout Prompt) -> Void) -> Outcome {
        let old = text
        change(&self)
        return text == old ? .moved : .changed
    }

    private mutating func submit() -> String {
        recalled = nil
        if !text.isEmpty {
            history.removeAll { $0 == text }
            history.append(text)
            history.removeFirst(max(0, history.count - Self.historyMax))
        }
        return text
    }

    private mutating func remove(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<text.count)
        guard !range.isEmpty else { return }
        let kept = text.prefix(range.lowerBound)
        text = String(kept + text.dropFirst(range.upperBound))
        cursor = min(range.lowerBound, text.count)
    }

    /// Where the word left of the cursor starts; blanks after it count as part of it.
    private var wordStart: Int {
        let characters = Array(text.prefix(cursor))
        var start = characters.count
        while start > 0, characters[start - 1] == " " { start -= 1 }
        while start > 0, characters[start - 1] != " " { start -= 1 }
        return start
    }

    private mutating func recall(_ step: Int) {
        let place = (recalled ?? history.count) + step
        guard place >= 0, place <= history.count, !history.isEmpty else { return }
        if recalled == nil { draft = text }
        recalled = place == history.count ? nil : place
        replace(with: place == history.count ? draft : history[place])
    }
}
