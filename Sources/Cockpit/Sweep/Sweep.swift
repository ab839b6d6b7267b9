import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// Preview, confirmation, run and report of a sweep, and what earlier ones left in the quarantine.
struct SweepScreen: Sendable {
    /// The lists of a plan or a report, and of the quarantine.
    enum Category: CaseIterable, Sendable {
        case remove, spared, damaged, quarantine
    }

    var session: SweepSession
    var category = Category.remove
    var list = RowList<SweepRow>()
    /// Columns of the widest item in ``list``.
    private(set) var itemColumns = 12
    var quarantine = Loaded<[QuarantinedRun]>()
    /// Runs whose lines are shown below them.
    var unfolded: Set<UUID> = []
    /// What is being done to the quarantine, as words; nil when nothing is.
    var moving: String?
    /// A sweep that somebody else has begun: a schedule, or another client of this registry.
    var elsewhere: SweepProgress?

    /// Above either of these the word must be typed (reference, 3.3 rule 5).
    static let linesTypedAbove = 100
    static let bytesTypedAbove: Int64 = 1 << 30
    /// What must be typed then.
    static let word = "sweep"

    static func needsWord(_ plan: SweepPlan) -> Bool {
        plan.lines.count > linesTypedAbove || plan.bytes > bytesTypedAbove
    }

    init(session: SweepSession) { self.session = session }

    /// Whether one runs, whoever has begun it.
    var isRunning: Bool { session.isRunning || elsewhere != nil }

    /// Stops the one that runs after its current line; nil when none does, or it stops already.
    mutating func stop() -> Effect? { session.stop() ?? (elsewhere?.isStopping == false ? .stopSweep : nil) }

    /// The lists that the tabs name and that `h` and `l` go through. That everything could be read is the rule, and no list.
    var categories: [Category] {
        Category.allCases.filter { $0 != .damaged || $0 == category || count(of: $0) > 0 }
    }

    /// How many rows a category has now; runs, of the quarantine. Costs nothing that grows with them.
    func count(of category: Category) -> Int {
        switch category {
        case .remove: (session.report?.removed ?? session.plan?.lines ?? []).count
        case .spared: (session.report?.spared ?? session.plan?.spared ?? []).count
        case .damaged: session.plan?.damaged.count ?? 0
        case .quarantine: quarantine.value?.count ?? 0
        }
    }

    mutating func arrange(filter: Filter) {
        list.arrange(rows, filter: filter)
        itemColumns = list.all.reduce(12) { max($0, $1.item?.short.columns ?? 0) }
    }

    private var rows: [SweepRow] {
        switch category {
        case .remove:
            if let report = session.report { return Self.rows(of: report.removed, kept: []) }
            return Self.rows(of: session.plan?.lines ?? [], kept: session.kept)
        case .spared:
            return (session.report?.spared ?? session.plan?.spared ?? []).enumerated()
                .map { SweepRow(id: .index($0.offset), content: .spared($0.element)) }
        case .damaged:
            return (session.plan?.damaged ?? []).enumerated()
                .map { SweepRow(id: .index($0.offset), content: .damage($0.element)) }
        case .quarantine:
            return (quarantine.value ?? []).flatMap { run in
                let lines = unfolded.contains(run.id) ? run.lines : []
                return [SweepRow(id: .run(run.id), content: .run(run))]
                    + lines.map { SweepRow(id: .part($0.item, of: run.id), content: .quarantined($0, of: run)) }
            }
        }
    }

    private static func rows(of lines: [SweepPlan.Line], kept: Set<SweepPlan.Item>) -> [SweepRow] {
        lines.enumerated().map { index, line in
            SweepRow(id: .index(index), content: .line(line, isKept: kept.contains(line.item)))
        }
    }
}

extension Model {
    /// The preview that the screen begins with, whichever list it shows.
    mutating func firstMark() -> [Effect] { sweep.session.mark().map { [$0] } ?? [] }

    /// Asks for a preview, with other options when `change` makes some.
    mutating func markForSweep(_ change: (inout SweepOptions) -> Void = { _ in }) -> [Effect] {
        guard let effect = sweep.session.mark(change) else {
            say(.trouble, "a sweep is running; esc stops it after the current line")
            return []
        }
        if sweep.category != .remove { sweep.list.state = ListState() }
        sweep.category = .remove
        arrangeSweep()
        return [effect]
    }

    mutating func planned(_ options: SweepOptions, _ result: Result<SweepPlan, Failure>) {
        // The next look says when it is up to the tree again.
        if case .failure(let failure) = result, failure.isTooEarly { isReconciled = false }
        sweep.session.planned(options, result)
        arrangeSweep()
    }

    /// Shows the list to the left or the right.
    mutating func changeSweepList(by step: Int) {
        let all = sweep.categories
        let index = (all.firstIndex(of: sweep.category) ?? 0) + step
        show(all[(index + all.count) % all.count])
    }

    mutating func show(_ category: SweepScreen.Category) {
        sweep.category = category
        sweep.list.state = ListState()
        arrangeSweep()
    }

    mutating func arrangeSweep() { sweep.arrange(filter: filters[.sweep] ?? Filter()) }

    /// Takes the selected line out of what will be run, or puts it back, and goes to the next.
    mutating func toggleKept() {
        guard sweep.session.state == .ready, sweep.category == .remove else { return }
        guard case .line(let line, _) = sweep.list.selected?.content else { return }
        sweep.session.toggleKept(line.item)
        arrangeSweep()
        move(by: 1, in: .sweepRows)
    }

    /// Writes the plan that would be run, or the report of the run, to a file.
    mutating func exportSweep() -> [Effect] {
        if let report = sweep.session.report { return [.writeSweep(.report(report))] }
        if let plan = sweep.session.planToRun { return [.writeSweep(.plan(plan))] }
        say(
            .note,
            sweep.session.isRunning ? "o writes the report when it is done" : "there is no plan to write; r makes one")
        return []
    }

    /// What `y` copies: the report, the number of a run for the command line, else what the selected line is about.
    var sweepText: [String] {
        if sweep.category == .quarantine {
            return sweep.list.selected?.run.map { [$0.id.uuidString.lowercased()] } ?? []
        }
        guard let report = sweep.session.report else { return sweep.list.selected?.item.map { [$0.text] } ?? [] }
        let totals = sweep.session.totals
        let bytes = { (part: SweepTotals.Part) in "\(Count.text(part.lines, "line")), \(ByteFormat.size(part.bytes))" }
        let place = report.purged.map { "quarantine until \($0.ISO8601Format())" }
        return [
            "run \(report.plan.uuidString.lowercased())", "removed \(bytes(totals.going))",
            "spared \(bytes(totals.spared))",
            place ?? "freed \(ByteFormat.size(report.bytesFreed))",
        ]
    }

    mutating func sweepWritten(_ result: Result<String, Failure>) {
        switch result {
        case .success(let path): say(.done, "written to \(path)")
        case .failure(let failure): say(.trouble, "not written: \(failure.message)")
        }
    }
}
