import Drawing
import Foundation
import OCI
import RegistryCore

extension Model {
    var activityTitle: (text: String, trailing: String) {
        let kind = activity.kind == .all ? "" : " · \(activity.kind) only"
        var trailing: [String] = []
        if activity.pausedAfter != nil { trailing.append("■ paused, \(operationsHeldBack) new · p goes on") }
        if activityLog.dropped > 0 { trailing.append("+\(ByteFormat.count(activityLog.dropped)) not shown") }
        return ("history \(activity.list.rows.count)\(kind)\(filterNote)", trailing.joined(separator: " · "))
    }

    /// What the list cuts of the selected operation: why it was refused, who it was.
    var operationFooter: String {
        guard let operation = activity.list.selected else { return "" }
        let client = [String(operation.client.host), operation.client.userAgent].filter { !$0.isEmpty }
        return [operation.summary, client.joined(separator: " ")].filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// What is in progress, one line an operation: direction, target, layers, bar, bytes, rate, time left, client.
    func drawTransfers(isFocused: Bool, on canvas: inout Canvas) {
        let open = activityLog.inProgress
        guard !open.isEmpty else { return drawEmpty("nothing is moving now", on: &canvas) }
        let table = Table(
            columns: [
                .init(
                    "", minimum: 14, ideal: 24, isFlexible: true,
                    wanted: open.reduce(0) { max($0, $1.target.utf8.count) }),
                .init(
                    "layers", minimum: open.reduce(12) { max($0, min(23, $1.progress.columns)) }, ideal: 24,
                    dropPriority: 4),
                .init("", minimum: 6, ideal: 12, dropPriority: 1),
                .init("bytes", minimum: 8, ideal: 19, alignment: .trailing),
                .init("rate", minimum: 10, ideal: 10, dropPriority: 2, alignment: .trailing),
                .init("left", minimum: 7, ideal: 8, dropPriority: 3, alignment: .trailing),
                .init("client", minimum: 10, ideal: 22, dropPriority: 5),
            ], hasHeader: false, isFocused: false)
        let slots = table.layout(width: canvas.bounds.width)
        let room = canvas.bounds.height
        let shown = open.count > room ? max(0, room - 1) : open.count
        let list = runningList
        let first = isFocused ? list.offset(count: open.count, visible: shown) : 0
        for (y, operation) in open.dropFirst(first).prefix(shown).enumerated() {
            let isSelected = isFocused && first + y == list.selection
            canvas.put(
                isSelected ? "▸" : operation.kind.symbol, x: 0, y: y,
                style: isSelected ? .title.bold : operation.kind.style)
            for slot in slots {
                draw(operation, slot, alignment: table.columns[slot.column].alignment, y: y, on: &canvas)
            }
        }
        if shown < open.count {
            canvas.put("… \(open.count - shown) more", x: 2, y: shown, style: .dim)
        }
    }

    private func draw(
        _ operation: ClientOperation, _ slot: Table.Slot, alignment: Alignment, y: Int, on canvas: inout Canvas
    ) {
        let text: String
        switch slot.column {
        case 0: text = operation.target.cutMiddle(to: slot.width)
        case 1: text = operation.progress
        case 2:
            guard let fraction = operation.fraction else { return }
            canvas.within(Rect(x: slot.x, y: y, width: slot.width, height: 1)) { canvas in
                Bar(fraction, style: operation.kind.style).draw(on: &canvas)
            }
            return
        case 3:
            let done = ByteFormat.size(operation.bytes)
            let total = operation.bytesLeft.map { operation.bytes.addingClamped($0) }
            let both = total.map { "\(done) / \(ByteFormat.size($0))" } ?? done
            text = both.columns <= slot.width ? both : done
        case 4: text = ByteFormat.rate(bytesPerSecond: operation.bytesPerSecond)
        case 5: text = operation.timeLeft ?? "-"
        default: text = "\(operation.client.host) \(operation.client.userAgent)"
        }
        canvas.put(
            text, x: slot.x, y: y, style: slot.column == 1 || slot.column > 3 ? .dim : .text, width: slot.width,
            align: alignment)
    }

    /// What has ended, newest end first, one line an operation.
    func drawOperations(isFocused: Bool, on canvas: inout Canvas) {
        let rows = activity.list.rows
        guard !rows.isEmpty else {
            if filter.isActive, !activity.list.all.isEmpty {
                drawEmpty("0 of \(activity.list.all.count) match '\(filter.text)' · esc clears", on: &canvas)
            } else {
                drawEmpty(
                    activity.kind == .all
                        ? "Nothing has happened since the cockpit was opened: pushes, pulls and what was refused appear here."
                        : "No \(activity.kind) yet; f shows the other kinds.", on: &canvas)
            }
            return
        }
        let table = Table(
            columns: [
                .init("", minimum: 8, ideal: 8), .init("", minimum: 8, ideal: 13, dropPriority: 1),
                .init(
                    "", minimum: 12, ideal: 20, isFlexible: true, wanted: activity.targetColumns, isCutInMiddle: true,
                    isSpilling: true),
                .init("", minimum: 8, ideal: 8, dropPriority: 2, alignment: .trailing),
                .init("", minimum: 12, ideal: 22, isFlexible: true, dropPriority: 3),
                .init("", minimum: 10, ideal: 20, dropPriority: 4),
            ], hasHeader: false, isFocused: isFocused)
        table.draw(on: &canvas, count: rows.count, state: activity.list.state) { index in
            let operation = rows[index]
            let style = operation.kind.style
            return Table.Row([
                .text(times.clock(operation.ended), .dim),
                .text("\(operation.kind.symbol) \(operation.kind.word)", style),
                .text(operation.target.isEmpty ? operation.summary : operation.target),
                .text(operation.bytes > 0 ? ByteFormat.size(operation.bytes) : ""),
                .text(operation.target.isEmpty ? "" : operation.summary, operation.kind.summaryStyle),
                .text("\(operation.client.host) \(operation.client.userAgent)", .dim),
            ])
        }
    }

    /// The selected operation in full.
    func drawOperation(on canvas: inout Canvas) {
        guard let operation = operationShown else { return }
        let width = max(1, canvas.bounds.width - 2)
        // The number comes with the end.
        let isOver = operation.number > 0
        let seconds = (isOver ? operation.ended : max(now, operation.began)).timeIntervalSince(operation.began)
        var lines: [[Span]] = [
            [Span("\(operation.kind.symbol) \(operation.kind.word)", operation.kind.style)]
        ]
        lines += Self.wrapped(operation.target, width: width).map { [Span($0)] }
        lines += [
            [],
            [
                Span("began ", .dim), Span(times.clock(operation.began)),
                Span(isOver ? "  ended " : "  in progress", .dim), Span(isOver ? times.clock(operation.ended) : ""),
            ],
            [Span("took  ", .dim), Span(ByteFormat.duration(.milliseconds(Int64(min(1e12, seconds * 1000)))))],
            [Span("bytes ", .dim), Span(ByteFormat.size(operation.bytes))],
        ]
        if !isOver {
            lines += [
                [
                    Span("rate  ", .dim), Span(ByteFormat.rate(bytesPerSecond: operation.bytesPerSecond)),
                    Span(operation.timeLeft.map { "  \($0) left" } ?? ""),
                ], [Span(operation.progress, .dim)],
            ]
        } else {
            lines += Self.brokenWords(operation.summary, width: width).map { [Span($0, .dim)] }
        }
        lines += [[], [Span("client ", .dim), Span(operation.client.address)]]
        lines += Self.wrapped(operation.client.userAgent, width: width).map { [Span($0, .dim)] }
        for (index, line) in lines.enumerated() { canvas.put(line, x: 1, y: index, width: width) }
    }
}
