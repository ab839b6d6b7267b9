import Foundation
import Logging
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage
import Synchronization

/// One run of one plan: every line is judged again under its lock, and goes or stays.
final class SweepRun: Sendable {
    let collector: Collector
    let plan: PlannedSweep
    let settings: SweepRunSettings
    let client: Client
    let progress: @Sendable (SweepProgress) -> Bool
    let quarantine: Quarantine
    /// Failed writes to the index when the run had compared it with the tree: one more, and it may not know what holds
    /// something.
    let indexFailures: Int
    /// What went without a way back, for want of room for one.
    let bytesFreed = Atomic<Int64>(0)
    /// Directories that something was taken out of, and that nobody has made durable since.
    private let unsettled = Mutex<Set<StoragePath>>([])

    init(
        collector: Collector, plan: PlannedSweep, settings: SweepRunSettings, client: Client,
        progress: @escaping @Sendable (SweepProgress) -> Bool
    ) {
        self.collector = collector
        self.plan = plan
        self.settings = settings
        self.client = client
        self.progress = progress
        quarantine = Quarantine(storage: collector.ground.storage, run: plan.id)
        indexFailures = collector.ground.standing.additionsLost
    }

    var ground: Ground { collector.ground }
    var storage: any StorageDriver { ground.storage }
    private var control: SweepControl { collector.sweeps }

    enum Outcome {
        /// Room on the medium that it takes.
        case removed(allocated: Int64)
        case spared(SweepPlan.SpareReason)
    }

    /// Runs the lines from the first to the last. With `resuming`, those that are in the quarantine already have gone.
    ///
    /// - Parameter each: given each line that was dealt with; nil where it went, else why it stays.
    func perform(
        resuming: Bool, _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void
    ) async -> SweepSummary {
        let start = ContinuousClock.now
        var state = State(summary: SweepSummary(run: plan.id), pace: LinePace(settings.linesPerSecondMax))
        state.far.lines = plan.lines.count
        control.report(state.far)
        do {
            try await plan.lines.forEachBlock { block in
                for line in block { await perform(line, resuming: resuming, &state, each) }
            }
        } catch {
            state.summary.broken = "the plan cannot be read to its end: \(RegistryError(error).message)"
            ground.logger.error(
                "a sweep did not come to its end", metadata: ["run": "\(plan.id)", "error": "\(error)"])
        }
        if let failure = await settle() {
            ground.logger.error("a crash may bring back what was swept", metadata: ["error": "\(failure)"])
        }
        await end(&state)
        state.summary.seconds = (ContinuousClock.now - start).seconds
        return state.summary
    }

    /// What a run knows from line to line: nothing that grows with them.
    private struct State {
        var summary: SweepSummary
        var pace: LinePace
        var far = SweepProgress(linesDone: 0, lines: 0, bytesDone: 0)
        var isStopped = false
        /// Something of it is, or was, in the quarantine.
        var hasTaken = false
        /// Of the last line that was tried.
        var kind: SweepPlan.Kind?
    }

    /// Directories that may wait to be made durable: as many as lines, where each goes from a place of its own.
    private static let unsettledMax = 1024

    private func perform(
        _ line: SweepPlan.Line, resuming: Bool, _ state: inout State,
        _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void
    ) async {
        if !state.isStopped { state.isStopped = await !control.mayGoOn() }
        let outcome: Outcome
        if state.isStopped {
            outcome = .spared(.stopped)
        } else if resuming, let allocated = await alreadyTaken(line) {
            outcome = .removed(allocated: allocated)
        } else if line.kind != state.kind, let failure = await settle() {
            outcome = .spared(.failed(failure))
        } else {
            state.kind = line.kind
            await state.pace.wait()
            outcome = await remove(line)
        }
        switch outcome {
        case .removed(let allocated):
            state.summary.linesRemoved += 1
            state.summary.bytesQuarantined = state.summary.bytesQuarantined.addingClamped(allocated)
            state.far.bytesDone = state.far.bytesDone.addingClamped(line.bytes)
            if line.item.path != nil { state.hasTaken = true }
            // One that fails is tried again before a line of another kind, which then stays.
            if unsettled.withLock({ $0.count }) >= Self.unsettledMax { _ = await settle() }
            await each(line, nil)
        case .spared(let reason):
            state.summary.linesSpared += 1
            if reason.isFailure { state.summary.linesFailed += 1 }
            await each(line, reason)
        }
        guard !state.isStopped else { return }
        state.far.linesDone += 1
        control.report(state.far)
        state.isStopped = !progress(state.far)
    }

    /// Something was taken out of the directory.
    func isUnsettled(_ directory: StoragePath) { unsettled.withLock { _ = $0.insert(directory) } }

    /// What one kind of line took is gone for good before the first of another kind goes, which it may have needed: tags
    /// before manifests, those before links, links before bytes, all of it before the directories that were around it. A power
    /// cut in between leaves bytes that nothing names, never a manifest without them, and nothing that is in neither of its
    /// two places. Gives what failed.
    func settle() async -> String? {
        let directories = unsettled.withLock { $0 }
        guard !directories.isEmpty else { return nil }
        do throws(RegistryError) {
            try await stored { try await storage.settle(.removals(from: directories)) }
            unsettled.withLock { $0.subtract(directories) }
            return nil
        } catch {
            return "what went before it could not be made durable: \(error.message)"
        }
    }

    /// Frees what went, or writes down how the run ended. One that could not read its plan has not.
    private func end(_ state: inout State) async {
        guard state.summary.broken == nil else { return }
        do {
            // What an earlier part of the run took is there although every line was spared now.
            let isKept = try await state.hasTaken ? true : quarantine.holdsAnything()
            guard settings.quarantineSeconds > 0, isKept else {
                state.summary.bytesFreed = bytesFreed.load(ordering: .relaxed)
                try collector.sweeps.confirm()
                state.summary.bytesFreed = state.summary.bytesFreed.addingClamped(
                    try await quarantine.purge(&state.pace))
                state.summary.bytesQuarantined = 0
                return
            }
            let now = Date()
            state.summary.purged = now.addingTimeInterval(Double(settings.quarantineSeconds))
            try await quarantine.end(
                RunEnding(
                    finished: now, bytesTaken: state.summary.bytesQuarantined, linesRemoved: state.summary.linesRemoved,
                    linesSpared: state.summary.linesSpared))
        } catch {
            ground.logger.error(
                "cannot \(settings.quarantineSeconds > 0 ? "note the end of a sweep" : "empty the quarantine")",
                metadata: ["run": "\(plan.id)", "error": "\(error)"])
        }
    }

    /// Room that the line takes in the quarantine; nil when it is not there.
    private func alreadyTaken(_ line: SweepPlan.Line) async -> Int64? {
        guard let path = line.item.path else { return nil }
        // What is in the tree again is judged again.
        do {
            guard try await quarantine.holds(path), try await storage.firstFile(below: path) == nil else {
                return nil
            }
        } catch {
            return nil
        }
        return await allocated(below: quarantine.place(of: path))
    }

    func allocated(below path: StoragePath) async -> Int64 {
        (try? await storage.stat(path.appending("data")))?.flatMap { $0.isDirectory ? nil : $0.allocated } ?? 0
    }
}
