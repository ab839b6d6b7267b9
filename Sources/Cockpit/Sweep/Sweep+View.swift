import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// The list: what goes, what stays, what cannot be read, what can come back.
extension Model {
    var sweepTitle: (text: String, trailing: String) {
        let list = panes.first { $0.pane == .sweepRows }
        let hasSummary = panes.contains { $0.pane == .sweepSummary }
        let whole = sweepTabs(isShort: false) + filterNote
        // Three corners and blanks at either end; every list is named, if need be by the beginning of its word.
        let isShort = list.map { whole.columns + Self.titleColumns > $0.frame.width } ?? false
        return (isShort ? sweepTabs(isShort: true) + filterNote : whole, hasSummary ? "h l" : sweepStateInBrief)
    }

    /// Columns of a pane's border that its title leaves to the corners.
    private static let titleColumns = 6

    private func sweepTabs(isShort: Bool) -> String {
        sweep.categories.map { category in
            let word =
                switch category {
                case .remove: sweep.session.report == nil ? "remove" : "removed"
                case .spared, .damaged, .quarantine: "\(category)"
                }
            let count = ByteFormat.count(sweep.count(of: category))
            return category == sweep.category
                ? "[\(word) \(count)]" : "\(isShort ? String(word.prefix(3)) : word) \(count)"
        }.joined(separator: " ")
    }

    func drawSweepRows(isFocused: Bool, on canvas: inout Canvas) {
        let rows = sweep.list.rows
        guard !rows.isEmpty else { return drawNoSweepRows(on: &canvas) }
        let table = sweepTable(width: canvas.bounds.width, isFocused: isFocused)
        let isPreview = isSweepPreview
        table.draw(on: &canvas, count: rows.count, state: sweep.list.state) { index in
            let items = items(of: rows[index])
            guard isPreview, case .line(_, let isKept) = rows[index].content else { return Table.Row(items) }
            return Table.Row([.text(isKept ? "[ ]" : "[x]", isKept ? .dim : .mark)] + items)
        }
    }

    /// Whether the list shows lines that can be taken out of the plan.
    private var isSweepPreview: Bool {
        sweep.category == .remove && sweep.session.report == nil && !sweep.session.isRunning
    }

    /// Columns: in a preview whether it goes; what it is, which one, its bytes, why, where.
    private func sweepTable(width: Int, isFocused: Bool) -> Table {
        let item = min(sweep.itemColumns, max(12, width / 3))
        let kind = sweep.category == .quarantine ? 10 : 8
        let mark: [Table.Column] = isSweepPreview ? [.init("", minimum: 3, ideal: 3)] : []
        return Table(
            columns: mark + [
                .init("", minimum: kind, ideal: kind, dropPriority: 1),
                .init("", minimum: 12, ideal: item, isCutInMiddle: true),
                .init("", minimum: 8, ideal: 8, alignment: .trailing),
                .init("", minimum: 10, ideal: 40, isFlexible: true, dropPriority: 2),
                .init("", minimum: 14, ideal: 20, isFlexible: true, dropPriority: 3),
            ], hasHeader: false, isFocused: isFocused)
    }

    private func items(of row: SweepRow) -> [Table.Item] {
        switch row.content {
        case .line(let line, let isKept): return Self.items(of: line, isKept ? .dim : .garbage)
        case .quarantined(let line, _): return Self.items(of: line, .protected, indent: "  ")
        case .spared(let spared):
            return [
                .text(spared.item.word(spared.mediaType), .dim), .text(spared.item.short),
                .text(Self.size(spared.kind, spared.bytes), .protected), .text(spared.reason.text(now: now)),
                .text(Self.names(spared.repositories), .dim),
            ]
        case .damage(let damage):
            return [.text("✖ damage", .error), .text(damage.path), "", .text(damage.reason), ""]
        case .run(let run):
            let fold = sweep.unfolded.contains(run.id) ? "-" : "+"
            return [
                .text("\(fold) run", .title), .text(times.stamp(run.started, now: now)),
                .text(ByteFormat.size(run.bytes), .protected), .spans(runSpans(run)), .text("by \(run.by)", .dim),
            ]
        }
    }

    private static func items(of line: SweepPlan.Line, _ style: Style, indent: String = "") -> [Table.Item] {
        [
            .text(indent + line.item.word(line.mediaType), .dim), .text(line.item.short),
            .text(size(line.kind, line.bytes), style), .text(line.reason.text), .text(names(line.repositories), .dim),
        ]
    }

    private func runSpans(_ run: QuarantinedRun) -> [Span] {
        let lines = Span(Count.text(run.linesHeld, "line"))
        switch run.state {
        case .finished: return [Span(run.purged.map { "→ \(times.stamp($0, now: now)), " } ?? "", .dim), lines]
        case .interrupted: return [Span("▲ interrupted, ", .warn), lines]
        case .running: return [Span("◆ running, ", .garbage), lines]
        case .unreadable: return [Span("▲ its record cannot be understood", .warn)]
        }
    }

