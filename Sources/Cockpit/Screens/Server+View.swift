import Drawing
import Foundation
import RegistryCore

extension Model {
    // MARK: State

    func drawStatus(on canvas: inout Canvas) {
        let width = max(0, canvas.bounds.width - 2)
        let key = { (text: String) in Span(text.padded(to: 9), .dim) }
        var lines: [[Span]] = [[key("state")] + serverSpans(width: width - 9)]
        let reach = [
            [key("reach"), Span(exposure.words)], [key("guard"), Span(setup.guardWords, isWideOpen ? .warn : .text)],
        ]
        switch server {
        case .serving(let address, _): lines += [[key("address"), Span(address)]] + reach
        case .stopped: lines.append([key(""), Span("o starts it on \(setup.address)", .dim)])
        case .failed(let reason):
            lines += Self.words(reason, width: max(10, width - 9)).map { [key(""), Span($0, .error)] }
            lines.append([key(""), Span("o tries \(setup.address) again", .dim)])
        case .starting, .draining: lines += [[key("address"), Span(setup.address)]] + reach
        }
        lines.append([key("storage"), Span(setup.storageRoot)])
        lines.append([key("index")] + indexSpans(width: max(0, width - 9)))
        for (y, line) in lines.prefix(canvas.bounds.height).enumerated() { canvas.put(line, x: 1, y: y, width: width) }
        if lines.count < canvas.bounds.height { drawDisk(y: lines.count, on: &canvas) }
        let totals = [
            [
                key("pushes"), Span(ByteFormat.count(Self.int(counters.pushes)).padded(to: 9)), Span("in  ", .dim),
                Span(ByteFormat.size(counters.bytesIn), .push),
            ],
            [
                key("pulls"), Span(ByteFormat.count(Self.int(counters.pulls)).padded(to: 9)), Span("out ", .dim),
                Span(ByteFormat.size(counters.bytesOut), .pull),
            ],
        ]
        for (index, line) in totals.enumerated() where lines.count + 1 + index < canvas.bounds.height {
            canvas.put(line, x: 1, y: lines.count + 1 + index, width: width)
        }
    }

    /// The state in words, and how long it has served as far as that fits.
    private func serverSpans(width: Int) -> [Span] {
        switch server {
        case .stopped: return [Span("○ stopped", .warn)]
        case .starting: return [Span("◐ starting", .warn)]
        case .serving(_, let since):
            let seconds = Int64(max(0, now.timeIntervalSince(since)))
            let up = "  up \(ByteFormat.duration(.seconds(seconds)))"
            let begun = ", since \(times.stamp(since, now: now))"
            let isWide = "● serving".columns + up.columns + begun.columns <= width
            return [Span("● serving", .ok), Span(up), Span(isWide ? begun : "", .dim)]
        case .draining(let requests): return [Span("◐ draining, \(requests) in progress", .warn)]
        case .failed: return [Span("✖ failed", .error)]
        }
    }

    private func drawDisk(y: Int, on canvas: inout Canvas) {
        canvas.put("disk", x: 1, y: y, style: .dim)
        guard let capacity, capacity.bytesTotal > 0 else {
            canvas.put("not known", x: 10, y: y, style: .dim)
            return
        }
        let total = UInt64(capacity.bytesTotal)
        let used = UInt64(max(0, capacity.bytesTotal - capacity.bytesFree))
        let bar = min(14, max(0, canvas.bounds.width - 34))
        canvas.within(Rect(x: 10, y: y, width: bar, height: 1)) { Bar(used, of: total).draw(on: &$0) }
        canvas.put(
            "\(ByteFormat.percent(used, of: total)), \(ByteFormat.size(capacity.bytesFree)) free", x: 11 + bar, y: y,
            width: max(0, canvas.bounds.width - 12 - bar))
    }

    /// A counter as a number people can read; one that no `Int` holds reads as the largest.
    private static func int(_ counter: UInt64) -> Int { Int(clamping: counter) }

    // MARK: Rates

    func drawRates(on canvas: inout Canvas) {
        let series: [(name: String, style: Style, values: [UInt64], now: String)] = [
            ("in", .push, rates.seconds.map(\.bytesIn), ByteFormat.rate(bytesPerSecond: rates.bytesInPerSecond)),
            ("out", .pull, rates.seconds.map(\.bytesOut), ByteFormat.rate(bytesPerSecond: rates.bytesOutPerSecond)),
            (
                "requests", .graphLow, rates.seconds.map(\.requests),
                "\(Int(min(1e9, rates.requestsPerSecond.rounded(.up))))/s"
            ),
        ]
        let bounds = canvas.bounds
        let rows = max(1, (bounds.height - 1) / series.count)
        for (index, line) in series.enumerated() {
            let y = index * rows
            canvas.put(line.name, x: 1, y: y, style: .dim, width: 9)
            canvas.put(line.now, x: 1, y: rows > 1 ? y + 1 : y, width: rows > 1 ? 11 : 0)
            canvas.within(Rect(x: 12, y: y, width: max(0, bounds.width - 13), height: rows)) { canvas in
                Sparkline(line.values, style: line.style).draw(on: &canvas)
            }
        }
        let y = series.count * rows
        canvas.put(
            [
                Span("requests ", .dim), Span(ByteFormat.count(Self.int(counters.requests))), Span("   errors ", .dim),
                Span(ByteFormat.count(Self.int(counters.errors)), counters.errors > 0 ? .error : .text),
            ],
            x: 1, y: y, width: max(0, bounds.width - 2))
    }

    // MARK: Log

    func drawLog(isFocused: Bool, on canvas: inout Canvas) {
        let rows = serverScreen.log.rows
        guard !rows.isEmpty else {
            if filter.isActive, !serverScreen.log.all.isEmpty {
                return drawEmpty("0 of \(serverScreen.log.all.count) match '\(filter.text)' · esc clears", on: &canvas)
            }
            return drawEmpty("no lines; L shows lower levels", on: &canvas)
        }
        let table = Table(
            columns: [
                .init("", minimum: 8, ideal: 8, dropPriority: 2), .init("", minimum: 7, ideal: 8, dropPriority: 1),
                .init("", minimum: 20, ideal: 20, isFlexible: true),
            ], hasHeader: false, isFocused: isFocused)
        table.draw(on: &canvas, count: rows.count, state: serverScreen.log.state) { index in
            let line = rows[index].line
            return Table.Row([
                .text(times.clock(line.time), .dim), .text(line.level.shown, line.level.style), .text(line.message),
            ])
        }
    }
}

extension LogLevel {
    /// The level with a symbol where it matters, so that it does not depend on colour.
    fileprivate var shown: String {
        switch self {
        case .trace, .debug, .info, .notice: name
        case .warning: "▲ warn"
        case .error: "✖ error"
        case .critical: "✖ crit"
        }
    }

    fileprivate var style: Style {
        switch self {
        case .trace, .debug: .dim
        case .info, .notice: .text
        case .warning: .warn
        case .error, .critical: .error
        }
    }
}
