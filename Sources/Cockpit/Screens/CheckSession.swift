import Foundation
import RegistryCollector
import RegistryCore

/// Check, report, confirm, repair: where a check stands, and what may come next.
struct CheckSession: Sendable {
    enum State: Sendable, Equatable {
        /// Nothing was looked at yet.
        case idle
        case running(CheckRun)
        /// With what a repair has done about it; nil before one.
        case done(CheckReport, RepairReport?)
        case repairing(CheckReport)
        /// With the report that was to be repaired, which nothing has touched; nil when the check itself failed.
        case failed(String, CheckReport?)
    }

    private(set) var state = State.idle
    /// When the newest report came.
    private(set) var ended: Date?

    var isRunning: Bool {
        if case .running = state { true } else { false }
    }

    var isRepairing: Bool {
        if case .repairing = state { true } else { false }
    }

    /// What the newest check has found; nil before one has ended, and while another one runs.
    var report: CheckReport? {
        switch state {
        case .done(let report, _), .repairing(let report): report
        case .failed(_, let report): report
        case .idle, .running: nil
        }
    }

    /// What a repair did with the report; nil before one.
    var repairs: RepairReport? {
        if case .done(_, let repairs) = state { repairs } else { nil }
    }

    /// What a repair would take on; empty while something runs, and after one: what it left has to be looked at anew.
    var repairable: [CheckFinding] {
        switch state {
        case .done(let report, nil), .failed(_, let report?): report.findings.filter { $0.repair != nil }
        case .done, .failed, .idle, .running, .repairing: []
        }
    }

    /// Begins a check; nil while one runs, and during a repair.
    mutating func begin(_ options: CheckOptions, at now: Date) -> Effect? {
        guard !isRunning, !isRepairing else { return nil }
        state = .running(CheckRun(options: options, started: now))
        return .check(options)
    }

    mutating func progressed(_ progress: CheckProgress) {
        guard case .running(var run) = state else { return }
        run.take(progress)
        state = .running(run)
    }

    /// Stops the check where it is; nil when none runs or it stops already.
    mutating func stop() -> Effect? {
        guard case .running(var run) = state, !run.isStopping else { return nil }
        run.isStopping = true
        state = .running(run)
        return .stopCheck
    }

    mutating func finished(_ result: Result<CheckReport, Failure>, at now: Date) {
        guard isRunning else { return }
        switch result {
        case .success(let report):
            state = .done(report, nil)
            ended = now
        case .failure(let failure): state = .failed(failure.message, nil)
        }
    }

    /// Repairs exactly what was confirmed; nil when that is not what the report on the screen has any more.
    mutating func repair(_ findings: [CheckFinding]) -> Effect? {
        guard let report, !findings.isEmpty, findings == repairable else { return nil }
        state = .repairing(report)
        return .repair(findings)
    }

    mutating func repaired(_ result: Result<RepairReport, Failure>) {
        guard case .repairing(let report) = state else { return }
        switch result {
        case .success(let repairs): state = .done(report, repairs)
        case .failure(let failure): state = .failed(failure.message, report)
        }
    }
}
