import Drawing
import Foundation
import RegistryCollector
import RegistryCore

/// The pane beside the list: what the plan, the run or the report comes to, and the options.
extension Model {
    func drawSweepSummary(on canvas: inout Canvas) {
        let width = max(0, canvas.bounds.width - 2)
        for (y, line) in sweepSummaryLines(width: width).prefix(canvas.bounds.height).enumerated() {
            canvas.put(line, x: 1, y: y, width: width)
        }
        if case .running(_, let progress, _) = sweep.session.state {
            let part = progress.lines == 0 ? 0 : Double(progress.linesDone) / Double(progress.lines)
            canvas.within(Rect(x: 1, y: sweep.moving == nil ? 3 : 5, width: width, height: 1)) { canvas in
                Bar(part, style: .garbage).draw(on: &canvas)
            }
        }
    }

    private func sweepSummaryLines(width: Int) -> [[Span]] {
        let options = sweepOptionLines(width: width)
        let state: [[Span]] =
            switch sweep.session.state {
            case .idle where !isReconciled:
                [[Span("waiting for the index", .title)]] + (isOutOfRoom ? [[Span("the disk is full", .error)]] : [])
                    + Self.words("\(indexParts[0]) ", width: width).map { [Span($0)] }
                    + [[], [Span(isOutOfRoom ? "" : "begins by itself", .dim)], [Span("nothing is changed", .dim)], []]
                    + options
            case .idle, .marking:
                sweep.session.plan.map { readyLines($0) + options }
                    ?? ([[Span("marking …", .title)], [], [Span("nothing is changed", .dim)], []] + options)
            case .failed(let reason):
                [[Span("✖ could not be done", .error)]]
                    + Self.words(reason, width: width).map { [Span($0)] } + [[], [Span("r marks again", .dim)], []]
                    + options
            case .ready: sweep.session.plan.map { readyLines($0) + options } ?? options
            case .running(let job, let progress, let isStopping): runningLines(job, progress, isStopping)
            case .done(_, let report): reportLines(report) + options
            }
        return (sweep.moving.map { [[Span("◆ \($0)", .garbage)], []] } ?? []) + elsewhereLines + state
    }

    /// A sweep that a schedule or another client has begun.
    private var elsewhereLines: [[Span]] {
        guard let progress = sweep.elsewhere else { return [] }
        return [
            [Span(progress.isPaused ? "◆ a sweep is paused" : "◆ a sweep is running", .garbage)],
            [Span("  \(Self.lines(of: progress)) · \(ByteFormat.size(progress.bytesDone))")],
            [Span("  begun elsewhere", .dim)], [],
        ]
    }

    /// Columns of the pane at 80 columns.
    private static let summaryColumns = 24

    private func readyLines(_ plan: SweepPlan) -> [[Span]] {
        let totals = sweep.session.totals
        var lines: [[Span]] = [
            sweep.session.state == .ready
                ? [Span("marked ", .dim), Span(times.clock(plan.made))] : [Span("marking …", .title)],
            Self.row("remove", totals.going.lines, totals.going.bytes, .garbage),
        ]
        if totals.kept.lines > 0 { lines.append(Self.row("kept", totals.kept.lines, totals.kept.bytes, .mark)) }
        if plan.bytesShared > 0 { lines.append(Self.row("shared", nil, plan.bytesShared, .shared)) }
        lines.append(Self.row("spared", totals.spared.lines, totals.spared.bytes, .protected))
        if plan.isPart { lines.append([Span("▲ a part: sweep again", .warn)]) }
        if !plan.damaged.isEmpty { lines.append([Span("✖ damaged \(plan.damaged.count)", .error)]) }
        if let capacity, capacity.bytesTotal > 0 {
            let total = UInt64(capacity.bytesTotal)
            let used = UInt64(max(0, capacity.bytesTotal - capacity.bytesFree))
            let after = used - min(used, UInt64(max(0, totals.going.bytes)))
            let before = ByteFormat.percent(used, of: total)
            let seconds = sweep.session.settings.quarantineSeconds
            let end = seconds > 0 ? " in \(Self.timeText(seconds))" : ""
            let change = "\(before) → \(ByteFormat.percent(after, of: total))"
            // Two full ones leave no room for the sign of both.
            let isLong = "disk \(change)\(end)".columns > Self.summaryColumns
            lines.append([
                Span("disk ", .dim), Span(isLong ? change.replacing(" % →", with: " →") : change), Span(end, .dim),
            ])
        }
        if sweep.session.isStale(at: generation) {
            lines.append([Span("▲ stale: something has", .warn)])
            lines.append([Span("  changed; r marks again", .warn)])
        }
        return lines + [[]]
    }

