import Drawing
import Testing

@Suite("Charts")
struct ChartTests {
    @Test(
        "bars are exact to an eighth and honest at both ends",
        arguments: [
            (0.0, "········", "........"), (1.0, "████████", "########"), (0.5, "████····", "####...."),
            (0.0001, "▏·······", "-......."), (0.9999, "███████▉", "#######="), (0.5625, "████▌···", "####=..."),
            (.nan, "········", "........"), (7, "████████", "########"), (-1, "········", "........"),
        ])
    func bars(fraction: Double, unicode: String, ascii: String) {
        for (glyphs, expected) in [(Glyphs.unicode, unicode), (.ascii, ascii)] {
            var canvas = Canvas(columns: 8, rows: 1, glyphs: glyphs)
            Bar(fraction).draw(on: &canvas)
            #expect(canvas.plainText == [expected])
        }
        #expect(Bar(fraction).text(columns: 8) == unicode)
    }

    @Test("bars get hotter as they fill")
    func levels() {
        let styles = [0.3, 0.8, 0.95].map { fraction in
            var canvas = Canvas(columns: 1, rows: 1)
            Bar(fraction).draw(on: &canvas)
            return canvas.cell(x: 0, y: 0)?.style
        }
        #expect(styles == [Style.graphLow.id, Style.graphMid.id, Style.graphHigh.id])
        #expect(Bar(1, of: 0).fraction == 0)
        #expect(Bar(1, of: 4).fraction == 0.25)
    }

    @Test("sparklines show the newest values at the right")
    func sparkline() {
        let line = Sparkline([0, 1, 2, 3, 4, 5, 6, 7])
        #expect(line.text(columns: 8) == "▁▂▃▄▅▆▇█")
        #expect(line.text(columns: 3) == "▆▇█")
        var canvas = Canvas(columns: 10, rows: 1, glyphs: .ascii)
        line.draw(on: &canvas)
        #expect(canvas.plainText == ["  _.:-=+*#"])
        #expect(Sparkline([0, 0]).text(columns: 5) == "▁▁")
        #expect(Sparkline([]).text(columns: 5) == "")
        #expect(Sparkline([.max, 1]).text(columns: 5) == "█▁")
        #expect(Sparkline([5], ceiling: 10).text(columns: 1) == "▄")
    }

    @Test("a tall sparkline uses its rows")
    func tall() {
        var canvas = Canvas(columns: 4, rows: 2)
        Sparkline([0, 7, 14, 16], ceiling: 16).draw(on: &canvas)
        #expect(canvas.plainText == ["  ▆█", "▁▇██"])
    }
}
