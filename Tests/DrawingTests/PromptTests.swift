import Drawing
import Testing

@Suite("Prompt and dialog")
struct PromptTests {
    private static func type(_ prompt: inout Prompt, _ keys: [Key]) -> [Prompt.Outcome] {
        keys.map { prompt.handle($0) }
    }

    @Test(
        "edits",
        arguments: [
            ([Key.left, .left, .character("X")], "abc dXef", 6),
            ([.backspace], "abc de", 6), ([.home, .backspace], "abc def", 0), ([.home, .delete], "bc def", 0),
            ([.end, .delete], "abc def", 7), ([.ctrl("w")], "abc ", 4), ([.ctrl("w"), .ctrl("w")], "", 0),
            ([.ctrl("u")], "", 0), ([.home, .right, .ctrl("k")], "a", 1), ([.left, .right, .right], "abc def", 7),
            ([.character("日"), .left, .backspace], "abc de日", 6), ([.character("\u{301}")], "abc def\u{301}", 7),
        ])
    func edits(keys: [Key], text: String, cursor: Int) {
        var prompt = Prompt(label: "/", text: "abc def")
        _ = Self.type(&prompt, keys)
        #expect(prompt.text == text)
        #expect(prompt.cursor == cursor)
    }

    @Test("says what a key did")
    func outcomes() {
        var prompt = Prompt(label: "/")
        let outcomes = Self.type(&prompt, [.backspace, .character("a"), .left, .f(1), .escape, .enter])
        #expect(outcomes == [.moved, .changed, .moved, .ignored, .cancelled, .submitted("a")])
    }

    @Test("recalls its history and gives the draft back")
    func history() {
        var prompt = Prompt(label: ":", text: "draft", history: ["one", "two"])
        let texts = [Key.up, .up, .up, .down, .down, .down].map { key in
            _ = prompt.handle(key)
            return prompt.text
        }
        #expect(texts == ["two", "one", "one", "two", "draft", "draft"])
        prompt.replace(with: "one")
        _ = prompt.handle(.enter)
        #expect(prompt.history == ["two", "one"])
    }

    @Test("takes pasted text as one line, bounded")
    func paste() {
        var prompt = Prompt(label: ":")
        prompt.insert("a\nb\u{1B}[31m\tc")
        #expect(prompt.text == "a b[31m c")
        prompt.insert(String(repeating: "x", count: 5_000))
        #expect(prompt.text.count == Prompt.charactersMax)
    }

    @Test("scrolls so that the cursor is seen")
    func scrolling() {
        var canvas = Canvas(columns: 6, rows: 1)
        var prompt = Prompt(label: "/", text: "abcdefgh")
        prompt.draw(on: &canvas)
        #expect(canvas.plainText == ["/efgh"])
        #expect(canvas.cursor == Point(x: 5, y: 0))
        _ = prompt.handle(.home)
        canvas = Canvas(columns: 6, rows: 1)
        prompt.draw(on: &canvas)
        #expect(canvas.plainText == ["/abcde"])
        #expect(canvas.cursor == Point(x: 1, y: 0))
    }

    @Test("a dialog starts on its first button and knows its buttons' keys")
    func dialogKeys() {
        var dialog = Dialog("Delete?", lines: [], buttons: [.init("Cancel"), .init("Delete", key: "y")])
        #expect(dialog.handle(.enter) == .pressed(0))
        #expect(dialog.handle(.character("y")) == .pressed(1))
        #expect(dialog.handle(.character("d")) == .stays)
        #expect(dialog.handle(.tab) == .stays)
        #expect(dialog.handle(.enter) == .pressed(1))
        #expect(dialog.handle(.right) == .stays)
        #expect(dialog.focus == 0)
        #expect(dialog.handle(.escape) == .dismissed)
    }

    @Test("a dialog with a prompt gives it the characters")
    func dialogPrompt() {
        var dialog = Dialog(
            "Sweep", lines: [], buttons: [.init("Cancel"), .init("Sweep", key: "y")], prompt: Prompt(label: "> "))
        #expect(dialog.handle(.character("y")) == .stays)
        #expect(dialog.prompt?.text == "y")
    }

    @Test("draws centred, and its buttons can be hit")
    func dialogGolden() {
        var canvas = Canvas(columns: 40, rows: 8)
        let dialog = Dialog(
            "Delete tag 1.3?", lines: [["stays as: 1.3.0"]], buttons: [.init("Cancel"), .init("Delete", key: "y")])
        dialog.draw(on: &canvas)
        #expect(
            canvas.plainText == [
                "",
                "      ┌─ Delete tag 1.3? ────────┐",
                "      │  stays as: 1.3.0         │",
                "      │                          │",
                "      │     [Cancel]  [y Delete] │",
                "      └──────────────────────────┘",
                "", "",
            ])
        #expect(dialog.button(atX: 13, y: 4, in: canvas.bounds) == 0)
        #expect(dialog.button(atX: 23, y: 4, in: canvas.bounds) == 1)
        #expect(dialog.button(atX: 13, y: 3, in: canvas.bounds) == nil)
    }
}
