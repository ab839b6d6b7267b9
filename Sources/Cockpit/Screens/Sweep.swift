import Drawing
import Foundation
import OCI
import RegistryCore

/// Preview, confirmation, run and report of a sweep.
struct SweepScreen: Sendable {
    /// The three lists of a plan or a report.
    enum Category: CaseIterable, Sendable {
        case remove, spared, damaged
    }

    var session: SweepSession
    var category = Category.remove
    var list = RowList<SweepRow>()

    /// Above either of these the word must be typed (reference, 3.3 rule 5).
    static let linesTypedAbove = 100
    static let bytesTypedAbove: Int64 = 1 << 30
    /// What must be typed then.
    static let word = "sweep"

    static func needsWord(_ plan: SweepPlan) -> Bool {
        plan.lines.count > linesTypedAbove || plan.bytes > bytesTypedAbove
    }

    /// How many rows a category has now.
    func count(of category: Category) -> Int { Self.rows(of: category, session.state).count }

    mutating func arrange(filter: Filter) {
        list.arrange(Self.rows(of: category, session.state), filter: filter)
    }

    private static func rows(of category: Category, _ state: SweepSession.State) -> [SweepRow] {
        let (lines, spared, damaged): ([SweepPlan.Line], [SweepPlan.Spared], [SweepPlan.Damage]) =
            switch state {
            case .ready(let plan), .running(let plan, _, _): (plan.lines, plan.spared, plan.damaged)
            case .done(let plan, let report): (report.removed, report.spared, plan.damaged)
            case .idle, .marking, .failed: ([], [], [])
            }
        return switch category {
        case .remove: lines.enumerated().map { SweepRow(id: $0.offset, content: .line($0.element)) }
        case .spared: spared.enumerated().map { SweepRow(id: $0.offset, content: .spared($0.element)) }
        case .damaged: damaged.enumerated().map { SweepRow(id: $0.offset, content: .damage($0.element)) }
        }
    }
}

/// One line of a plan or a report.
struct SweepRow: ListRow, Equatable {
    enum Content: Sendable, Equatable {
        case line(SweepPlan.Line)
        case spared(SweepPlan.Spared)
        case damage(SweepPlan.Damage)
    }

    var id: Int
    var content: Content

    var rowID: Int { id }
    var searchText: String {
        switch content {
        case .line(let line):
            "\(line.digest) \(line.repositories.map(\.text).joined(separator: " ")) \(line.reason.text)".lowercased()
        case .spared(let spared):
            "\(spared.digest) \(spared.repositories.map(\.text).joined(separator: " "))".lowercased()
        case .damage(let damage): "\(damage.path) \(damage.reason)".lowercased()
        }
    }
}

extension Model {
    /// Asks for a preview, with other options when `change` makes some.
    mutating func markForSweep(_ change: (inout SweepOptions) -> Void = { _ in }) -> [Effect] {
        guard let effect = sweep.session.mark(change) else {
            say(.trouble, "a sweep is running; esc stops it after the current line")
            return []
        }
        sweep.category = .remove
        arrangeSweep()
        return [effect]
    }

    /// Takes the next longer or shorter grace.
    mutating func changeGrace(by step: Int) -> [Effect] {
        let graces = SweepSession.graces
        let current = graces.lastIndex { $0 <= sweep.session.options.graceSeconds } ?? 0
        let next = min(max(0, current + step), graces.count - 1)
        guard graces[next] != sweep.session.options.graceSeconds else { return [] }
        return markForSweep { $0.graceSeconds = graces[next] }
    }

    /// Shows the list to the left or the right.
    mutating func changeSweepList(by step: Int) {
        let all = SweepScreen.Category.allCases
        let index = (all.firstIndex(of: sweep.category) ?? 0) + step
        sweep.category = all[(index + all.count) % all.count]
        sweep.list.state = ListState()
        arrangeSweep()
    }

    mutating func arrangeSweep() { sweep.arrange(filter: filters[.sweep] ?? Filter()) }

    mutating func planned(_ options: SweepOptions, _ result: Result<SweepPlan, Failure>) {
        sweep.session.planned(options, result)
        arrangeSweep()
    }

    mutating func swept(_ result: Result<SweepReport, Failure>) {
        sweep.session.finished(result)
        sweep.category = .remove
        sweep.list.state = ListState()
        arrangeSweep()
        switch result {
        case .success(let report):
            say(.done, "swept \(Count.text(report.removed.count, "line")), \(ByteFormat.size(report.bytesFreed)) freed")
        case .failure(let failure): say(.trouble, "sweep failed: \(failure.message)")
        }
    }

    /// Asks whether the plan on the screen is to be run.
    mutating func confirmSweep() {
        guard case .ready(let plan) = sweep.session.state else { return }
        guard !plan.lines.isEmpty else { return say(.note, "nothing to remove") }
        overlay = .dialog(.sweep(plan, isStale: sweep.session.isStale(at: generation), at: now))
    }
}
