package import Foundation
import Logging
import OCI
package import RegistryCore
import RegistryIndex
import RegistryStorage

extension Collector {
    /// Puts what a run took out back where it was: all of it, or these items with what they need to be whole.
    ///
    /// What holds comes back after what it holds, so nothing is served before it is whole. A line that something newer has
    /// taken the place of, or whose parts are gone, stays where it is and says why. Nothing is thrown away but what is at its
    /// place already, byte for byte. Reads the record a block at a time.
    ///
    /// - Parameters:
    ///   - progress: told after each line that was looked at.
    ///   - each: given each line that was dealt with; nil where it is back, else why it stays.
    /// - Throws: `runUnknown`; `recordUnreadable`, after those lines that could be read; `sweepRunning` while one runs;
    ///   `notAlone`.
    package func undo(
        _ id: UUID, only items: Set<SweepPlan.Item>? = nil, by access: Access,
        progress: (SweepProgress) -> Void = { _ in }, _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void
    ) async throws(RegistryError) -> UndoSummary {
        try access.require(.administer, nil)
        try ground.requireWritable()
        guard ground.isReconciled else { throw .notReconciled }
        let quarantine = Quarantine(storage: storage, run: id)
        let head = try await record(quarantine)
        let hold = try requireSweep()
        sweeps.enter(nil, hold.watch())
        defer { sweeps.leave() }
        return try await ground.whileAlone { () async throws(RegistryError) in
            // What stands at its place already has to stay there: what comes back relies on it.
            try await stored { try await storage.settle(.everything) }
            let undo = SweepUndo(collector: self, quarantine: quarantine, client: access.client)
            let lines = try await reading(quarantine) { try await quarantine.lines(head) }
            var summary = UndoSummary(run: id)
            let outcome = await undone { () async throws(RegistryError) in
                try await undo.perform(lines, items, progress: progress) { line, reason in
                    if reason == nil { summary.linesRestored += 1 } else { summary.linesKept += 1 }
                    await each(line, reason)
                }
            }
            ground.changed()
            ground.publish(.sweepUndone(summary), by: access.client)
            logger.info(
                "sweep undone",
                metadata: [
                    "run": "\(id)", "restored": "\(summary.linesRestored)", "kept": "\(summary.linesKept)",
                ])
            try outcome.get()
            if summary.linesKept == 0, try await !stored({ try await quarantine.holdsAnything() }) {
                var pace = LinePace(nil)
                try sweeps.confirm()
                _ = try await stored { try await quarantine.purge(&pace) }
            }
            return summary
        }
    }

    private func undone(
        _ body: () async throws(RegistryError) -> Void
    ) async -> Result<Void, RegistryError> {
        do throws(RegistryError) { return .success(try await body()) } catch { return .failure(error) }
    }

    /// The same with all lines in the report.
    package func undoRun(
        _ id: UUID, only items: Set<SweepPlan.Item>? = nil, by access: Access
    ) async throws(RegistryError) -> UndoReport {
        var report = UndoReport(run: id, restored: [], kept: [])
        _ = try await undo(id, only: items, by: access) { line, reason in
            if let reason {
                report.kept.append(SweepPlan.Spared(line, reason))
            } else {
                report.restored.append(line)
            }
        }
        return report
    }
}
