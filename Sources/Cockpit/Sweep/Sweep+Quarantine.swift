import Drawing
import Foundation
import RegistryCollector
import RegistryCore

/// What earlier sweeps took out and have not freed: it can come back, go for good, or be gone on with.
extension Model {
    /// Asks for the runs when they are not known, or something has happened to them: a look at each line of each is too
    /// dear for every push. Not while a sweep moves lines from second to second.
    mutating func wantQuarantine() -> [Effect] {
        guard !sweep.session.isRunning, sweep.elsewhere == nil else { return [] }
        return sweep.quarantine.request(for: 0, at: now) ? [.loadQuarantine] : []
    }

    mutating func quarantineArrived(_ result: Result<[QuarantinedRun], Failure>) {
        sweep.quarantine.arrived(result)
        sweep.unfolded.formIntersection((sweep.quarantine.value ?? []).map(\.id))
        if sweep.category == .quarantine { arrangeSweep() }
    }

    /// Shows the lines of the selected run, or hides them.
    mutating func toggleRun() {
        guard let run = sweep.list.selected?.run else { return }
        if sweep.unfolded.remove(run.id) == nil {
            sweep.unfolded.insert(run.id)
        } else {
            sweep.list.select(.run(run.id))
        }
        arrangeSweep()
    }

    /// The run that an action on the quarantine means; says how to get there when the list is another one.
    private mutating func chosenRun() -> (run: QuarantinedRun, row: SweepRow)? {
        if let refusal = upkeepRefusal {
            say(.trouble, "not possible: \(refusal)")
            return nil
        }
        if sweep.category == .quarantine, let row = sweep.list.selected, let run = row.run { return (run, row) }
        say(
            .note,
            sweep.category == .quarantine ? "the quarantine is empty" : "that is for the quarantine: h or l go there")
        return nil
    }

    /// Asks whether the selected run, or the selected line of one, is to come back.
    mutating func askToPutBack() {
        guard let (run, row) = chosenRun() else { return }
        overlay = .dialog(.putBack(run, only: row.item, when: times.stamp(run.started, now: now), at: now))
    }

    /// Asks whether the selected run is to be freed before its time.
    mutating func askToPurge() {
        guard let (run, _) = chosenRun() else { return }
        overlay = .dialog(.purge(run, when: times.stamp(run.started, now: now), at: now))
    }

    /// Asks whether the selected run is to go on from where it was interrupted.
    mutating func askToResume() {
        guard let (run, _) = chosenRun() else { return }
        guard run.state == .interrupted else {
            return say(.note, "this run is \(run.state.word): there is nothing to go on with")
        }
        overlay = .dialog(
            .resume(
                run, sweep.session.settings, when: times.stamp(run.started, now: now), at: now))
    }

    mutating func putBack(_ result: Result<UndoReport, Failure>) {
        sweep.moving = nil
        sweep.quarantine.expire()
        switch result {
        case .success(let report):
            let text = "put back \(Count.text(report.restored.count, "line"))"
            guard let first = report.kept.first else { return say(.done, text) }
            let others = report.kept.count > 1 ? " and \(report.kept.count - 1) more" : ""
            say(.trouble, "\(text); not \(first.item.short)\(others): \(first.reason.text(now: now))")
        case .failure(let failure): say(.trouble, "not put back: \(failure.message)")
        }
    }

    mutating func purged(_ result: Result<Int64, Failure>) {
        sweep.moving = nil
        sweep.quarantine.expire()
        switch result {
        case .success(let bytes): say(.done, "\(ByteFormat.size(bytes)) freed")
        case .failure(let failure): say(.trouble, "not freed: \(failure.message)")
        }
    }
}

extension RegistryEvent {
    /// Whether it changes what the quarantine holds.
    var touchesQuarantine: Bool {
        switch action {
        case .sweepFinished, .sweepUndone, .quarantinePurged: true
        default: false
        }
    }
}
