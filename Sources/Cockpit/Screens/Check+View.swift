import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

extension Model {
    // MARK: The list

    var findingsTitle: (text: String, trailing: String) {
        let word = check.session.report == nil ? "damaged" : "findings"
        let hasSummary = panes.contains { $0.pane == .checkSummary }
        return ("\(word) \(ByteFormat.count(check.list.all.count))\(filterNote)", hasSummary ? "" : checkInBrief)
    }

    /// What the summary says first, where there is no room for it.
    private var checkInBrief: String {
        switch check.session.state {
        case .idle: "r or H checks"
        case .running(let run):
            if let fraction = run.fraction {
                "\(run.phase) of \(run.phases) · \(ByteFormat.percent(fraction))"
            } else {
                "\(run.phase) of \(run.phases) …"
            }
        case .done(let report, nil): report.isSound ? "✔ nothing wrong" : "✖ \(ByteFormat.count(report.wrong)) wrong"
        case .done(_, let repairs?): "✔ \(ByteFormat.count(repairs.repaired.count)) repaired"
        case .repairing: "repairing …"
        case .failed: "✖ failed"
        }
    }

    func drawFindings(isFocused: Bool, on canvas: inout Canvas) {
        let rows = check.list.rows
        guard !rows.isEmpty else { return drawNoFindings(on: &canvas) }
        let columns: [Table.Column] =
            check.session.report == nil
            ? [
                .init("", minimum: 1, ideal: 1), .init("", minimum: 14, ideal: 20, isFlexible: true),
                .init("", minimum: 18, ideal: 24, isFlexible: true, dropPriority: 1),
            ]
            : [
                .init("", minimum: 1, ideal: 1), .init("", minimum: 12, ideal: 19, dropPriority: 1),
                .init("", minimum: 14, ideal: 20, isFlexible: true),
                .init("", minimum: 24, ideal: 32, isFlexible: true, dropPriority: 3),
                .init("", minimum: 10, ideal: 10, dropPriority: 2),
            ]
        let table = Table(columns: columns, hasHeader: false, isFocused: isFocused)
        table.draw(on: &canvas, count: rows.count, state: check.list.state) { Table.Row(rows[$0].items) }
    }

    private func drawNoFindings(on canvas: inout Canvas) {
        if filter.isActive, !check.list.all.isEmpty {
            return drawEmpty("0 of \(check.list.all.count) match '\(filter.text)' · esc clears", on: &canvas)
        }
        switch check.session.state {
        case .failed(let reason, nil): drawEmpty("✖ \(reason)", style: .error, on: &canvas)
        case .done(let report, _), .repairing(let report), .failed(_, let report?):
            let what = report.isPartial ? "nothing is wrong with what was looked at" : "nothing is wrong"
            drawEmpty("✔ \(what)", style: .ok, on: &canvas)
        case .idle, .running:
            guard !drawAbsence(of: check.damage, hidden: 0, on: &canvas) else { return }
            let isIdle = check.session.state == .idle
            drawEmpty(isIdle ? "r checks links, H every byte too" : "nothing is known to be damaged", on: &canvas)
        }
    }

    // MARK: Why

    /// The selected place in full: what is wrong, and what can be done.
    func drawFinding(on canvas: inout Canvas) {
        guard let row = check.list.selected else { return }
        let width = max(1, canvas.bounds.width - 2)
        // A digest may be longer than a line.
        var lines = Self.words(row.sentence, width: width).flatMap { Self.wrapped($0, width: width) }.map { [Span($0)] }
        lines += Self.wrapped(row.path, width: width).map { [Span($0, .dim)] }
        if case .finding(let finding, _) = row.content {
            // Most paths say it already.
            if let digest = finding.digest, !row.path.contains(digest.hex) {
                lines += Self.wrapped(digest.description, width: width).map { [Span($0, .dim)] }
            }
            if finding.users.count > 1 {
                lines += Self.wrapped("in \(finding.users.joined(separator: ", "))", width: width).map { [Span($0)] }
            } else if finding.owner != nil {
                lines.append([Span("in ", .dim), Span(row.place)])
            }
        }
        for (y, line) in lines.prefix(canvas.bounds.height).enumerated() { canvas.put(line, x: 1, y: y, width: width) }
    }
}

extension CheckRow {
    /// Repository and tag, else the blob, else the path below distribution's root.
    fileprivate var place: String {
        guard case .finding(let finding, _) = content else { return Self.short(path) }
        if let user = finding.users.first { return user }
        if let owner = finding.owner { return owner }
        return finding.digest.map { "blob \($0.short)" } ?? Self.short(path)
    }

    /// What all paths begin with says nothing.
    private static func short(_ path: String) -> String {
        for root in ["docker/registry/v2/repositories/", "docker/registry/v2/"] where path.hasPrefix(root) {
            return String(path.dropFirst(root.count))
        }
        return path
    }

    /// Sign, place and reason; of a finding also its kind, and what a repair would do or has done.
    fileprivate var items: [Table.Item] {
        switch content {
        case .damage(let damage): [.text("✖", .error), .text(place), .text(damage.reason)]
        case .finding(let finding, .repaired): items("✔", .ok, finding, finding.reason, "repaired")
        case .finding(let finding, .left(let reason)): items("✖", .error, finding, reason, "left")
        case .finding(let finding, nil):
            if let repair = finding.repair {
                items("▲", .warn, finding, finding.reason, repair.rawValue)
            } else {
                items("✖", .error, finding, finding.reason, "no repair")
            }
        }
    }

    private func items(
        _ sign: String, _ style: Style, _ finding: CheckFinding, _ reason: String, _ end: String
    ) -> [Table.Item] {
        [.text(sign, style), .text(finding.kind.rawValue, style), .text(place), .text(reason), .text(end, .dim)]
    }

    fileprivate var sentence: String {
        switch content {
        case .damage(let damage):
            "\(damage.reason.sentence) It is served as absent; a check says whether it can be mended."
        case .finding(let finding, .repaired): "\(finding.reason.sentence) Repaired."
        case .finding(let finding, .left(let reason)): "\(finding.reason.sentence) Not repaired: \(reason)."
        case .finding(let finding, nil): "\(finding.reason.sentence) \(finding.advice)"
        }
    }
}

extension CheckFinding {
    /// What a repair would do, or who can help where it would have to guess.
    fileprivate var advice: String {
        if let repair { return "A repair \(repair.text)." }
        return kind == .foreignPlace
            ? "Look at it: a repair would guess." : "Push it again, or look at it: a repair would guess."
    }
}

extension String {
    /// With a capital letter and a full stop.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() + "." }
}
