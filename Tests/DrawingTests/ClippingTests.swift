import Drawing
import SeededRandom
import Testing

/// Whatever is drawn in a rectangle, the cells outside stay as they were: tried with random sizes and everything there
/// is to draw. The seed of a failure is printed; give it to ``SeededGenerator/init(seed:)`` to have it again.
@Suite("Nothing is drawn outside its rectangle")
struct ClippingTests {
    private static let backdrop: Unicode.Scalar = "#"

    @Test("for random sizes", arguments: Glyphs.allCases)
    func random(glyphs: Glyphs) {
        var random = SeededGenerator()
        for _ in 0..<400 {
            let columns = Int.random(in: 0...60, using: &random)
            let rows = Int.random(in: 0...20, using: &random)
            let rect = Rect(
                x: Int.random(in: -10...60, using: &random), y: Int.random(in: -5...20, using: &random),
                width: Int.random(in: 0...60, using: &random), height: Int.random(in: 0...20, using: &random))
            var canvas = Canvas(columns: columns, rows: rows, glyphs: glyphs)
            canvas.fill(canvas.bounds, .garbage, character: Self.backdrop)
            canvas.within(rect) { Self.drawEverything(on: &$0, &random) }
            for y in 0..<rows {
                for x in 0..<columns where !rect.contains(x: x, y: y) {
                    let cell = canvas.cell(x: x, y: y)
                    #expect(
                        cell?.scalar == Self.backdrop.value && cell?.style == Style.garbage.id,
                        "(\(x), \(y)) outside \(rect), seed \(random.seed)")
                }
            }
            expectWholeCharacters(canvas, seed: random.seed)
        }
    }

    /// Every wide character has its right half and every right half its character.
    private func expectWholeCharacters(_ canvas: Canvas, seed: UInt64) {
        for y in 0..<canvas.size.rows {
            for x in 0..<canvas.size.columns {
                let next = canvas.cell(x: x + 1, y: y)
                switch canvas.cell(x: x, y: y)?.width {
                case 2: #expect(next?.width == 0, "seed \(seed)")
                case 0: #expect(x > 0 && canvas.cell(x: x - 1, y: y)?.width == 2, "seed \(seed)")
                default: #expect(next?.width != 0, "seed \(seed)")
                }
            }
        }
    }

    private static func drawEverything(on canvas: inout Canvas, _ random: inout SeededGenerator) {
        let bounds = canvas.bounds
        canvas.box(bounds, title: "日本語 title", trailing: "12", footer: "한글", isFocused: true)
        canvas.divide(bounds, y: bounds.height / 2, title: "half")
        for _ in 0..<4 {
            canvas.put(
                "日本 e\u{301}\u{1B}[2J 👨\u{200D}👩 text", x: Int.random(in: -20...70, using: &random),
                y: Int.random(in: -3...25, using: &random), style: .warn,
                width: Bool.random(using: &random) ? Int.random(in: -1...30, using: &random) : nil,
                align: [.leading, .centre, .trailing].randomElement(using: &random) ?? .leading)
        }
        let columns = [
            Table.Column("name", minimum: 6, ideal: 20, isFlexible: true, sort: .descending),
            Table.Column("size", minimum: 8, ideal: 8, dropPriority: 1, alignment: .trailing),
            Table.Column("use", minimum: 4, ideal: 10, dropPriority: 2),
        ]
        let state = ListState(
            selection: Int.random(in: -5...60, using: &random), offset: Int.random(in: -5...60, using: &random))
        Table(columns: columns).draw(on: &canvas, count: 50, state: state) { index in
            Table.Row(
                [.text("日本\(index)"), .bar(Bar(0.4)), .sparkline(Sparkline([1, 5, 2]))], isMarked: index % 3 == 0)
        }
        canvas.within(bounds.inset(1, 1)) { canvas in
            Tree.draw(Tree.lines(of: TreeTests.sample, isOpen: { _ in true }), on: &canvas, state: state)
            Bar(0.7).draw(on: &canvas)
            Sparkline([3, 1, 4, 1, 5, 9]).draw(on: &canvas)
        }
        var dialog = Dialog(
            "Delete?", lines: [["日本語 text that is long"], []],
            buttons: [.init("Cancel"), .init("Delete", key: "y")], prompt: Prompt(label: "> ", text: "日本"))
        dialog.moveFocus(by: 1)
        dialog.draw(on: &canvas)
        canvas.fill(Rect(x: -3, y: -3, width: 5, height: 5), .ok, character: "x")
    }
}