    private func drawNoSweepRows(on canvas: inout Canvas) {
        if filter.isActive, !sweep.list.all.isEmpty {
            return drawEmpty("0 of \(sweep.list.all.count) match '\(filter.text)' · esc clears", on: &canvas)
        }
        switch (sweep.session.state, sweep.category) {
        case (_, .quarantine): drawNoRuns(on: &canvas)
        case (.ready, .remove):
            drawNothingToRemove(on: &canvas)
        case (.ready, .spared), (.done, .spared), (.running, .spared): drawEmpty("nothing is spared", on: &canvas)
        case (.ready, .damaged), (.done, .damaged), (.running, .damaged):
            drawEmpty("everything could be read", on: &canvas)
        case (.done, .remove): drawEmpty("nothing was removed", on: &canvas)
        case (.failed(let reason), _): drawEmpty("✖ \(reason)", style: .error, on: &canvas)
        case (.idle, _) where !isReconciled && isOutOfRoom:
            drawEmpty(
                "The disk is full: the index cannot be written, and without it nothing can go. Free a megabyte outside "
                    + "of berth; or quit and start it again, then the index is in memory and a sweep works.",
                style: .error, on: &canvas)
        case (.idle, _) where !isReconciled:
            let part = indexParts[0]
            drawEmpty(
                "The preview waits until the index is up to the tree\(part.isEmpty ? "" : ":\(part)"). It begins by itself.",
                on: &canvas)
        case (.idle, _), (.marking, _), (.running, _): break
        }
    }

    /// How much is held and until when; nil where nothing is.
    private func heldText(_ held: SweepHeld) -> String? {
        guard let first = held.first, let last = held.last else { return nil }
        let until = first == last ? "until" : "from \(times.stamp(first, now: now)) until"
        let count = "\(Count.text(held.lines, "line")), \(ByteFormat.size(held.bytes))"
        return "\(count), \(until) \(times.stamp(last, now: now))"
    }

    /// Why nothing would go: what the grace holds back, and until when, and which keys ask for more.
    private func drawNothingToRemove(on canvas: inout Canvas) {
        let width = max(1, canvas.bounds.width - 2)
        let options = sweep.session.options
        var lines = Self.words("✔ Nothing to remove now.", width: width).map { Span($0, .ok) }
        let spared = sweep.session.plan?.spared ?? []
        let (held, uploads) = (SweepHeld(spared, by: .grace), SweepHeld(spared, by: .uploads))
        if let text = heldText(held) {
            let grace = "The grace of \(Self.timeText(options.graceSeconds))"
            lines += Self.words("\(grace) holds back \(text); - shortens it, l lists them.", width: width).map {
                Span($0)
            }
        }
        if let text = heldText(uploads) {
            let note = "Clients may go on with uploads: \(text); u takes them earlier, l lists them."
            lines += Self.words(note, width: width).map { Span($0) }
        }
        if !options.untagged {
            lines += Self.words("t asks for untagged manifests too.", width: width).map { Span($0) }
        }
        if held.lines == 0, uploads.lines == 0, options.untagged {
            lines += Self.words("Tags hold everything: d on a tag (2) deletes it.", width: width).map { Span($0) }
        }
        if options.uploadSeconds == nil {
            lines += Self.words("u asks for uploads that nobody goes on with.", width: width).map { Span($0, .dim) }
        }
        let top = canvas.bounds.height > lines.count + 1 ? 1 : 0
        for (y, line) in lines.enumerated() { canvas.put([line], x: 1, y: top + y, width: width) }
    }

    private func drawNoRuns(on canvas: inout Canvas) {
        if let failure = sweep.quarantine.failure {
            drawEmpty("✖ \(failure)", style: .error, on: &canvas)
        } else if sweep.quarantine.value != nil {
            drawEmpty("Nothing is in the quarantine.", on: &canvas)
        } else if sweep.quarantine.isSlow(at: now) {
            drawEmpty("reading …", on: &canvas)
        }
    }

    /// A manifest's line removes a link: its bytes are a line of their own. A tag and a repository have none either.
    private static func size(_ kind: SweepPlan.Kind, _ bytes: Int64) -> String {
        switch kind {
        case .revision, .layerLink: "link"
        case .tag, .repository: ""
        case .blob, .upload: ByteFormat.size(bytes)
        }
    }

    private static func names(_ repositories: [RepositoryName]) -> String {
        guard let first = repositories.first else { return "no repository" }
        return repositories.count == 1 ? first.text : "\(first) and \(repositories.count - 1) more"
    }
}
