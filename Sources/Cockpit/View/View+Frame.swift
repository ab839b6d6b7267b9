import Drawing
import Foundation
import OCI
import RegistryCore

/// The lines above and below the panes: breadcrumbs with the server's state, and events.
extension Model {
    // MARK: Top line

    func drawHeader(on canvas: inout Canvas) {
        // Work behind the screens and the server's guards are said where neither breadcrumbs nor state lose by it.
        let (crumbs, rates) = (crumbSlots, rateSpans)
        let crumbColumns = crumbs.last.map { $0.x + $0.text.columns } ?? 0
        let width = canvas.bounds.width
        var state = stateSpans(columns: width - crumbColumns - 3 - Self.columns(rates)) + rates
        for job in jobSpans.reversed() {
            let brief = stateSpans(columns: width - crumbColumns - 3 - Self.columns([job] + rates)) + rates
            if crumbColumns + 3 + Self.columns([job] + state) <= width {
                state.insert(job, at: 0)
            } else if crumbColumns + 3 + Self.columns([job] + brief) <= width {
                state = [job] + brief
            }
        }
        let right = width - 1 - Self.columns(state)
        let room = max(12, right - 2)
        for crumb in crumbs where crumb.x < room {
            if crumb.x > 1 { canvas.put("▶", x: crumb.x - 2, y: 0, style: .dim) }
            let text = crumb.text.cutMiddle(to: room - crumb.x)
            canvas.put(text, x: crumb.x, y: 0, style: crumb.isLast ? .title.bold : .text, width: room - crumb.x)
        }
        if right > 12 {
            canvas.put(state, x: right, y: 0)
        } else {
            let x = min(room + 1, max(0, width - 14))
            canvas.put(stateSpans(columns: width - x), x: x, y: 0, width: max(0, width - x))
        }
    }

    private static func columns(_ spans: [Span]) -> Int { spans.reduce(0) { $0 + $1.text.columns } }

    /// Where a click on the top line leads.
    func crumb(atX x: Int) -> Place? {
        crumbSlots.last { x >= $0.x && x < $0.x + $0.text.columns }?.place
    }

    private var crumbSlots: [(x: Int, text: String, place: Place, isLast: Bool)] {
        let crumbs = [(text: setup.title, place: Place.repositories)] + place.crumbs
        var x = 1
        return crumbs.enumerated().map { index, crumb in
            defer { x += crumb.text.columns + 3 }
            return (x, crumb.text, crumb.place, index == crumbs.count - 1)
        }
    }

    /// The server's state as symbol and words, never colour alone: the longest that fits in `columns`, else the shortest.
    func stateSpans(columns: Int) -> [Span] {
        let marks = companySpans + diskSpans
        let state: [Span] =
            switch server {
            case .stopped: [Span("○ stopped", .warn)]
            case .starting: [Span("◐ starting", .warn)]
            case .serving: servingSpans(columns: columns - Self.columns(marks))
            case .draining(let requests): [Span("◐ draining \(requests)", .warn)]
            case .failed(let reason): [Span("✖ \(reason.cut(to: 40))", .error)]
            }
        return state + marks
    }

    private func servingSpans(columns: Int) -> [Span] {
        let texts = servingTexts
        let text = texts.first { $0.where.columns + $0.guards.columns <= columns } ?? texts[texts.count - 1]
        return [Span(text.where, .ok), Span(text.guards, isWideOpen ? .warn : .dim)]
    }

    private var companySpans: [Span] { isAccompanied ? [Span("  ▲ 2 Berths", .warn)] : [] }

    private var diskSpans: [Span] {
        guard let capacity, capacity.bytesTotal > 0 else { return [] }
        let used = UInt64(max(0, capacity.bytesTotal - capacity.bytesFree))
        let total = UInt64(capacity.bytesTotal)
        guard Double(used) / Double(total) >= Self.diskWarnedAbove else { return [] }
        return [Span("  ▲ disk \(ByteFormat.percent(used, of: total))", .warn)]
    }

    /// The part of the disk in use from which the top line says so.
    private static let diskWarnedAbove = 0.9

