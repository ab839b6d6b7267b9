import Foundation
import RegistryCollector
import RegistryCore
import Synchronization

/// What changes the tree, told while it is done.
extension LocalCollectorService {
    func run(
        _ work: SweepWork, _ lines: (any PlanLines)?, _ give: (ControlPart) async throws -> Void
    ) async throws {
        let settings = work.settings
        try settings.check()
        let lists = work.listsRemoved ?? false
        let far = Mutex<SweepProgress?>(nil)
        var teller = Teller()
        func dealt(_ line: SweepPlan.Line, _ reason: SweepPlan.SpareReason?) async {
            await teller.tell(give) {
                if let reason { return try ControlPart(.spared, SweepPlan.Spared(line, reason)) }
                return lists ? try ControlPart(.line, line) : nil
            }
            await teller.tell(give, far.withLock { $0 })
        }
        let progress: @Sendable (SweepProgress) -> Bool = { now in
            far.withLock { $0 = now }
            return true
        }
        let summary: SweepSummary
        if let plan = work.plan {
            let intake = try await taken(plan, lines, settings)
            summary = try await collector.sweep(intake, settings, by: .commandLine, progress: progress, dealt)
        } else if let run = work.resume {
            summary = try await collector.resumeSweep(run, settings, by: .commandLine, progress: progress, dealt)
        } else {
            throw ControlError(.badRequest, "neither a plan nor a run to resume")
        }
        await teller.tell(give) { try ControlPart(.end, summary) }
        try teller.end("the sweep is done")
    }

    /// The whole plan, before anything of it is done.
    private func taken(
        _ plan: SweepPlan.Head, _ lines: (any PlanLines)?, _ settings: SweepRunSettings
    ) async throws -> PlanIntake {
        let intake = try await collector.beginIntake(plan, settings, by: .commandLine)
        do {
            while let line = try await lines?.next() { try await collector.add(line, to: intake) }
            return intake
        } catch {
            await intake.giveUp()
            throw error
        }
    }

    func undo(_ request: UndoRequest, _ give: (ControlPart) async throws -> Void) async throws {
        let far = Mutex<SweepProgress?>(nil)
        var teller = Teller()
        let summary = try await collector.undo(
            request.run, only: request.items.map { Set($0) }, by: .commandLine,
            progress: { now in far.withLock { $0 = now } }
        ) { line, reason in
            await teller.tell(give) {
                if let reason { return try ControlPart(.spared, SweepPlan.Spared(line, reason)) }
                return try ControlPart(.line, line)
            }
            await teller.tell(give, far.withLock { $0 })
        }
        await teller.tell(give) { try ControlPart(.end, summary) }
        try teller.end("what could come back is back")
    }
}

/// Tells how far something is, to somebody who may have gone: what was begun goes on to its end all the same.
private struct Teller {
    /// Between two parts of progress.
    private static let period = Duration.milliseconds(50)

    private var next = ContinuousClock.now
    private var failure: (any Error)?

    mutating func tell(
        _ give: (ControlPart) async throws -> Void, _ part: () throws -> ControlPart?
    ) async {
        guard failure == nil else { return }
        do {
            if let part = try part() { try await give(part) }
        } catch {
            failure = error
        }
    }

    /// A run of ten thousand lines is not told ten thousand times.
    mutating func tell(_ give: (ControlPart) async throws -> Void, _ progress: SweepProgress?) async {
        guard let progress, next <= .now else { return }
        next = .now + Self.period
        await tell(give) { try ControlPart(.progress, progress) }
    }

    /// Throws where something could not be told.
    func end(_ done: String) throws {
        if let failure { throw ControlError(.failed, "\(done), but what was done could not be told: \(failure)") }
    }
}
