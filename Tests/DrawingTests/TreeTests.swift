import Drawing
import Testing

@Suite("Tree")
struct TreeTests {
    static let sample = [
        TreeNode(
            "1.4", [Span("1.4", .title)], trailing: ["1.2 GiB"],
            children: [
                TreeNode(
                    "amd64", ["linux/amd64"], trailing: ["640 MiB"],
                    children: [
                        TreeNode("a", ["9f2c RUN apt-get"], trailing: ["612 MiB"], bar: Bar(0.5)),
                        TreeNode("b", [Span("11ab ×4", .shared)], trailing: ["88 MiB"]),
                    ]),
                TreeNode("arm64", ["linux/arm64"], children: [TreeNode("c", ["77de"])]),
            ]),
        TreeNode("1.3", ["1.3"]),
    ]

    private static func draw(columns: Int, rows: Int, glyphs: Glyphs = .unicode, open: Set<String>) -> Canvas {
        var canvas = Canvas(columns: columns, rows: rows, glyphs: glyphs)
        let lines = Tree.lines(of: sample, isOpen: open.contains)
        Tree.draw(lines, on: &canvas, state: ListState(selection: 2))
        return canvas
    }

    @Test("draws branches, fold marks, bars and the right edge")
    func golden() {
        let canvas = Self.draw(columns: 48, rows: 7, open: ["1.4", "amd64"])
        #expect(
            canvas.plainText == [
                "▾ 1.4                                    1.2 GiB",
                "├─▾ linux/amd64                          640 MiB",
                "│ ├─ 9f2c RUN apt-get           ████···· 612 MiB",
                "│ └─ 11ab ×4                              88 MiB",
                "└─▸ linux/arm64",
                "  1.3",
                "",
            ])
        #expect(
            canvas.styleText[2] == String(repeating: "s", count: 32) + "xxxxdddd" + String(repeating: "s", count: 8))
        #expect(canvas.styleText[3] == "bbbb rrrrrrr")
    }

    @Test("draws no line down from the last branch")
    func lastBranch() {
        let canvas = Self.draw(columns: 20, rows: 4, open: ["1.4", "arm64"])
        #expect(
            canvas.plainText == [
                "▾ 1.4        1.2 GiB", "├─▸ linux/a… 640 MiB", "└─▾ linux/arm64", "  └─ 77de",
            ])
    }

    @Test("has the same layout in ASCII")
    func ascii() {
        let canvas = Self.draw(columns: 48, rows: 4, glyphs: .ascii, open: ["1.4", "amd64"])
        #expect(
            canvas.plainText == [
                "v 1.4                                    1.2 GiB",
                "+-v linux/amd64                          640 MiB",
                "| +- 9f2c RUN apt-get           ####.... 612 MiB",
                "| +- 11ab x4                              88 MiB",
            ])
    }

    @Test("gives up the right edge when narrow")
    func narrow() {
        let canvas = Self.draw(columns: 14, rows: 3, open: ["1.4", "amd64"])
        #expect(canvas.plainText == ["▾ 1.4", "├─▾ linux/amd…", "│ ├─ 9f2c RUN…"])
    }

    @Test("lists only what is unfolded, and not deeper than its limit")
    func lines() {
        #expect(Tree.lines(of: Self.sample, isOpen: { _ in false }).map(\.id) == ["1.4", "1.3"])
        var chain = TreeNode(99, ["leaf"])
        for level in 0..<99 { chain = TreeNode(level, ["level"], children: [chain]) }
        let lines = Tree.lines(of: [chain], isOpen: { _ in true })
        #expect(lines.map(\.depth) == Array(0..<Tree.depthMax))
        #expect(lines.last?.fold == .open)
    }

    @Test("finds the line under the mouse")
    func hits() {
        #expect(Tree.line(atY: 1, height: 3, count: 10, state: ListState(selection: 5, offset: 4)) == 5)
        #expect(Tree.line(atY: 3, height: 3, count: 10, state: ListState()) == nil)
    }
}
