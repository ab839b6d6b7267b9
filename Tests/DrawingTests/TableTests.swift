import Drawing
import Testing

@Suite("Table")
struct TableTests {
    private static let table = Table(columns: [
        .init("NAME", minimum: 8, ideal: 12, isFlexible: true, sort: .ascending),
        .init("SIZE", minimum: 8, ideal: 8, alignment: .trailing),
        .init("PUSHED", minimum: 6, ideal: 8, dropPriority: 1),
        .init("DIGEST", minimum: 8, ideal: 12, dropPriority: 2),
    ])

    private static func row(_ index: Int) -> Table.Row {
        Table.Row(
            [
                .text("team/app-\(index)"), .text(ByteFormat.size(index * 5_000_000), .shared), .text("\(index) d"),
                .text("9f2c77de\(index)"),
            ], isMarked: index == 2)
    }

    private static func draw(columns: Int, rows: Int, _ state: ListState, isFocused: Bool = true) -> Canvas {
        var canvas = Canvas(columns: columns, rows: rows)
        var table = table
        table.isFocused = isFocused
        table.draw(on: &canvas, count: 40, state: state, row: row)
        return canvas
    }

    @Test("draws header, selection and marks")
    func golden() {
        let canvas = Self.draw(columns: 45, rows: 5, ListState(selection: 1))
        #expect(
            canvas.plainText == [
                "  NAME▲            SIZE PUSHED   DIGEST",
                "  team/app-0        0 B 0 d      9f2c77de0",
                "▸ team/app-1   4.77 MiB 1 d      9f2c77de1",
                " ◆team/app-2   9.54 MiB 2 d      9f2c77de2",
                "  team/app-3   14.3 MiB 3 d      9f2c77de3",
            ])
        #expect(
            canvas.styleText == [
                "  hhhhh            hhhh hhhhhh   hhhhhh",
                "                    rrr",
                String(repeating: "s", count: 45),
                " mmmmmmmmmmm   mmmmmmmm mmm      mmmmmmmmm",
                "               rrrrrrrr",
            ])
    }

    @Test("without the keyboard the selected row is bold")
    func unfocused() {
        let styles = Self.draw(columns: 24, rows: 2, ListState(), isFocused: false).styleText
        #expect(styles[1] == "S::::::::::::::::::::RRR")
    }

    @Test(
        "drops columns in order when room is short",
        arguments: [
            (43, [0, 1, 2, 3]), (40, [0, 1, 2, 3]), (35, [0, 1, 2, 3]), (34, [0, 1, 2]), (26, [0, 1, 2]), (25, [0, 1]),
            (19, [0, 1]), (18, [0]), (4, [0]), (2, []), (0, []),
        ])
    func dropping(width: Int, expected: [Int]) {
        let slots = Self.table.layout(width: width)
        #expect(slots.map(\.column) == expected)
        #expect(slots.allSatisfy { $0.width >= 1 && $0.x + $0.width <= width })
    }

    @Test("gives what is left over to the flexible column")
    func flexible() {
        let widths = Self.table.layout(width: 100).map(\.width)
        #expect(widths == [100 - 2 - 3 - 8 - 8 - 12, 8, 8, 12])
    }

    @Test("a text goes on over blank columns, as far as they are blank")
    func spilling() {
        let table = Table(
            columns: [
                .init("", minimum: 6, ideal: 6, isSpilling: true),
                .init("", minimum: 4, ideal: 4, alignment: .trailing),
                .init("", minimum: 5, ideal: 5),
            ], hasHeader: false, isFocused: false)
        let rows: [Table.Row] = [
            Table.Row([.text("longer than six"), .text(""), .text("")]),
            Table.Row([.text("longer than six"), .text(""), .text("end")]),
            Table.Row([.text("longer than six"), .text("8"), .text("end")]),
            Table.Row([.text("longer than six")]),
            Table.Row([.text("six"), .text("8"), .text("longer than five")]),
        ]
        var canvas = Canvas(columns: 19, rows: 5)
        table.draw(on: &canvas, count: rows.count, state: ListState(selection: 9)) { rows[$0] }
        #expect(
            canvas.plainText == [
                "  longer than six", "  longer tha… end", "  longe…    8 end", "  longer than six",
                "▸ six       8 long…",
            ])
    }

    @Test("asks only for the rows that are seen")
    func visibleOnly() {
        var canvas = Canvas(columns: 40, rows: 11)
        var asked: [Int] = []
        Self.table.draw(on: &canvas, count: 1_000_000, state: ListState(selection: 500_000)) { index in
            asked.append(index)
            return Self.row(index)
        }
        #expect(asked == Array(499_991...500_000))
    }

    @Test("finds rows and columns under the mouse")
    func hits() {
        let state = ListState(selection: 20, offset: 18)
        #expect(Self.table.row(atY: 0, height: 6, count: 40, state: state) == nil)
        #expect(Self.table.row(atY: 1, height: 6, count: 40, state: state) == 18)
        #expect(Self.table.row(atY: 5, height: 6, count: 40, state: state) == 22)
        #expect(Self.table.row(atY: 3, height: 6, count: 1, state: state) == nil)
        #expect(Self.table.column(atX: 0, width: 50) == nil)
        #expect(Self.table.column(atX: 2, width: 50) == 0)
    }

    @Test("selection and scrolling stay inside the list")
    func listState() {
        var state = ListState()
        state.move(by: 7, count: 10, visible: 5)
        #expect(state == ListState(selection: 7, offset: 3))
        state.move(by: -2, count: 10, visible: 5)
        #expect(state == ListState(selection: 5, offset: 3))
        state.move(by: .max, count: 10, visible: 5)
        #expect(state == ListState(selection: 9, offset: 5))
        state.scroll(by: -3, count: 10, visible: 5)
        #expect(state == ListState(selection: 6, offset: 2))
        #expect(state.selection(count: 3) == 2)
        #expect(state.selection(count: 0) == nil)
        #expect(ListState(selection: 50, offset: 50).offset(count: 10, visible: 20) == 0)
        state.move(by: 1, count: 0, visible: 0)
        #expect(state.selection == 0)
    }

    @Test("columns go before a name gets less than it wants, and then it is cut in its middle")
    func wanted() {
        let columns: [Table.Column] = [
            .init("name", minimum: 5, ideal: 5, isFlexible: true, wanted: 20, isCutInMiddle: true),
            .init("a", minimum: 6, ideal: 6, dropPriority: 1), .init("b", minimum: 6, ideal: 6, dropPriority: 2),
            .init("size", minimum: 4, ideal: 4),
        ]
        let table = Table(columns: columns, hasHeader: false)
        #expect(table.layout(width: 60).map(\.column) == [0, 1, 2, 3])
        #expect(table.layout(width: 35).map(\.column) == [0, 1, 3])
        #expect(table.layout(width: 30).map(\.column) == [0, 3])
        #expect(table.layout(width: 30).first?.width == 23)
        var canvas = Canvas(columns: 18, rows: 1)
        table.draw(on: &canvas, count: 1, state: ListState()) { _ in
            Table.Row(["main-20260501-abcdef12", "", "", "1 B"])
        }
        #expect(canvas.plainText == ["▸ main-…def12 1 B"])
    }
}
