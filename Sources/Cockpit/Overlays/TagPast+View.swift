import Drawing
import Foundation
import OCI
import RegistryCollector
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
            // Who it was is asked for more often than the end of a long tag.
            let longest = departures.reduce(0) { max($0, $1.tag.text.utf8.count) }
            let table = Table(
                columns: [
                    .init(
                        "", minimum: 10, ideal: min(18, max(10, longest)), isFlexible: longest > 10, wanted: longest,
                        isCutInMiddle: true),
                    .init("", minimum: 12, ideal: 12, dropPriority: 2),
                    .init("", minimum: 12, ideal: 12, dropPriority: 1),
                    .init("", minimum: 12, ideal: 24, isFlexible: true, dropPriority: 3),
                ], hasHeader: false)
            table.draw(on: &canvas, count: departures.count, state: past.list) { row(of: departures[$0], in: past) }
        }
    }

    private func row(of entry: TagHistoryEntry, in past: TagPast) -> Table.Row {
        let same = otherTags(of: entry.digest, in: past)
        let state: (String, Style) =
            entry.isCurrent
            ? (["● current", same].filter { !$0.isEmpty }.joined(separator: " "), .ok)
            : entry.isThere ? (same, .text) : absence(of: entry.digest, in: past)
        return Table.Row([
            .text(entry.digest.short, entry.isThere ? .text : .dim),
            .text(entry.since.map { "since \(times.stamp($0, now: now))" } ?? "", .dim),
            .text(entry.isThere ? ByteFormat.size(entry.bytes) : ""), .text(state.0, state.1),
        ])
    }

    /// `= v1.11`, the other tags of a digest: by these people know what they go back to. Empty where there are none, and in a
    /// repository with more tags than can be looked through for each row that is drawn.
    private func otherTags(of digest: Digest, in past: TagPast) -> String {
        guard case .history(let own) = past.subject, let tags = tagLists[past.repository]?.value?.tags,
            tags.count <= Self.tagsLookedThroughMax
        else { return "" }
        let same = tags.filter { $0.digest == digest && $0.tag != own }.map(\.tag.text)
        return same.isEmpty ? "" : "= " + same.joined(separator: ", ")
    }

    private static let tagsLookedThroughMax = 2000

    /// Where a manifest that the repository does not hold is: in the quarantine, from where it can come back, or nowhere.
    private func absence(of digest: Digest, in past: TagPast) -> (String, Style) {
        guard let run = quarantinedRun(holding: digest, in: past.repository) else {
            return ("○ its manifest is gone", .dim)
        }
        let until = run.purged.map { " until \(times.stamp($0, now: now))" } ?? ""
        return ("◆ in the quarantine\(until)", .protected)
    }

    private func row(of departure: TagDeparture, in past: TagPast) -> Table.Row {
        let end =
            departure.canReturn
            ? ("\(departure.cause.text) by \(departure.by)", Style.dim)
            : quarantinedRun(holding: departure.digest, in: past.repository) == nil
                ? ("○ gone, \(Self.word(of: departure.cause)) by \(departure.by)", .dim)
                : absence(of: departure.digest, in: past)
        return Table.Row([
            .text(departure.tag.text, departure.canReturn ? .text : .dim),
            .text(times.stamp(departure.at, now: now), .dim), .text(departure.digest.short, .dim), .text(end.0, end.1),
        ])
    }

    /// Shorter than in a sentence: that the manifest went too is said before it.
    private static func word(of cause: TagDeparture.Cause) -> String {
        cause == .manifestDeleted ? "deleted" : cause.text
    }
}
