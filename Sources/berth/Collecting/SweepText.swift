import Drawing
import Foundation
import OCI
import RegistryControl
import RegistryCollector
import RegistryCore

/// Plans and reports of sweeps as text for people.
enum SweepText {
    private static let kinds: [(SweepPlan.Kind, String)] = [
        (.tag, "tags"), (.revision, "manifests"), (.layerLink, "links to layers"), (.blob, "blobs"),
        (.upload, "uploads"), (.repository, "empty repositories"),
    ]

    static func text(_ plan: PlanAnswer) -> String {
        var text = summary(plan) + "\n"
        text += groups(plan.lines)
        if plan.spared.count > 0 {
            text += "\nspared for now, \(ByteFormat.size(plan.head?.totals.bytesSpared ?? 0))\n"
            text += groups(plan.spared)
        }
        if plan.damagedCount > 0 { text += "\ncannot be read; what it may reference is spared\n" }
        for damage in plan.damaged { text += "  \(damage.path.printable)  \(damage.reason.printable)\n" }
        text += more(plan.damagedCount - plan.damaged.count)
        guard plan.head?.totals.isPart == true else { return text }
        return text + "\nnot everything has room in one plan; sweep these, then look again for the rest\n"
    }

    static func summary(_ plan: PlanAnswer) -> String {
        guard let totals = plan.head?.totals, plan.lines.count > 0 else { return "nothing to remove" }
        let counts = kinds.compactMap { kind, name -> String? in
            plan.lines.counts[kind].map { "\(ByteFormat.count($0)) \(name)" }
        }
        var text = "\(ByteFormat.size(totals.bytesRemovable)) in \(counts.joined(separator: ", "))"
        if totals.bytesShared > 0 { text += "; \(ByteFormat.size(totals.bytesShared)) that others need too stay" }
        return text
    }

    private static func groups(_ lines: LineGroups) -> String {
        var text = ""
        for (kind, name) in kinds {
            guard let rows = lines.rows[kind], let count = lines.counts[kind] else { continue }
            text += "\n\(name)\n"
            for row in rows { text += line(row) }
            text += more(count - rows.count)
        }
        return text
    }

    /// How many lines are not written out; nothing where all are.
    static func more(_ count: Int) -> String { count > 0 ? "  and \(ByteFormat.count(count)) more\n" : "" }

    private static func line(_ row: LineGroups.Row) -> String {
        let size = row.bytes > 0 ? ByteFormat.size(row.bytes) : ""
        let padded = String(repeating: " ", count: max(0, 8 - size.count)) + size
        var text = "  \(padded)  \(row.item.shortName.printable)"
        if row.item.kind == .blob, let first = row.repositories.first {
            text += "  \(first.text.printable)" + (row.repositories.count > 1 ? " +\(row.repositories.count - 1)" : "")
        }
        return text + "  \(row.reason.printable)\n"
    }

    // MARK: What was done

    static func text(_ report: SweepAnswer) -> String {
        let summary = report.summary
        let all = summary.linesRemoved + summary.linesSpared
        var text = "removed \(ByteFormat.count(summary.linesRemoved)) of \(ByteFormat.count(all))"
        if summary.bytesFreed > 0 { text += ", \(ByteFormat.size(summary.bytesFreed)) freed" }
        if let purged = summary.purged {
            text +=
                ", \(ByteFormat.size(summary.bytesQuarantined)) in the quarantine until \(purged.formatted(.iso8601))"
        }
        text += " in \(ByteFormat.duration(.seconds(summary.seconds)))\n"
        for spared in report.spared {
            text += "  stays  \(spared.item.shortName.printable)  \(spared.reason.text(now: Date()).printable)\n"
        }
        text += more(summary.linesSpared - report.spared.count)
        if let broken = summary.broken { text += "not done to its end: \(broken.printable); --resume goes on\n" }
        if summary.purged != nil { text += "'berth gc --undo \(summary.run.short)' brings it back\n" }
        return text
    }

    /// One run of the quarantine.
    static func text(
        _ run: QuarantinedRun, _ lines: [SweepPlan.Line], _ tail: QuarantinedTail
    ) -> String {
        var text = "\(run.id.short)  \(run.started.formatted(.iso8601))  \(run.state.word)  "
        if let problem = run.state.problem ?? tail.problem {
            text += "\(problem.printable)\n"
            text += "  what it took stays in berth/trash/\(run.id.uuidString.lowercased()); "
            return text + "a later version may bring it back, 'berth gc --purge \(run.id.short)' frees it for good\n"
        }
        text += "by \(run.by.printable)  "
        text += "\(ByteFormat.count(tail.linesHeld)) of \(ByteFormat.count(run.linesPlanned)), "
        text += ByteFormat.size(tail.bytes)
        if let purged = run.purged { text += "  until \(purged.formatted(.iso8601))" }
        if run.purged == nil, run.state == .interrupted {
            text += "  until --resume goes on with it, --undo brings it back or --purge frees it"
        }
        text += "\n"
        for line in lines { text += "  \(line.item.name.printable)\n" }
        return text + more(tail.linesHeld - lines.count)
    }

    static func text(_ undo: UndoAnswer) -> String {
        var text = "\(ByteFormat.count(undo.summary.linesRestored)) are back\n"
        for kept in undo.kept {
            text += "  stays  \(kept.item.name.printable)  \(kept.reason.text(now: Date()).printable)\n"
        }
        return text + more(undo.summary.linesKept - undo.kept.count)
    }

    static func text(_ reclaim: Reclaim) -> String {
        var text =
            "\(ByteFormat.size(reclaim.bytesFreed)) would come back: \(ByteFormat.count(reclaim.tags)) tags, "
            + "\(ByteFormat.count(reclaim.manifests)) manifests, \(ByteFormat.count(reclaim.blobs)) blobs\n"
        if reclaim.bytesSpared > 0 { text += "\(ByteFormat.size(reclaim.bytesSpared)) are spared for now\n" }
        guard reclaim.bytesShared > 0 else { return text }
        text += "\(ByteFormat.size(reclaim.bytesShared)) are shared and stay"
        text += reclaim.sharers.isEmpty ? "\n" : ", for\n"
        for sharer in reclaim.sharers {
            text += "  \(ByteFormat.size(sharer.bytes))  \(sharer.repository):\(sharer.tag)\n"
        }
        if reclaim.sharersMore > 0 { text += "  and \(ByteFormat.count(reclaim.sharersMore)) more\n" }
        return text
    }
}

extension UUID {
    /// As much of it as tells the runs of a registry apart.
    var short: String { String(uuidString.lowercased().prefix(8)) }
}

extension SweepPlan.Item {
    /// The thing as it is named on a command line: `repository:tag`, `repository@digest`, a digest, a repository, or a
    /// repository with an upload.
    var name: String { name { $0.description } }

    /// The same with digests cut to what tells them apart.
    var shortName: String { name { $0.short } }

    private func name(_ text: (Digest) -> String) -> String {
        switch self {
        case .tag(let tag, let place): "\(place):\(tag)"
        case .revision(let digest, let place), .layerLink(let digest, let place): "\(place)@\(text(digest))"
        case .blob(let digest): text(digest)
        case .upload(let id, let place): "\(place)/\(id)"
        case .repository(let place): place.text
        }
    }
}

extension ControlPart {
    /// What a line is about. The rest of it is not looked at.
    var item: SweepPlan.Item {
        get throws(ControlError) {
            struct Line: Decodable { var item: SweepPlan.Item }
            return try decoded(Line.self).item
        }
    }
}
