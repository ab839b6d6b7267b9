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

    /// Bodies on their way, one line each: direction, bar, bytes, rate, time left, client.
    func drawTransfers(on canvas: inout Canvas) {
        guard !transfers.isEmpty else { return drawEmpty("nothing is moving now", on: &canvas) }
        let table = Table(
            columns: [
                .init(
                    "", minimum: 14, ideal: 24, isFlexible: true,
                    wanted: transfers.reduce(0) { max($0, $1.transfer.repository.text.utf8.count) }),
                .init("digest", minimum: 12, ideal: 12, dropPriority: 4),
                .init("", minimum: 6, ideal: 12, dropPriority: 1),
                .init("bytes", minimum: 8, ideal: 19, alignment: .trailing),
                .init("rate", minimum: 10, ideal: 10, dropPriority: 2, alignment: .trailing),
                .init("left", minimum: 6, ideal: 8, dropPriority: 3, alignment: .trailing),
                .init("client", minimum: 10, ideal: 22, dropPriority: 5),
            ], hasHeader: false, isFocused: false)
        let slots = table.layout(width: canvas.bounds.width)
        let room = canvas.bounds.height
        let shown = transfers.count > room ? max(0, room - 1) : transfers.count
        for (y, live) in transfers.prefix(shown).enumerated() {
            let isPush = live.transfer.direction == .push
            canvas.put(isPush ? "⇡" : "⇣", x: 0, y: y, style: isPush ? .push : .pull)
            for slot in slots {
                draw(live, slot, alignment: table.columns[slot.column].alignment, y: y, on: &canvas)
            }
        }
        if shown < transfers.count {
            canvas.put("… \(transfers.count - shown) more", x: 2, y: shown, style: .dim)
        }
    }

    private func draw(_ live: LiveTransfer, _ slot: Table.Slot, alignment: Alignment, y: Int, on canvas: inout Canvas) {
        let transfer = live.transfer
        let text: String
        switch slot.column {
        case 0: text = transfer.repository.text.cutMiddle(to: slot.width)
        case 1: text = transfer.digest?.short ?? ""
        case 2:
            guard let fraction = live.fraction else { return }
            let style: Style = transfer.direction == .push ? .push : .pull
            canvas.within(Rect(x: slot.x, y: y, width: slot.width, height: 1)) { canvas in
                Bar(fraction, style: style).draw(on: &canvas)
            }
            return
        case 3:
            let done = ByteFormat.size(transfer.bytesDone)
            let both = transfer.bytesTotal.map { "\(done) / \(ByteFormat.size($0))" } ?? done
            text = both.columns <= slot.width ? both : done
        case 4: text = ByteFormat.rate(bytesPerSecond: live.bytesPerSecond)
        case 5: text = live.secondsLeft.map { ByteFormat.duration(.seconds(Int64(min($0, 1e9)))) } ?? "-"
        default: text = "\(ClientOperation.host(of: transfer.client)) \(transfer.client.userAgent)"
        }
        canvas.put(
            text, x: slot.x, y: y, style: slot.column == 1 || slot.column > 3 ? .dim : .text, width: slot.width,
            align: alignment)
    }

    /// What has happened, newest first, one line an operation.
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
                .init("", minimum: 8, ideal: 8), .init("", minimum: 8, ideal: 9, dropPriority: 1),
                .init(
                    "", minimum: 12, ideal: 20, isFlexible: true, wanted: activity.targetColumns, isCutInMiddle: true),
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
                .text(operation.target.isEmpty ? "" : operation.summary, operation.kind == .refused ? .error : .dim),
                .text("\(ClientOperation.host(of: operation.client)) \(operation.client.userAgent)", .dim),
            ])
        }
    }

    /// The selected operation in full.
    func drawOperation(on canvas: inout Canvas) {
        guard let operation = activity.list.selected else { return }
        let width = max(1, canvas.bounds.width - 2)
        let seconds = operation.ended.timeIntervalSince(operation.began)
        var lines: [[Span]] = [
            [Span("\(operation.kind.symbol) \(operation.kind.word)", operation.kind.style)]
        ]
        lines += Self.wrapped(operation.target, width: width).map { [Span($0)] }
        lines += [
            [],
            [
                Span("began ", .dim), Span(times.clock(operation.began)), Span("   took ", .dim),
                Span(ByteFormat.duration(.milliseconds(Int64(seconds * 1000)))),
            ],
            [Span("bytes ", .dim), Span(ByteFormat.size(operation.bytes))],
        ]
        lines += Self.brokenWords(operation.summary, width: width).map { [Span($0, .dim)] }
        lines += [[], [Span("client ", .dim), Span(operation.client.address)]]
        lines += Self.wrapped(operation.client.userAgent, width: width).map { [Span($0, .dim)] }
        for (index, line) in lines.enumerated() { canvas.put(line, x: 1, y: index, width: width) }
    }
}
