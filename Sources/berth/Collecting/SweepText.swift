import Drawing
import Foundation
import RegistryCore
import RegistryHTTP

/// Plans and reports of sweeps as text for people.
enum SweepText {
    /// Lines of one kind that are written out; the rest is counted. `--json` has all of them.
    private static let linesMax = 200

    private static let kinds = [
        ("tag", "tags"), ("revision", "manifests"), ("layerLink", "links to layers"), ("blob", "blobs"),
        ("upload", "uploads"), ("repository", "empty repositories"),
    ]

    static func text(_ plan: SweepDocument) -> String {
        var text = summary(plan) + "\n"
        text += groups(plan.lines.map { ($0.item, $0.bytes, $0.repositories, $0.explanation) })
        if !plan.spared.isEmpty {
            text += "\nspared for now, \(ByteFormat.size(plan.totals.bytesSpared))\n"
            text += groups(plan.spared.map { ($0.item, $0.bytes, $0.repositories, $0.reason.text) })
        }
        if !plan.damaged.isEmpty { text += "\ncannot be read; what it may reference is spared\n" }
        for damage in plan.damaged { text += "  \(damage.path.printable)  \(damage.reason.printable)\n" }
        return text
    }

    static func summary(_ plan: SweepDocument) -> String {
        guard !plan.lines.isEmpty else { return "nothing to remove" }
        let counts = kinds.compactMap { kind, name -> String? in
            let count = plan.lines.count { $0.item.kind == kind }
            return count == 0 ? nil : "\(ByteFormat.count(count)) \(name)"
        }
        var text = "\(ByteFormat.size(plan.totals.bytesRemovable)) in \(counts.joined(separator: ", "))"
        if plan.totals.bytesShared > 0 {
            text += "; \(ByteFormat.size(plan.totals.bytesShared)) that others need too stay"
        }
        return text
    }

    private typealias Row = (item: SweepDocument.Item, bytes: Int64, repositories: [String], reason: String)

    private static func groups(_ rows: [Row]) -> String {
        var text = ""
        for (kind, name) in kinds {
            let group = rows.filter { $0.item.kind == kind }
            guard !group.isEmpty else { continue }
            text += "\n\(name)\n"
            for row in group.prefix(linesMax) { text += line(row) }
            if group.count > linesMax { text += "  and \(ByteFormat.count(group.count - linesMax)) more\n" }
        }
        return text
    }

    private static func line(_ row: Row) -> String {
        let size = row.bytes > 0 ? ByteFormat.size(row.bytes) : ""
        let padded = String(repeating: " ", count: max(0, 8 - size.count)) + size
        var text = "  \(padded)  \(row.item.short.printable)"
        if row.item.kind == "blob", let first = row.repositories.first {
            text += "  \(first.printable)" + (row.repositories.count > 1 ? " +\(row.repositories.count - 1)" : "")
        }
        return text + "  \(row.reason.printable)\n"
    }

    // MARK: What was done

    static func text(_ report: SweepReportDocument) -> String {
        let all = report.removed.count + report.spared.count
        var text = "removed \(ByteFormat.count(report.removed.count)) of \(ByteFormat.count(all))"
        if report.bytesFreed > 0 { text += ", \(ByteFormat.size(report.bytesFreed)) freed" }
        if let purged = report.purged {
            text +=
                ", \(ByteFormat.size(report.bytesQuarantined)) in the quarantine until \(purged.formatted(.iso8601))"
        }
        text += " in \(ByteFormat.duration(.seconds(report.seconds)))\n"
        for spared in report.spared {
            text += "  stays  \(spared.item.short.printable)  \(spared.reason.text.printable)\n"
        }
        if report.purged != nil { text += "'berth gc --undo \(report.plan.short)' brings it back\n" }
        return text
    }

    static func text(_ runs: [QuarantinedRunDocument]) -> String {
        guard !runs.isEmpty else { return "the quarantine is empty\n" }
        return runs.map { run in
            var text = "\(run.run.short)  \(run.started.formatted(.iso8601))  \(run.state)  by \(run.by.printable)  "
            text += "\(ByteFormat.count(run.lines.count)) of \(ByteFormat.count(run.linesPlanned)), "
            text += ByteFormat.size(run.bytes)
            if let purged = run.purged { text += "  until \(purged.formatted(.iso8601))" }
            text += "\n"
            for line in run.lines.prefix(linesMax) { text += "  \(line.item.name.printable)\n" }
            if run.lines.count > linesMax { text += "  and \(ByteFormat.count(run.lines.count - linesMax)) more\n" }
            return text
        }.joined()
    }

    static func text(_ undo: UndoDocument) -> String {
        var text = "\(ByteFormat.count(undo.restored.count)) are back\n"
        for kept in undo.kept { text += "  stays  \(kept.item.name.printable)  \(kept.reason.text.printable)\n" }
        return text
    }

    static func text(_ reclaim: ReclaimDocument) -> String {
        var text =
            "\(ByteFormat.size(reclaim.bytesFreed)) would come back: \(ByteFormat.count(reclaim.tags)) tags, "
            + "\(ByteFormat.count(reclaim.manifests)) manifests, \(ByteFormat.count(reclaim.blobs)) blobs\n"
        if reclaim.bytesSpared > 0 { text += "\(ByteFormat.size(reclaim.bytesSpared)) are spared for now\n" }
        guard reclaim.bytesShared > 0 else { return text }
        text += "\(ByteFormat.size(reclaim.bytesShared)) are shared and stay"
        text += reclaim.sharers.isEmpty ? "\n" : ", for\n"
        for sharer in reclaim.sharers {
            text += "  \(ByteFormat.size(sharer.bytes))  \(sharer.repository.printable):\(sharer.tag.printable)\n"
        }
        if reclaim.sharersMore > 0 { text += "  and \(ByteFormat.count(reclaim.sharersMore)) more\n" }
        return text
    }
}

extension UUID {
    /// As much of it as tells the runs of a registry apart.
    var short: String { String(uuidString.lowercased().prefix(8)) }
}

extension SweepDocument.Item {
    /// The thing as it is named on a command line: `repository:tag`, `repository@digest`, a digest, a repository, or a
    /// repository with an upload.
    var name: String {
        let place = repository ?? ""
        if let tag { return "\(place):\(tag)" }
        if let digest { return repository == nil ? digest : "\(place)@\(digest)" }
        if let upload { return "\(place)/\(upload)" }
        return place
    }

    /// The same with digests cut to what tells them apart.
    var short: String {
        guard let digest else { return name }
        let hex = digest.split(separator: ":").last.map { String($0.prefix(12)) } ?? digest
        return repository.map { "\($0)@\(hex)" } ?? hex
    }
}

extension SweepDocument.Line {
    /// Why it goes, with what held it last.
    fileprivate var explanation: String {
        guard let lastTag else { return reason.text }
        let how = lastTag.how.replacing("_", with: " ")
        return "\(reason.text); last \(lastTag.repository):\(lastTag.tag), \(how) \(lastTag.until.formatted(.iso8601))"
            + (lastTag.by.isEmpty ? "" : " by \(lastTag.by)")
    }
}
