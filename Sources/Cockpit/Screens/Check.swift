import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// Check and repair; before the first check, what the comparison of the index with the tree could not read.
struct CheckScreen: Sendable {
    var session = CheckSession()
    var damage = Loaded<[SweepPlan.Damage]>()
    var list = RowList<CheckRow>()

    mutating func arrange(filter: Filter) { list.arrange(rows, filter: filter) }

    private var rows: [CheckRow] {
        guard let report = session.report else {
            return (damage.value ?? []).enumerated().map { CheckRow(id: $0.offset, content: .damage($0.element)) }
        }
        let repaired = Set(session.repairs?.repaired ?? [])
        let left = Dictionary((session.repairs?.left ?? []).map { ($0.finding, $0.reason) }) { first, _ in first }
        return report.findings.enumerated().map { index, finding in
            let outcome: CheckRow.Outcome? =
                repaired.contains(finding) ? .repaired : left[finding].map { .left(reason: $0) }
            return CheckRow(id: index, content: .finding(finding, outcome))
        }
    }
}

/// One place that is not as it should be.
struct CheckRow: ListRow, Equatable {
    /// What a repair did with a finding.
    enum Outcome: Sendable, Equatable {
        case repaired
        case left(reason: String)
    }

    enum Content: Sendable, Equatable {
        case damage(SweepPlan.Damage)
        /// The outcome is nil before a repair, and where there is none.
        case finding(CheckFinding, Outcome?)
    }

    var id: Int
    var content: Content

    var rowID: Int { id }

    /// From the root of the data directory; any text that a file system takes.
    var path: String {
        switch content {
        case .damage(let damage): damage.path
        case .finding(let finding, _): finding.path
        }
    }

    var searchText: String {
        switch content {
        case .damage(let damage): "damaged \(damage.path) \(damage.reason)".lowercased()
        case .finding(let finding, let outcome):
            [
                finding.kind.rawValue, finding.path, finding.reason, finding.digest?.description ?? "",
                finding.repair?.rawValue ?? "", outcome?.word ?? "",
            ].joined(separator: " ").lowercased()
        }
    }
}

extension CheckRow.Outcome {
    var word: String { self == .repaired ? "repaired" : "left" }
}

extension Model {
    /// Begins a check; nothing else begins one.
    mutating func beginCheck(hashesBytes: Bool) -> [Effect] {
        guard let effect = check.session.begin(CheckOptions(hashesBytes: hashesBytes), at: now) else {
            say(.trouble, busyWithCheck)
            return []
        }
        arrangeCheck()
        return [effect]
    }

    private var busyWithCheck: String {
        check.session.isRepairing ? "a repair is running; wait for it" : "a check is running; esc stops it"
    }

    mutating func arrangeCheck() { check.arrange(filter: filters[.check] ?? Filter()) }

    mutating func damageArrived(_ result: Result<[SweepPlan.Damage], Failure>) {
        check.damage.arrived(result)
        arrangeCheck()
    }

    mutating func checked(_ result: Result<CheckReport, Failure>) {
        check.session.finished(result, at: now)
        check.list.state = ListState()
        arrangeCheck()
        switch result {
        case .success(let report) where report.isPartial: say(.note, "the check was stopped before its end")
        case .success(let report) where report.isSound: say(.done, "checked: nothing is wrong")
        case .success(let report): say(.trouble, "checked: \(ByteFormat.count(report.wrong)) wrong")
        case .failure(let failure): say(.trouble, "check failed: \(failure.message)")
        }
    }

    mutating func repaired(_ result: Result<RepairReport, Failure>) {
        check.session.repaired(result)
        arrangeCheck()
        switch result {
        case .success(let repairs):
            let left = repairs.left.isEmpty ? "" : ", left \(ByteFormat.count(repairs.left.count))"
            say(left.isEmpty ? .done : .trouble, "repaired \(ByteFormat.count(repairs.repaired.count))\(left)")
        case .failure(let failure): say(.trouble, "repair failed: \(failure.message)")
        }
    }

    /// Asks whether what can be mended is to be.
    mutating func askToRepair() {
        let session = check.session
        guard !session.isRunning, !session.isRepairing else { return say(.trouble, busyWithCheck) }
        guard let report = session.report else { return say(.note, "check first: r, or H for every byte too") }
        guard session.repairs == nil else { return say(.note, "check again before another repair: r, or H") }
        let findings = session.repairable
        guard !findings.isEmpty else { return say(.note, "nothing here can be repaired without guessing") }
        if let refusal = upkeepRefusal { return say(.trouble, "not possible: \(refusal)") }
        let isFiltered = check.list.rows.count < check.list.all.count
        overlay = .dialog(.repair(findings, of: report, isFiltered: isFiltered, at: now))
    }

    /// The path of the selected place; what could steer a terminal or a shell is taken out of it.
    var selectedPath: [String] {
        guard let path = check.list.selected?.path else { return [] }
        let isPlain = !path.unicodeScalars.contains(where: CharacterWidth.isHostile)
        return [isPlain ? path : path.cut(to: Int(Int32.max))]
    }
}

extension CheckReport {
    /// Findings, named or not.
    var wrong: Int { findings.count + unnamed }
}
