import Foundation
import RegistryCollector
import RegistryCore

/// Preview, confirm, run, report: where a sweep stands, and what may come next.
struct SweepSession: Sendable {
    enum State: Sendable, Equatable {
        /// Nothing has been looked at yet: it will be as soon as the index is up to the tree.
        case idle
        case marking
        /// ``SweepSession/plan`` is on the screen.
        case ready
        case running(SweepJob, SweepProgress, isStopping: Bool)
        case done(SweepJob, SweepReport)
        case failed(String)
    }

    private(set) var state = State.idle
    private(set) var options: SweepOptions
    /// The preview; it stays while another one is made, while it is run, and after. Nil before the first.
    private(set) var plan: SweepPlan?
    /// What the user wants to stay, although the preview has it.
    private(set) var kept: Set<SweepPlan.Item> = []
    /// What the preview or the report comes to; added up when it changes, so that no frame has to.
    private(set) var totals = SweepTotals()
    /// How a run is to be run; the registry's own configuration to begin with.
    private(set) var settings: SweepRunSettings

    init(graceSeconds: Int, settings: SweepRunSettings = SweepRunSettings()) {
        options = SweepOptions(graceSeconds: graceSeconds)
        self.settings = settings
        quarantineSeconds = settings.quarantineSeconds > 0 ? settings.quarantineSeconds : Self.day
    }

    /// What the quarantine keeps when it is used.
    private let quarantineSeconds: Int
    static let day = 86_400

    var isRunning: Bool {
        if case .running = state { true } else { false }
    }

    /// The report on the screen; nil before a run has ended.
    var report: SweepReport? {
        if case .done(_, let report) = state { report } else { nil }
    }

    /// Whether there is something to run.
    var canRun: Bool { state == .ready && totals.going.lines > 0 }

    /// The preview less what is to stay; nil when there is none that could be run.
    var planToRun: SweepPlan? {
        guard state == .ready, var plan else { return nil }
        if !kept.isEmpty { plan.lines.removeAll { kept.contains($0.item) } }
        return plan
    }

    /// Whether the registry has changed since the plan was made.
    func isStale(at generation: UInt64?) -> Bool { state == .ready && plan?.generation != generation }

    // MARK: Preview

    /// Asks for a preview with other options or again; nil while a sweep runs.
    mutating func mark(_ change: (inout SweepOptions) -> Void = { _ in }) -> Effect? {
        guard !isRunning else { return nil }
        change(&options)
        // What was run is gone; what was only looked at stays in sight, so that nothing flashes.
        if report != nil { plan = nil }
        state = .marking
        return .planSweep(options)
    }

    /// The preview has come; one for options that were changed meanwhile is dropped.
    mutating func planned(_ options: SweepOptions, _ result: Result<SweepPlan, Failure>) {
        guard state == .marking, options == self.options else { return }
        switch result {
        case .success(let plan):
            (state, self.plan) = (.ready, plan)
            if !kept.isEmpty { kept.formIntersection(plan.lines.map(\.item)) }
            totals = SweepTotals(plan, kept: kept)
        // It begins by itself when the index is up to the tree.
        case .failure(let failure) where failure.isTooEarly: (state, plan) = (.idle, nil)
        case .failure(let failure): (state, plan) = (.failed(failure.message), nil)
        }
    }

    /// Takes a line out of what will be run, or puts it back.
    mutating func toggleKept(_ item: SweepPlan.Item) {
        guard state == .ready, let plan else { return }
        if kept.remove(item) == nil { kept.insert(item) }
        totals = SweepTotals(plan, kept: kept)
    }

    /// Has what goes wait in the quarantine, or freed at once; false while a sweep runs.
    mutating func toggleQuarantine() -> Bool {
        guard !isRunning else { return false }
        settings.quarantineSeconds = settings.quarantineSeconds > 0 ? 0 : quarantineSeconds
        return true
    }

    // MARK: Run

    /// Runs exactly what was confirmed; nil when that is not on the screen any more, and while a sweep runs.
    mutating func run(_ job: SweepJob) -> Effect? {
        switch job.work {
        case .plan(let plan): guard plan == planToRun else { return nil }
        case .resumed:
            guard !isRunning else { return nil }
            // The preview is of before; what is left of the run is not known until it is done.
            (plan, totals) = (nil, SweepTotals())
        }
        let none = SweepProgress(linesDone: 0, lines: job.lines, bytesDone: 0)
        state = .running(job, none, isStopping: false)
        return .runSweep(job)
    }

    mutating func progressed(_ progress: SweepProgress) {
        guard case .running(let job, _, let isStopping) = state else { return }
        state = .running(job, progress, isStopping: isStopping || progress.isStopping)
    }

    /// Holds the sweep after its current line, or has it go on; nil when none runs or it stops.
    mutating func togglePause() -> Effect? {
        guard case .running(let job, var progress, isStopping: false) = state else { return nil }
        progress.isPaused.toggle()
        state = .running(job, progress, isStopping: false)
        return progress.isPaused ? .pauseSweep : .continueSweep
    }

    /// Stops after the current line; nil when nothing runs or it stops already.
    mutating func stop() -> Effect? {
        guard case .running(let job, let progress, isStopping: false) = state else { return nil }
        state = .running(job, progress, isStopping: true)
        return .stopSweep
    }

    mutating func finished(_ result: Result<SweepReport, Failure>) {
        guard case .running(let job, _, _) = state else { return }
        kept = []
        switch result {
        case .success(let report):
            state = .done(job, report)
            totals = SweepTotals(report)
        case .failure(let failure): state = .failed(failure.message)
        }
    }

    /// Nothing was touched, for others may be writing: gives back what was to be run, to be run without that question.
    mutating func refused() -> SweepJob? {
        guard case .running(var job, _, _) = state else { return nil }
        state = plan == nil ? .idle : .ready
        job.settings.othersAreStopped = true
        return job
    }
}
