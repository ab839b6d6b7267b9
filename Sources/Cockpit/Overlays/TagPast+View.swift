import Drawing
import Foundation
import OCI
import RegistryCore

extension Model {
    func drawPast(_ past: TagPast, on canvas: inout Canvas) {
        let visible = pastRowsVisible(past)
        let frame = canvas.bounds.centred(width: 78, height: visible + 2)
        canvas.fill(frame)
        canvas.within(frame) { canvas in
            let inner = canvas.box(
                canvas.bounds, title: Self.title(of: past), footer: Self.footer(of: past), isFocused: true)
            canvas.within(inner) { canvas in drawRows(of: past, on: &canvas) }
        }
    }

    private static func title(of past: TagPast) -> String {
        switch past.subject {
        case .history(let tag): "history of \(past.repository):\(tag)"
        case .deleted: "deleted tags of \(past.repository)"
        }
    }

    private static func footer(of past: TagPast) -> String {
        switch past.subject {
        case .history: "enter rolls back · tab deleted tags · esc"
        case .deleted: "enter puts back · tab history · esc"
        }
    }

    private func drawRows(of past: TagPast, on canvas: inout Canvas) {
        switch past.rows {
        case .loading: drawEmpty("reading …", on: &canvas)
        case .failed(let reason): drawEmpty("✖ \(reason)", style: .error, on: &canvas)
        case .history(let entries) where entries.isEmpty: drawEmpty("nothing is known of it", on: &canvas)
        case .deleted(let departures) where departures.isEmpty:
            drawEmpty("no deleted tag is known here", on: &canvas)
        case .history(let entries):
            let table = Table(
                columns: [
                    .init("", minimum: 12, ideal: 12), .init("", minimum: 12, ideal: 18, dropPriority: 2),
                    .init("", minimum: 8, ideal: 8, dropPriority: 1, alignment: .trailing),
                    .init("", minimum: 8, ideal: 18, isFlexible: true),
                ], hasHeader: false)
            table.draw(on: &canvas, count: entries.count, state: past.list) { row(of: entries[$0], in: past) }
        case .deleted(let departures):
            let table = Table(
                columns: [
                    .init(
                        "", minimum: 10, ideal: 18, isFlexible: true,
                        wanted: departures.reduce(0) { max($0, $1.tag.text.utf8.count) }, isCutInMiddle: true),
                    .init("", minimum: 12, ideal: 12, dropPriority: 2),
                    .init("", minimum: 12, ideal: 12, dropPriority: 1),
                    .init("", minimum: 12, ideal: 24, isFlexible: true, dropPriority: 3),
                ], hasHeader: false)
            table.draw(on: &canvas, count: departures.count, state: past.list) { row(of: departures[$0], in: past) }
        }
    }

    private func row(of entry: TagHistoryEntry, in past: TagPast) -> Table.Row {
        let state: (String, Style) =
            entry.isCurrent ? ("● current", .ok) : entry.isThere ? ("", .text) : absence(of: entry.digest, in: past)
        return Table.Row([
            .text(entry.digest.short, entry.isThere ? .text : .dim),
            .text(entry.since.map { "since \(times.stamp($0, now: now))" } ?? "", .dim),
            .text(entry.isThere ? ByteFormat.size(entry.bytes) : ""), .text(state.0, state.1),
        ])
    }

    /// Where a manifest that the repository does not hold is: in the quarantine, from where it can come back, or nowhere.
    private func absence(of digest: Digest, in past: TagPast) -> (String, Style) {
        guard let run = quarantinedRun(holding: digest, in: past.repository) else {
            return ("○ its manifest is gone", .dim)
        }
        let until = run.purged.map { " until \(times.stamp($0, now: now))" } ?? ""
        return ("◆ in the quarantine\(until)", .protected)
    }

    private func row(of departure: TagDeparture, in past: TagPast) -> Table.Row {
        let absence = absence(of: departure.digest, in: past)
        let end = departure.canReturn ? ("\(departure.cause.text) by \(departure.by)", Style.dim) : absence
        return Table.Row([
            .text(departure.tag.text, departure.canReturn ? .text : .dim),
            .text(times.stamp(departure.at, now: now), .dim), .text(departure.digest.short, .dim), .text(end.0, end.1),
        ])
    }
}
