import Drawing
import Testing

@Suite("Canvas")
struct CanvasTests {
    @Test("boxes have a title, a count and a footer")
    func box() {
        var canvas = Canvas(columns: 24, rows: 4)
        let inner = canvas.box(canvas.bounds, title: "Tags", trailing: "9", footer: "by size", isFocused: true)
        canvas.put("1.4", x: inner.x, y: inner.y)
        canvas.divide(canvas.bounds, y: 2, title: "Why")
        #expect(
            canvas.plainText == [
                "┌─ Tags ─────────── 9 ─┐",
                "│1.4                   │",
                "├─ Why ────────────────┤",
                "└─ by size ────────────┘",
            ])
        #expect(
            canvas.styleText == [
                "ffTTTTTTfffffffffffdddff",
                "f                      f",
                "bbtttttbbbbbbbbbbbbbbbbb",
                "ffdddddddddfffffffffffff",
            ])
    }

    @Test("an ASCII canvas has the same layout")
    func ascii() {
        var canvas = Canvas(columns: 16, rows: 3, glyphs: .ascii)
        canvas.box(canvas.bounds, title: "日x")
        canvas.put("▸ ● é ✖ …", x: 1, y: 1)
        #expect(
            canvas.plainText == [
                "+- ??x --------+",
                "|> * ? x ~     |",
                "+--------------+",
            ])
    }

    @Test(
        "fields align and cut",
        arguments: [
            (Alignment.leading, "abc", "|abc  |"), (.trailing, "abc", "|  abc|"), (.centre, "abc", "| abc |"),
            (.trailing, "abcdef", "|abcd…|"), (.leading, "日本語", "|日本…|"), (.leading, "a日本語", "|a日 …|"),
        ])
    func fields(align: Alignment, text: String, expected: String) {
        var canvas = Canvas(columns: 7, rows: 1)
        canvas.put("|     |", x: 0, y: 0)
        canvas.put(text, x: 1, y: 0, width: 5, align: align)
        #expect(canvas.plainText == [expected])
    }

    @Test("half of a wide character is never left behind")
    func halves() {
        var canvas = Canvas(columns: 6, rows: 1)
        canvas.put("日本語", x: 0, y: 0)
        canvas.put("x", x: 1, y: 0)
        #expect(canvas.plainText == [" x本語"])
        canvas.put("y", x: 2, y: 0)
        #expect(canvas.plainText == [" xy 語"])
        canvas.fill(Rect(x: 5, y: 0, width: 1, height: 1))
        #expect(canvas.plainText == [" xy"])
        canvas.put("日", x: 5, y: 0)
        #expect(canvas.plainText == [" xy"])
    }

    @Test("the cursor is shown only inside the rectangle being drawn")
    func cursor() {
        var canvas = Canvas(columns: 10, rows: 3)
        canvas.within(Rect(x: 2, y: 1, width: 3, height: 1)) { canvas in
            canvas.showCursor(x: 5, y: 0)
            #expect(canvas.cursor == nil)
            canvas.showCursor(x: 1, y: 0)
        }
        #expect(canvas.cursor == Point(x: 3, y: 1))
        #expect(canvas.bounds == Rect(x: 0, y: 0, width: 10, height: 3))
    }

    @Test("canvases are equal when they look the same")
    func equality() {
        var a = Canvas(columns: 5, rows: 1)
        var b = a
        #expect(a == b)
        a.put("x", x: 0, y: 0, style: .error)
        b.put("x", x: 0, y: 0)
        #expect(a != b)
        b.restyle(Rect(x: 0, y: 0, width: 1, height: 1), .error)
        #expect(a == b)
    }

    @Test("far coordinates are clipped and do not overflow")
    func farAway() {
        var canvas = Canvas(columns: 3, rows: 2)
        let blank = canvas
        canvas.put("abc", x: .max, y: 0)
        canvas.put("abc", x: .min, y: .max)
        canvas.put("abc", x: 1, y: .min, width: .max, align: .trailing)
        canvas.fill(Rect(x: .max, y: .max, width: .max, height: .max), .error)
        #expect(canvas == blank)
        #expect(Canvas(columns: -5, rows: 1_000_000).size == Size(columns: 0, rows: Canvas.sideMax))
    }
}
