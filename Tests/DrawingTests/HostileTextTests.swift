import Drawing
import SeededRandom
import Testing

@Suite("Text from strangers")
struct HostileTextTests {
    @Test(
        "becomes visible characters of known width",
        arguments: [
            ("plain", "plain", 5),
            ("\u{1B}[31mred\u{7}", "�[31mred�", 9),
            ("a\nb\r\nc\td", "a�b��c�d", 8),
            ("\u{9B}2J", "�2J", 3),
            ("\u{202E}gnp.exe", "�gnp.exe", 8),
            ("\u{7F}\u{0}", "��", 2),
            ("日本語", "日本語", 6),
            ("한글", "한글", 4),
            ("e\u{301}", "e\u{301}", 1),
            ("a\u{300}\u{301}\u{302}b", "a\u{300}b", 2),
            ("\u{301}x", "x", 1),
            ("a\u{200D}\u{FE0F}b", "ab", 2),
            ("👨\u{200D}👩\u{200D}👧!", "👨!", 3),
            ("👍\u{1F3FD}.", "👍.", 3),
            ("\u{FEFF}\u{200B}", "", 0),
            ("\u{FFFE}", "�", 1),
            ("", "", 0),
        ])
    func drawn(text: String, expected: String, columns: Int) throws {
        var canvas = Canvas(columns: 20, rows: 1)
        let end = canvas.put(text, x: 0, y: 0)
        // Compared by scalars: String equality would call composed and decomposed forms the same.
        #expect(Array(try #require(canvas.plainText.first).unicodeScalars) == Array(expected.unicodeScalars))
        #expect(end == columns)
        #expect(text.columns == columns)
    }

    @Test("never leaves a control character in a cell, whatever the scalars")
    func noControls() {
        var random = SeededGenerator()
        for glyphs in Glyphs.allCases {
            for _ in 0..<300 {
                var text = String.UnicodeScalarView()
                for _ in 0..<40 {
                    let limit: UInt32 = Bool.random(using: &random) ? 0x100 : 0x11_0000
                    if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) { text.append(scalar) }
                }
                var canvas = Canvas(columns: 50, rows: 1, glyphs: glyphs)
                canvas.put(String(text), x: 0, y: 0)
                for cell in canvas.cells {
                    #expect(cell.scalar >= 0x20 && !(0x7F..<0xA0).contains(cell.scalar), "seed \(random.seed)")
                    if glyphs == .ascii { #expect(cell.scalar < 0x7F && cell.mark == 0, "seed \(random.seed)") }
                }
            }
        }
    }

    @Test("costs no more than a screenful when it is huge")
    func bounded() {
        let marks = String(repeating: "\u{301}", count: 1_000_000)
        #expect(("a" + marks + "b").columns == 1)
        #expect(String(repeating: "a", count: 100_000).columns == 8_192)
    }

    @Test(
        "is cut to its columns",
        arguments: [
            ("repository", 10, "repository"), ("repository", 5, "repo…"), ("repository", 1, "…"), ("repository", 0, ""),
            ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("日本語", 6, "日本語"),
        ])
    func cut(text: String, columns: Int, expected: String) {
        #expect(text.cut(to: columns) == expected)
    }

    @Test(
        "is cut in its middle",
        arguments: [
            ("sha256:9f2c77de", 9, "sha2…77de"), ("sha256:9f2c77de", 15, "sha256:9f2c77de"), ("日本語日本語", 7, "日本…語"),
        ])
    func cutMiddle(text: String, columns: Int, expected: String) {
        #expect(text.cutMiddle(to: columns) == expected)
        #expect(expected.columns <= columns)
    }

    @Test("is padded to its columns")
    func padded() {
        #expect("日".padded(to: 4) == "日  ")
        #expect("ab".padded(to: 5, .trailing) == "   ab")
        #expect("ab".padded(to: 5, .centre) == " ab  ")
        #expect("abcdef".padded(to: 3) == "ab…")
    }
}
