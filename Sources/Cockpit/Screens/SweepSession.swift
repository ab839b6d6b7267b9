import RegistryCore

/// Preview, confirm, run, report: where a sweep stands, and what may come next.
struct SweepSession: Sendable {
    enum State: Sendable, Equatable {
        /// Nothing has been looked at yet.
        case idle
        case marking
        case ready(SweepPlan)
        case running(SweepPlan, SweepProgress, isStopping: Bool)
        case done(SweepPlan, SweepReport)
        case failed(String)
    }

    /// The graces one can choose, in seconds.
    static let graces = [0, 600, 3600, 86_400]

    private(set) var state = State.idle
    private(set) var options: SweepOptions

    init(graceSeconds: Int) { options = SweepOptions(graceSeconds: graceSeconds) }

    /// The plan on the screen, previewed, running or done.
    var plan: SweepPlan? {
        switch state {
        case .ready(let plan), .running(let plan, _, _), .done(let plan, _): plan
        case .idle, .marking, .failed: nil
        }
    }

    var isRunning: Bool {
        if case .running = state { true } else { false }
    }

    /// Whether the registry has changed since the plan was made.
    func isStale(at generation: UInt64?) -> Bool {
        if case .ready(let plan) = state { plan.generation != generation } else { false }
    }

    /// Asks for a preview with other options or again; nil while a sweep runs.
    mutating func mark(_ change: (inout SweepOptions) -> Void = { _ in }) -> Effect? {
        guard !isRunning else { return nil }
        change(&options)
        state = .marking
        return .planSweep(options)
    }

    /// The preview has come; one for options that were changed meanwhile is dropped.
    mutating func planned(_ options: SweepOptions, _ result: Result<SweepPlan, Failure>) {
        guard state == .marking, options == self.options else { return }
        switch result {
        case .success(let plan): state = .ready(plan)
        case .failure(let failure): state = .failed(failure.message)
        }
    }

    /// Runs exactly the plan that was confirmed; nil when it is not the one on the screen any more.
    mutating func run(_ plan: SweepPlan) -> Effect? {
        guard case .ready(let ready) = state, ready.id == plan.id else { return nil }
        let none = SweepProgress(linesDone: 0, lines: plan.lines.count, bytesDone: 0)
        state = .running(plan, none, isStopping: false)
        return .runSweep(plan)
    }

    mutating func progressed(_ progress: SweepProgress) {
        guard case .running(let plan, _, let isStopping) = state else { return }
        state = .running(plan, progress, isStopping: isStopping)
    }

    /// Stops after the current line; nil when nothing runs or it stops already.
    mutating func stop() -> Effect? {
        guard case .running(let plan, let progress, isStopping: false) = state else { return nil }
        state = .running(plan, progress, isStopping: true)
        return .stopSweep
    }

    mutating func finished(_ result: Result<SweepReport, Failure>) {
        guard case .running(let plan, _, _) = state else { return }
        switch result {
        case .success(let report): state = .done(plan, report)
        case .failure(let failure): state = .failed(failure.message)
        }
    }
}
