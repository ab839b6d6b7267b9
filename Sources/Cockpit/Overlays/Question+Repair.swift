import Drawing
import Foundation
import RegistryCollector
import RegistryCore

extension Question {
    /// Whether to repair `findings`, which are all that `report` has of those that can be mended.
    static func repair(_ findings: [CheckFinding], of report: CheckReport, isFiltered: Bool, at now: Date) -> Question {
        let columns = findings.map(\.kind.rawValue.columns).max() ?? 0
        let digits = ByteFormat.count(findings.count).columns
        var lines: [[Span]] = CheckFinding.Kind.allCases.flatMap { kind in
            [CheckFinding.Repair.relink, .quarantine].compactMap { repair -> [Span]? in
                let count = findings.count { $0.kind == kind && $0.repair == repair }
                guard count > 0 else { return nil }
                return [
                    Span(ByteFormat.count(count).padded(to: digits, .trailing) + " "),
                    Span(kind.rawValue.padded(to: columns), .title),
                    Span(repair == .relink ? "  link written anew" : "  moved to the quarantine", .dim),
                ]
            }
        }
        lines.append([])
        lines.append([Span("Files move to berth/quarantine/ with their path; nothing is removed.")])
        lines.append([Span("Each is looked at once more; what has changed since is left as it is.", .dim)])
        let others = report.wrong - findings.count
        if others > 0 { lines.append([Span("\(ByteFormat.count(others)) more cannot be repaired.", .dim)]) }
        if isFiltered { lines.append([Span("▲ These are all, also those that the filter hides.", .warn)]) }
        let dialog = Dialog(
            "Repair \(Count.text(findings.count, "finding"))?", lines: lines,
            buttons: [.init("Cancel"), .init("Repair", key: "y")])
        return Question(subject: .repair(findings), dialog: dialog, opened: now)
    }
}
