import Drawing
import Foundation
import RegistryCollector
import RegistryCore

/// A sweep that is run: confirmed, watched, held, stopped, reported.
extension Model {
    /// Asks whether the plan on the screen is to be run.
    mutating func confirmSweep() {
        guard sweep.elsewhere == nil else { return say(.trouble, "another sweep is running; wait for its end") }
        if let refusal = upkeepRefusal { return say(.trouble, "not possible: \(refusal)") }
        guard let plan = sweep.session.planToRun else { return }
        guard !plan.lines.isEmpty else { return say(.note, "nothing to remove") }
        let job = SweepJob(.plan(plan), sweep.session.settings)
        let question = Question.sweep(
            plan, job, kept: sweep.session.kept.count, isStale: sweep.session.isStale(at: generation), at: now)
        overlay = .dialog(question)
    }

    /// Begins what was confirmed.
    mutating func runSweep(_ job: SweepJob) -> [Effect] {
        guard let effect = sweep.session.run(job) else {
            say(.note, "this is not the plan on the screen any more; nothing was run")
            return []
        }
        arrangeSweep()
        return [effect]
    }

    /// Takes how far the sweep is that the registry runs, whoever has begun it.
    mutating func sweepSampled(_ progress: SweepProgress?) {
        sweep.elsewhere = sweep.session.isRunning ? nil : progress
        if let progress { sweep.session.progressed(progress) }
    }

    /// Holds the sweep that runs after its current line, or has it go on.
    mutating func toggleSweepPause() -> [Effect] {
        if let effect = sweep.session.togglePause() { return [effect] }
        guard let progress = sweep.elsewhere else {
            say(.note, "no sweep is running")
            return []
        }
        sweep.elsewhere?.isPaused.toggle()
        return [progress.isPaused ? .continueSweep : .pauseSweep]
    }

    mutating func swept(_ result: Result<SweepReport, Failure>) {
        sweep.session.finished(result)
        sweep.quarantine.expire()
        show(.remove)
        switch result {
        case .success(let report):
            let lines = Count.text(report.removed.count, "line")
            let bytes =
                report.purged == nil
                ? "\(ByteFormat.size(report.bytesFreed)) freed"
                : "\(ByteFormat.size(report.bytesQuarantined)) in the quarantine"
            say(.done, "swept \(lines), \(bytes)")
        case .failure(let failure): say(.trouble, "sweep failed: \(failure.message)")
        }
    }

    /// Nothing was swept, for something speaks for another registry on the tree: asks whether it is so.
    mutating func sweepRefused(_ evidence: String) {
        guard let job = sweep.session.refused() else { return }
        arrangeSweep()
        overlay = .dialog(.alone(job, evidence: evidence, at: now))
    }
}
