import Foundation
import RegistryControl
import RegistryCollector
import RegistryCore

/// What a run answered: what stays, and the numbers. All of it is in the spool where it is to be printed as JSON.
final class SweepAnswer {
    /// What stays, the first of it.
    private(set) var spared: [SweepPlan.Spared] = []
    private(set) var end: SweepSummary?
    private let spool: Spool?

    init(json: Bool) { spool = json ? Spool() : nil }

    func take(_ part: ControlPart) throws {
        switch part.kind {
        case .line: try spool?.append(part)
        case .spared:
            if spared.count < LineGroups.rowsMax { spared.append(try part.decoded()) }
            try spool?.append(part)
        case .end: end = try part.decoded()
        case .head, .damaged, .progress, .tail, .error: break
        }
    }

    var summary: SweepSummary { end ?? SweepSummary(run: UUID()) }

    /// Something that should have gone is there still, and not because something needs it.
    var hasFailures: Bool { summary.linesFailed > 0 || summary.broken != nil }

    func print() throws {
        guard let spool else { return Output.write(SweepText.text(self), terminator: "") }
        try Output.print(
            fields: try CollectorJSON.line(summary), lists: [("removed", .line), ("spared", .spared)], of: spool)
    }
}

/// What an undo answered.
final class UndoAnswer {
    /// What stays in the quarantine, the first of it.
    private(set) var kept: [SweepPlan.Spared] = []
    private(set) var summary = UndoSummary(run: UUID())
    private let spool: Spool?

    init(json: Bool) { spool = json ? Spool() : nil }

    func take(_ part: ControlPart) throws {
        switch part.kind {
        case .line: try spool?.append(part)
        case .spared:
            if kept.count < LineGroups.rowsMax { kept.append(try part.decoded()) }
            try spool?.append(part)
        case .end: summary = try part.decoded()
        case .head, .damaged, .progress, .tail, .error: break
        }
    }

    func print() throws {
        guard let spool else { return Output.write(SweepText.text(self), terminator: "") }
        try Output.print(
            fields: try CollectorJSON.line(summary), lists: [("restored", .line), ("kept", .spared)], of: spool)
    }
}

/// What is in the quarantine, run by run, printed when the answer is whole.
final class RunsAnswer {
    private let spool = Spool()
    private(set) var count = 0

    func take(_ part: ControlPart) throws {
        if part.kind == .head { count += 1 }
        if part.kind != .end { try spool.append(part) }
    }

    func print(json: Bool) throws { if json { try printJSON() } else { try printText() } }

    private func printText() throws {
        if count == 0 { return Output.write("the quarantine is empty") }
        var head: QuarantinedRun?
        var lines: [SweepPlan.Line] = []
        try spool.forEach([.head, .line, .tail]) { part in
            switch part.kind {
            case .head: (head, lines) = (try part.decoded(), [])
            case .line: if lines.count < LineGroups.rowsMax { lines.append(try part.decoded()) }
            default:
                if let head { Output.write(SweepText.text(head, lines, try part.decoded()), terminator: "") }
            }
        }
    }

    private func printJSON() throws {
        var runs = 0
        var isFirst = true
        Output.write("[", terminator: "")
        try spool.forEach([.head, .line, .tail]) { part in
            switch part.kind {
            case .head:
                Output.write("\(runs > 0 ? "," : "")\n{\(Output.inner(part.json)),\"lines\":[", terminator: "")
                runs += 1
                isFirst = true
            case .line:
                Output.write("\(isFirst ? "" : ",")\n\(String(decoding: part.json, as: UTF8.self))", terminator: "")
                isFirst = false
            default: Output.write("],\(Output.inner(part.json))}", terminator: "")
            }
        }
        Output.write("\(runs > 0 ? "\n" : "")]")
    }
}
