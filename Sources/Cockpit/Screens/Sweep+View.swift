import Drawing
import Foundation
import OCI
import RegistryCore

extension Model {
    // MARK: Summary

    func drawSweepSummary(on canvas: inout Canvas) {
        let width = max(0, canvas.bounds.width - 2)
        for (y, line) in sweepSummaryLines.prefix(canvas.bounds.height).enumerated() {
            canvas.put(line, x: 1, y: y, width: width)
        }
        if case .running(_, let progress, _) = sweep.session.state {
            let part = progress.lines == 0 ? 1 : Double(progress.linesDone) / Double(progress.lines)
            canvas.within(Rect(x: 1, y: 3, width: width, height: 1)) { canvas in
                Bar(part, style: .garbage).draw(on: &canvas)
            }
        }
    }

    private var sweepSummaryLines: [[Span]] {
        switch sweep.session.state {
        case .idle, .marking: [[Span("marking …", .title)], [], [Span("nothing is changed", .dim)]] + optionLines
        case .failed(let reason):
            [[Span("✖ could not be done", .error)]]
                + Self.words(reason, width: 24).map { [Span($0)] } + [[], [Span("r tries again", .dim)]]
        case .ready(let plan): readyLines(plan)
        case .running(let plan, let progress, let isStopping): runningLines(plan, progress, isStopping)
        case .done(_, let report): reportLines(report)
        }
    }

    private func readyLines(_ plan: SweepPlan) -> [[Span]] {
        var lines: [[Span]] = [
            [Span("marked ", .dim), Span(times.clock(plan.made))],
            Self.row("remove", plan.lines.count, plan.bytes, .garbage),
            Self.row("spared", plan.spared.count, plan.spared.reduce(0) { $0 + $1.bytes }, .protected),
        ]
        if !plan.damaged.isEmpty { lines.append([Span("✖ damaged \(plan.damaged.count)", .error)]) }
        lines.append([])
        if let capacity, capacity.bytesTotal > 0 {
            let total = UInt64(capacity.bytesTotal)
            let used = UInt64(max(0, capacity.bytesTotal - capacity.bytesFree))
            let after = used - min(used, UInt64(max(0, plan.bytes)))
            let before = ByteFormat.percent(used, of: total)
            lines.append([Span("disk ", .dim), Span("\(before) → \(ByteFormat.percent(after, of: total))")])
            lines.append([])
        }
        if sweep.session.isStale(at: generation) {
            lines.append([Span("▲ stale: the registry", .warn)])
            lines.append([Span("  changed; r marks again", .warn)])
            lines.append([])
        }
        return lines + optionLines
    }

    private func runningLines(_ plan: SweepPlan, _ progress: SweepProgress, _ isStopping: Bool) -> [[Span]] {
        [
            [Span(isStopping ? "stopping …" : "sweeping …", .garbage)],
            [Span("\(progress.linesDone)/\(progress.lines) lines")],
            [Span("\(ByteFormat.size(progress.bytesDone)) of \(ByteFormat.size(plan.bytes))")],
            [],
            [],
            [Span(isStopping ? "after the current line" : "esc stops it", .dim)],
            [Span("the registry serves on", .dim)],
        ]
    }

    private func reportLines(_ report: SweepReport) -> [[Span]] {
        [
            [Span("✔ swept", .ok)],
            Self.row("removed", report.removed.count, report.bytesFreed, .garbage),
            Self.row("spared", report.spared.count, report.spared.reduce(0) { $0 + $1.bytes }, .protected),
            [Span("took ", .dim), Span(ByteFormat.duration(.milliseconds(Int64(min(report.seconds, 1e9) * 1000))))],
            [],
            [Span("r marks again", .dim)],
        ]
    }

    private var optionLines: [[Span]] {
        let options = sweep.session.options
        return [
            [Span(options.untagged ? "[x] " : "[ ] ", .mark), Span("untagged manifests"), Span(" t", .hintKey)],
            [Span("grace ", .dim), Span(Self.graceText(options.graceSeconds)), Span("  + -", .hintKey)],
        ]
    }

    private static func row(_ word: String, _ count: Int, _ bytes: Int64, _ style: Style) -> [Span] {
        [
            Span(word.padded(to: 8), style), Span(ByteFormat.count(count).padded(to: 7, .trailing)),
            Span(ByteFormat.size(bytes).padded(to: 9, .trailing), style),
        ]
    }

    static func graceText(_ seconds: Int) -> String {
        switch seconds {
        case 0: "none"
        case ..<3600 where seconds % 60 == 0: "\(seconds / 60) min"
        case _ where seconds % 3600 == 0: "\(seconds / 3600) h"
        default: "\(seconds) s"
        }
    }

    // MARK: The list

    private var isDone: Bool { if case .done = sweep.session.state { true } else { false } }

    var sweepTitle: (text: String, trailing: String) {
        let parts = SweepScreen.Category.allCases.map { category in
            let word =
                switch category {
                case .remove: isDone ? "removed" : "to remove"
                case .spared: "spared"
                case .damaged: "damaged"
                }
            let text = "\(sweep.count(of: category)) \(word)"
            return category == sweep.category ? "[\(text)]" : text
        }
        let hasSummary = panes.contains { $0.pane == .sweepSummary }
        return (parts.joined(separator: " ") + filterNote, hasSummary ? "h l" : sweepStateInBrief)
    }

