/// A question in a box in the middle of the screen: lines of text, perhaps a prompt, and buttons.
///
/// The first button has the focus, so put the harmless one first: Enter by habit then does no harm.
package struct Dialog: Sendable, Equatable {
    /// The title in the border.
    package var title: String
    /// The text. Lines are cut, not wrapped, at the width of the screen.
    package var lines: [[Span]]
    /// The buttons, left to right.
    package var buttons: [Button]
    /// The index of the button that Enter presses.
    package private(set) var focus = 0
    /// An editor under the text, for questions that want a word typed; nil for none.
    package var prompt: Prompt?

    /// One answer.
    package struct Button: Hashable, Sendable {
        /// What the button says.
        package var label: String
        /// The key that presses it, shown before its label; nil when only Enter and the mouse do.
        package var key: Character?

        /// A button.
        package init(_ label: String, key: Character? = nil) {
            self.label = label
            self.key = key
        }

        var text: String { key.map { "[\($0) \(label)]" } ?? "[\(label)]" }
    }

    /// What a key did.
    package enum Outcome: Sendable, Equatable {
        /// The button of this index was pressed.
        case pressed(Int)
        /// Escape.
        case dismissed
        /// The dialog took the key and stays.
        case stays
    }

    /// A dialog.
    package init(_ title: String, lines: [[Span]], buttons: [Button], prompt: Prompt? = nil) {
        self.title = title
        self.lines = lines
        self.buttons = buttons
        self.prompt = prompt
    }

    /// Takes a key: tab and arrows move the focus, Enter presses, Escape dismisses, a button's own key presses it.
    ///
    /// With a prompt, characters and left and right go to the prompt, so a button's own key does not press it there.
    package mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .escape, .ctrl("c"): return .dismissed
        case .enter: return buttons.isEmpty ? .dismissed : .pressed(focus)
        case .tab, .down: moveFocus(by: 1)
        case .backTab, .up: moveFocus(by: -1)
        case .left where prompt == nil: moveFocus(by: -1)
        case .right where prompt == nil: moveFocus(by: 1)
        case .character(let character) where prompt == nil:
            if let index = buttons.firstIndex(where: { $0.key == character }) { return .pressed(index) }
        default: _ = prompt?.handle(key)
        }
        return .stays
    }

    /// Moves the focus by `step` buttons, around the ends.
    package mutating func moveFocus(by step: Int) {
        guard !buttons.isEmpty else { return }
        focus = ((focus + step % buttons.count) + buttons.count) % buttons.count
    }

    /// The rectangle the dialog takes in `bounds`: as wide as its widest line, centred, cut down to fit.
    package func frame(in bounds: Rect) -> Rect {
        let text = lines.map { $0.reduce(0) { $0 + $1.text.columns } }.max() ?? 0
        let answers = buttons.reduce(0) { $0 + $1.text.columns + 2 }
        let width = max(text, answers, title.columns + 4, prompt == nil ? 0 : 32) + 6
        return bounds.centred(width: width, height: rowCount + 2)
    }

    /// Draws the dialog in the middle of `canvas.bounds`. When rows are short, text goes before buttons do.
    package func draw(on canvas: inout Canvas) {
        let frame = frame(in: canvas.bounds)
        canvas.fill(frame)
        canvas.within(frame) { canvas in
            let inner = canvas.box(canvas.bounds, title: title, isFocused: true)
            let tail = (prompt == nil ? 0 : 1) + (buttons.isEmpty ? 0 : 1)
            let textRows = max(0, inner.height - tail)
            for (index, line) in lines.prefix(textRows).enumerated() {
                canvas.put(line, x: 3, y: 1 + index, width: max(0, inner.width - 4))
            }
            if let prompt {
                let y = inner.bottom - tail
                canvas.within(Rect(x: 3, y: y, width: max(0, inner.width - 4), height: 1)) { prompt.draw(on: &$0) }
            }
            for slot in slots(in: inner) {
                let style: Style = slot.index == focus ? .selection : .hintText
                canvas.put(buttons[slot.index].text, x: slot.x, y: inner.bottom - 1, style: style)
            }
        }
    }

    /// The index of the button at (`x`, `y`) of `bounds`; nil elsewhere.
    package func button(atX x: Int, y: Int, in bounds: Rect) -> Int? {
        let frame = frame(in: bounds)
        let inner = Rect(x: 0, y: 0, width: frame.width, height: frame.height).inset(1, 1)
        guard y - frame.y == inner.bottom - 1 else { return nil }
        return slots(in: inner).first { slot in
            x - frame.x >= slot.x && x - frame.x < slot.x + buttons[slot.index].text.columns
        }?.index
    }

    /// Rows inside the border: the text, a blank, the prompt, the buttons.
    private var rowCount: Int {
        lines.count + 1 + (prompt == nil ? 0 : 2) + (buttons.isEmpty ? 0 : 1)
    }

    /// Where the buttons stand, right-aligned, in coordinates of the frame.
    private func slots(in inner: Rect) -> [(index: Int, x: Int)] {
        let total = buttons.reduce(-2) { $0 + $1.text.columns + 2 }
        var x = max(inner.x, inner.right - 1 - total)
        return buttons.indices.map { index in
            defer { x += buttons[index].text.columns + 2 }
            return (index, x)
        }
    }
}
