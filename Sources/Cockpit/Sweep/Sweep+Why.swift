import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// The pane below the list: the selected row in full, and why it goes, stays or can come back.
extension Model {
    func drawWhy(on canvas: inout Canvas) {
        guard let row = sweep.list.selected else { return }
        let width = max(1, canvas.bounds.width - 2)
        for (y, line) in whyLines(row, width: width).prefix(canvas.bounds.height).enumerated() {
            canvas.put(line, x: 1, y: y, width: width)
        }
    }

    private func whyLines(_ row: SweepRow, width: Int) -> [[Span]] {
        func sentence(_ text: String, _ style: Style = .text) -> [[Span]] {
            Self.brokenWords(text, width: width).map { [Span($0, style)] }
        }
        func name(_ item: SweepPlan.Item) -> [[Span]] {
            Self.wrapped(item.text, width: width).map { [Span($0, .dim)] }
        }
        switch row.content {
        case .line(let line, isKept: true):
            return sentence("You keep it. What only it needs is spared when its turn comes.", .mark)
                + facts(of: line, width: width) + name(line.item)
        case .line(let line, isKept: false):
            let word = sweep.session.report == nil ? "It goes" : "It went"
            return sentence("\(word): \(line.reason.text).") + facts(of: line, width: width) + name(line.item)
        case .quarantined(let line, let run):
            return sentence("It went: \(line.reason.text).") + facts(of: line, width: width)
                + sentence(untilText(run), .dim) + name(line.item)
        case .spared(let spared):
            return sentence("It stays: \(spared.reason.text(now: now)).") + until(spared.reason)
                + places(spared.repositories) + name(spared.item)
        case .damage(let damage):
            return sentence("It cannot be read: \(damage.reason). What it may hold stays.")
                + Self.wrapped(damage.path, width: width).map { [Span($0, .dim)] }
        case .run(let run):
            if case .unreadable(let reason) = run.state {
                return sentence("Nobody knows what it took: \(reason).")
                    + sentence("All of it stays until you free it.", .dim) + [
                        [Span(run.id.uuidString.lowercased(), .dim)]
                    ]
            }
            let parts = SweepPlan.Kind.allCases.compactMap { kind -> String? in
                let count = run.lines.count { $0.kind == kind }
                return count > 0 ? Count.text(count, kind.words.one, kind.words.many) : nil
            }
            return sentence(
                "\(run.state.word) run of \(Count.text(run.linesPlanned, "line")) by \(run.by).".capitalizedStart)
                + sentence(parts.isEmpty ? "Nothing of it is left." : parts.joined(separator: ", ") + " can come back.")
                + sentence(untilText(run), .dim) + [[Span(run.id.uuidString.lowercased(), .dim)]]
        }
    }

    /// Where it was, since when nothing holds it, and which tag did last.
    private func facts(of line: SweepPlan.Line, width: Int) -> [[Span]] {
        var lines: [[Span]] = []
        if let last = line.lastTag {
            let tag = "\(last.repository):\(last.tag)"
            let end = "\(last.how.text) \(times.stamp(last.until, now: now)) by \(last.by)"
            let isShort = tag.columns + end.columns + 11 <= width
            lines.append([Span("last tag ", .dim), Span(tag, .title)] + (isShort ? [Span(", \(end)")] : []))
            if !isShort { lines.append([Span("  \(end)")]) }
        }
        if let target = line.target { lines.append([Span("points at ", .dim), Span(target.description)]) }
        if let since = line.since {
            let word =
                switch line.kind {
                case .upload: "last written to "
                case .tag: "set "
                default: "since "
                }
            lines.append([Span(word, .dim), Span(times.stamp(since, now: now))])
        }
        return lines + places(line.repositories)
    }

    private func places(_ repositories: [RepositoryName]) -> [[Span]] {
        repositories.isEmpty ? [] : [[Span("in ", .dim), Span(repositories.map(\.text).joined(separator: ", "))]]
    }

    private func until(_ reason: SweepPlan.SpareReason) -> [[Span]] {
        switch reason {
        case .leased(let until), .mayContinue(let until): [[Span("until ", .dim), Span(times.stamp(until, now: now))]]
        case .pushInFlight, .mayBeReferenced, .cameAlive, .alreadyGone, .stopped, .failed: []
        }
    }

    private func untilText(_ run: QuarantinedRun) -> String {
        switch run.state {
        case .running: "The run goes on."
        case .finished, .interrupted: run.purged.map { "Freed for good \(times.stamp($0, now: now))." } ?? ""
        case .unreadable: ""
        }
    }
}

extension String {
    /// The same with a capital at its start.
    fileprivate var capitalizedStart: String { prefix(1).uppercased() + dropFirst() }
}