    /// What the summary says first, where there is no room for it.
    private var sweepStateInBrief: String {
        switch sweep.session.state {
        case .idle, .marking: "marking …"
        case .ready: sweep.session.isStale(at: generation) ? "▲ stale" : ""
        case .running(_, let progress, _): "\(progress.linesDone)/\(progress.lines)"
        case .done: "✔ swept"
        case .failed: "✖ failed"
        }
    }

    func drawSweepRows(isFocused: Bool, on canvas: inout Canvas) {
        let rows = sweep.list.rows
        guard !rows.isEmpty else { return drawNoSweepRows(on: &canvas) }
        // The reason matters more than the kind, which the size column tells too.
        let kindColumns = canvas.bounds.width < 60 ? 40 : 8
        let table = Table(
            columns: [
                .init("", minimum: 12, ideal: 12), .init("", minimum: 8, ideal: 8, alignment: .trailing),
                .init("", minimum: kindColumns, ideal: 8, dropPriority: 2),
                .init("", minimum: 16, ideal: 36, dropPriority: 1),
                .init("", minimum: 14, ideal: 20, isFlexible: true, dropPriority: 3),
            ], hasHeader: false, isFocused: isFocused)
        table.draw(on: &canvas, count: rows.count, state: sweep.list.state) { index in
            switch rows[index].content {
            case .line(let line):
                return Table.Row([
                    .text(line.digest.short), .text(Self.lineSize(line.kind, line.bytes), .garbage),
                    .text(line.kind.word, .dim), .text(line.reason.text), .text(Self.names(line.repositories), .dim),
                ])
            case .spared(let spared):
                return Table.Row([
                    .text(spared.digest.short), .text(Self.lineSize(spared.kind, spared.bytes), .protected),
                    .text(spared.kind.word, .dim), .text(spared.reason.text(now: now)),
                    .text(Self.names(spared.repositories), .dim),
                ])
            case .damage(let damage):
                return Table.Row([
                    .text("✖ damaged", .error), "", "", .text(damage.reason), .text(damage.path, .dim),
                ])
            }
        }
    }

    private func drawNoSweepRows(on canvas: inout Canvas) {
        if filter.isActive, !sweep.list.all.isEmpty {
            return drawEmpty("0 of \(sweep.list.all.count) match '\(filter.text)' · esc clears", on: &canvas)
        }
        switch (sweep.session.state, sweep.category) {
        case (.ready, .remove):
            let hint = sweep.session.options.untagged ? "everything is held." : "t asks for untagged manifests too."
            drawEmpty("✔ Nothing to remove: \(hint)", style: .ok, on: &canvas)
        case (.ready, .spared), (.done, .spared), (.running, .spared): drawEmpty("nothing is spared", on: &canvas)
        case (.ready, .damaged), (.done, .damaged), (.running, .damaged):
            drawEmpty("everything could be read", on: &canvas)
        case (.done, .remove): drawEmpty("nothing was removed", on: &canvas)
        case (.failed(let reason), _): drawEmpty("✖ \(reason)", style: .error, on: &canvas)
        case (.idle, _), (.marking, _), (.running, _): break
        }
    }

    /// A manifest's line removes a link: its bytes are a line of their own.
    private static func lineSize(_ kind: SweepPlan.Kind, _ bytes: Int64) -> String {
        kind == .revision ? "link" : ByteFormat.size(bytes)
    }

    private static func names(_ repositories: [RepositoryName]) -> String {
        guard let first = repositories.first else { return "no repository" }
        return repositories.count == 1 ? first.text : "\(first) and \(repositories.count - 1) more"
    }

    // MARK: Why

    /// The selected line in full, and why it goes or stays.
    func drawWhy(on canvas: inout Canvas) {
        guard let row = sweep.list.selected else { return }
        let width = max(1, canvas.bounds.width - 2)
        let (head, reason, repositories, written): (String, String, [RepositoryName], Date?) =
            switch row.content {
            case .line(let line):
                (
                    line.digest.description, "\(isDone ? "It went" : "It goes"): \(line.reason.text).",
                    line.repositories, line.written
                )
            case .spared(let spared):
                (spared.digest.description, "It stays: \(spared.reason.text(now: now)).", spared.repositories, nil)
            case .damage(let damage):
                (damage.path, "It cannot be read: \(damage.reason). What it may hold stays.", [], nil)
            }
        var lines = Self.words(reason, width: width).map { [Span($0)] }
        lines += Self.wrapped(head, width: width).map { [Span($0, .dim)] }
        if !repositories.isEmpty {
            lines.append([Span("in ", .dim), Span(repositories.map(\.text).joined(separator: ", "))])
        }
        if let written { lines.append([Span("written ", .dim), Span(times.stamp(written, now: now))]) }
        for (y, line) in lines.prefix(canvas.bounds.height).enumerated() { canvas.put(line, x: 1, y: y, width: width) }
    }

    /// A sentence over as many lines as it needs, broken at blanks.
    static func words(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if line.isEmpty {
                line = String(word)
            } else if line.columns + 1 + word.columns <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}

extension SweepPlan.Kind {
    /// The word for people.
    var word: String { self == .revision ? "manifest" : "blob" }
}