    private func runningLines(_ job: SweepJob, _ progress: SweepProgress, _ isStopping: Bool) -> [[Span]] {
        let word = isStopping ? "stopping …" : progress.isPaused ? "paused" : "sweeping …"
        var bytes = ByteFormat.size(progress.bytesDone)
        if case .plan = job.work { bytes += " of \(ByteFormat.size(sweep.session.totals.going.bytes))" }
        return [
            [Span(word, .garbage)], [Span(Self.lines(of: progress))], [Span(bytes)], [], [],
            [Span(isStopping ? "after the current line" : progress.isPaused ? "p goes on" : "p holds it", .dim)],
            [Span(isStopping ? "" : "esc stops it", .dim)], [Span("the registry serves on", .dim)],
        ]
    }

    private static func lines(of progress: SweepProgress) -> String {
        progress.lines == 0
            ? "getting ready" : "\(ByteFormat.count(progress.linesDone))/\(ByteFormat.count(progress.lines)) lines"
    }

    private func reportLines(_ report: SweepReport) -> [[Span]] {
        let totals = sweep.session.totals
        let isStopped = totals.linesStopped > 0
        var lines: [[Span]] = [
            [Span(isStopped ? "▲ stopped" : "✔ swept", isStopped ? .warn : .ok)],
            Self.row("removed", totals.going.lines, totals.going.bytes, .garbage),
            Self.row("spared", totals.spared.lines, totals.spared.bytes, .protected),
        ]
        if report.purged != nil, sweep.quarantine.value?.contains(where: { $0.id == report.plan }) == false {
            lines.append([Span("put back or freed since", .dim)])
        } else if let purged = report.purged {
            lines.append([Span("kept on disk ", .dim), Span(ByteFormat.size(report.bytesQuarantined))])
            lines.append([Span("until ", .dim), Span(times.stamp(purged, now: now))])
        } else {
            lines.append([Span("freed, measured ", .dim), Span(ByteFormat.size(report.bytesFreed))])
        }
        lines.append([
            Span("took ", .dim), Span(ByteFormat.duration(.milliseconds(Int64(min(report.seconds, 1e9) * 1000)))),
        ])
        return lines + [[Span("r marks again, o writes", .dim)], []]
    }

    private static func row(_ word: String, _ count: Int?, _ bytes: Int64, _ style: Style) -> [Span] {
        let number = count.map { ByteFormat.count($0) } ?? "stays"
        return [
            Span(word.padded(to: 8), style), Span(number.padded(to: 7, .trailing), count == nil ? .dim : .text),
            Span(ByteFormat.size(bytes).padded(to: 9, .trailing), style),
        ]
    }

    /// What the summary says first, where there is no room for it.
    var sweepStateInBrief: String {
        switch sweep.session.state {
        case .idle where !isReconciled: "waits for the index"
        case .idle, .marking: "marking …"
        case .ready: sweep.session.isStale(at: generation) ? "▲ stale" : ""
        case .running(_, let progress, _): "\(progress.linesDone)/\(progress.lines)"
        case .done: "✔ swept"
        case .failed: "✖ failed"
        }
    }

    /// The sweep that runs, for the top line of other screens.
    var sweepSpans: [Span] {
        var running = sweep.elsewhere
        if case .running(_, let progress, _) = sweep.session.state { running = progress }
        guard screen != .sweep, let running else { return [] }
        let part =
            running.lines > 0 ? " \(ByteFormat.percent(UInt64(running.linesDone), of: UInt64(running.lines)))" : ""
        return [Span("◆ sweep\(part)\(running.isPaused ? " paused" : "")  ", .garbage)]
    }
}