    /// Whether there is not even room to write down what is to be freed.
    var isOutOfRoom: Bool { capacity.map { $0.bytesTotal > 0 && $0.bytesFree < Self.bytesFreeLeast } ?? false }

    private static let bytesFreeLeast: Int64 = 1 << 20

    private var rateSpans: [Span] {
        guard layout.shape != .narrow else { return [] }
        let moving = activityLog.inProgress.filter { !$0.live.isEmpty }
        let pushes = moving.filter(\.isPush).count
        var spans: [Span] = []
        if !moving.isEmpty {
            spans += [Span("  ↑\(pushes)", .push), Span(" ↓\(moving.count - pushes)", .pull)]
        }
        let rate = rates.bytesPerSecond
        if rate > 0 { spans.append(Span("  \(ByteFormat.rate(bytesPerSecond: rate))")) }
        return spans
    }

    /// The whole screen below 40x10: state and the way out.
    func drawLine(on canvas: inout Canvas) {
        let width = max(0, canvas.bounds.width - 2)
        let mark = setup.isDemonstration ? [Span("demo ", .title)] : []
        let x = canvas.put(mark + stateSpans(columns: width - Self.columns(mark)), x: 0, y: 0, width: width)
        canvas.put(" q", x: min(x, width), y: 0, style: .hintKey)
    }

    // MARK: Events

    /// Draws what is in progress and then what ended last, newest at the top.
    func drawTicker(on canvas: inout Canvas) {
        let live = activityLog.inProgress.suffix(canvas.bounds.height).reversed().map {
            Self.progressSpans($0, columns: max(0, canvas.bounds.width - 2))
        }
        let past = activityLog.operations.prefix(max(0, canvas.bounds.height - live.count)).map(operationSpans)
        for (row, spans) in (live + past).enumerated() {
            canvas.put(spans, x: 1, y: row, width: max(0, canvas.bounds.width - 2))
        }
    }

    /// An operation that is in progress as one line. A long target is cut before what is said of it; who it is comes last.
    private static func progressSpans(_ operation: ClientOperation, columns: Int) -> [Span] {
        let style = operation.kind.style
        let kind = Span("\(operation.kind.symbol) \(operation.kind.word) ", style)
        let state = stateSpans(of: operation)
        let client = Span("  \(operation.client.host) \(operation.client.userAgent)", .dim)
        let room = columns - kind.text.columns - Self.columns(state) - 1 - min(client.text.columns, clientColumnsLeast)
        let target = operation.target.cutMiddle(to: max(targetColumnsLeast, room))
        return [kind, Span(target + " ")] + state + [client]
    }

    /// Columns that a target has at least, however much is said of it.
    private static let targetColumnsLeast = 12
    /// And what a client has beside a long one: an address.
    private static let clientColumnsLeast = 17

    /// How far an operation is, how fast and how long it will go on at least.
    private static func stateSpans(of operation: ClientOperation) -> [Span] {
        let style = operation.kind.style
        var spans: [Span] = []
        if let fraction = operation.fraction {
            spans.append(Span(Bar(fraction).text(columns: 10), style))
            spans.append(Span(" " + ByteFormat.percent(UInt64(fraction * 1000), of: 1000)))
        } else {
            spans.append(Span(ByteFormat.size(operation.bytes)))
        }
        spans.append(Span("  " + ByteFormat.rate(bytesPerSecond: operation.bytesPerSecond)))
        if let left = operation.timeLeft { spans.append(Span("  \(left)")) }
        spans.append(Span("  \(operation.progress)", .dim))
        return spans
    }

    /// An operation as one line.
    func operationSpans(_ operation: ClientOperation) -> [Span] {
        var spans = [
            Span(operation.kind.symbol + " ", operation.kind.style), Span(times.clock(operation.ended) + " ", .dim),
            Span(operation.kind.word + " ", operation.kind.style),
        ]
        if !operation.target.isEmpty { spans.append(Span(operation.target + " ")) }
        if operation.bytes > 0 { spans.append(Span(ByteFormat.size(operation.bytes) + " ")) }
        spans.append(Span(operation.summary, operation.kind.summaryStyle))
        spans.append(Span("  \(operation.client.host) \(operation.client.userAgent)", .dim))
        return spans
    }
}
