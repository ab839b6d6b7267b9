package import Foundation
import Logging
import OCI
import RegistryIndex
import RegistryStorage

/// What sweeps took out and have not freed yet: it can come back, or be freed before its time.
extension Registry {
    /// Seconds that an interrupted run stays at least, so that somebody can resume it.
    private static let interruptedSecondsMin = 86_400

    /// Runs with something in the quarantine, newest first. Costs a look at each line of each.
    package func quarantinedRuns() async throws(RegistryError) -> [QuarantinedRun] {
        var runs: [QuarantinedRun] = []
        for (id, _) in try await stored({ try await Quarantine.all(in: storage) }) {
            guard let id, let run = try await quarantined(id) else { continue }
            runs.append(run)
        }
        return runs.sorted { ($1.started, $0.id.uuidString) < ($0.started, $1.id.uuidString) }
    }

    /// Nil when nobody knows what the run took, or nothing of it is left.
    private func quarantined(_ id: UUID) async throws(RegistryError) -> QuarantinedRun? {
        let quarantine = Quarantine(storage: storage, run: id)
        guard let (record, plan) = try await read(quarantine) else { return nil }
        let ending = try await stored { try await quarantine.ending() }
        var lines: [SweepPlan.Line] = []
        for line in plan.lines {
            guard let path = line.item.path else { continue }
            if try await stored({ try await quarantine.holds(path) }) { lines.append(line) }
        }
        let state: QuarantinedRun.State =
            ending != nil ? .finished : sweeps.plan == id ? .running : .interrupted
        if lines.isEmpty, state == .finished { return nil }
        return QuarantinedRun(
            id: id, started: record.started, by: record.by, state: state, lines: lines,
            linesPlanned: plan.lines.count, purged: expiry(record, ending),
            quarantineSeconds: record.quarantineSeconds)
    }

    private func read(
        _ quarantine: Quarantine
    ) async throws(RegistryError) -> (record: Quarantine.Record, plan: SweepPlan)? {
        guard let record = try await stored({ try await quarantine.record() }),
            let plan = try? record.plan.decoded()
        else { return nil }
        return (record, plan)
    }

    /// When it is freed; as long from now as it lasts where a clock that was wrong says later.
    private func expiry(_ record: Quarantine.Record, _ ending: Quarantine.Ending?) -> Date {
        min(end(record, ending), Date().addingTimeInterval(Double(seconds(record, ending))))
    }

    /// The same as it is written down.
    private func end(_ record: Quarantine.Record, _ ending: Quarantine.Ending?) -> Date {
        (ending?.finished ?? record.started).addingTimeInterval(Double(seconds(record, ending)))
    }

    private func seconds(_ record: Quarantine.Record, _ ending: Quarantine.Ending?) -> Int {
        ending == nil ? max(record.quarantineSeconds, Self.interruptedSecondsMin) : record.quarantineSeconds
    }

    // MARK: Purging

    /// Frees what a run took out, for good. Gives the room on the medium that came back, as measured.
    ///
    /// Throws `runUnknown`; `sweepRunning` while one runs.
    package func purgeRun(_ id: UUID, by client: Client) async throws(RegistryError) -> Int64 {
        try requireWritable()
        let quarantine = Quarantine(storage: storage, run: id)
        guard try await stored({ try await storage.stat(quarantine.place) }) != nil else { throw .runUnknown(id) }
        guard sweeps.enter() else { throw .sweepRunning }
        defer { sweeps.leave() }
        return try await purge(quarantine, by: client)
    }

    private func purge(_ quarantine: Quarantine, by client: Client) async throws(RegistryError) -> Int64 {
        var pace = LinePace(configuration.sweep.linesPerSecondMax)
        let bytes = try await stored { try await quarantine.purge(&pace) }
        counts.add(.bytesFreed, Int(bytes))
        publish(.quarantinePurged(quarantine.run, bytes: bytes), by: client)
        logger.info("quarantine purged", metadata: ["run": "\(quarantine.run)", "bytesfreed": "\(bytes)"])
        return bytes
    }

    /// Frees every run whose time in the quarantine is over, and what a crash left half freed. Gives the room that came
    /// back. Does nothing while a sweep runs.
    @discardableResult
    package func purgeExpiredRuns() async throws(RegistryError) -> Int64 {
        try requireWritable()
        guard sweeps.enter() else { return 0 }
        defer { sweeps.leave() }
        return try await freeExpired()
    }

    /// The same for who has the place of the running sweep.
    @discardableResult
    func freeExpired() async throws(RegistryError) -> Int64 {
        var bytes: Int64 = 0
        for (id, place) in try await stored({ try await Quarantine.all(in: storage) }) {
            guard let id, let (record, _) = try await read(Quarantine(storage: storage, run: id)) else {
                // Half freed, or nobody knows what it is: it was judged garbage before it went there.
                var pace = LinePace(configuration.sweep.linesPerSecondMax)
                bytes.addClamped(try await stored { try await Quarantine.free(place, storage, &pace) })
                continue
            }
            let quarantine = Quarantine(storage: storage, run: id)
            let ending = try await stored { try await quarantine.ending() }
            // Times and numbers of a file: within what a clock can say.
            let end = Int64(min(max(end(record, ending).timeIntervalSince1970, 0), 1e12))
            guard deadlines.isOver(id, end: end, lasting: Int64(seconds(record, ending))) else { continue }
            bytes.addClamped(try await purge(quarantine, by: .schedule))
            deadlines.forget(id)
        }
        return bytes
    }

    // MARK: Undo

    /// Puts what a run took out back where it was: all of it, or these items with what they need to be whole.
    ///
    /// What holds comes back after what it holds, so nothing is served before it is whole. A line that something newer has
    /// taken the place of, or whose parts are gone, stays where it is and says why.
    ///
    /// Throws `runUnknown`; `sweepRunning` while one runs; `notAlone`.
    package func undoRun(
        _ id: UUID, only items: Set<SweepPlan.Item>? = nil, by client: Client
    ) async throws(RegistryError) -> UndoReport {
        try requireWritable()
        guard isReconciled else { throw .notReconciled }
        let quarantine = Quarantine(storage: storage, run: id)
        guard let (_, plan) = try await read(quarantine) else { throw .runUnknown(id) }
        guard sweeps.enter() else { throw .sweepRunning }
        defer { sweeps.leave() }
        return try await whileAlone { () async throws(RegistryError) in
            let undo = SweepUndo(registry: self, plan: plan, quarantine: quarantine, client: client)
            let report = try await undo.perform(items)
            changed()
            publish(.sweepUndone(report), by: client)
            logger.info(
                "sweep undone",
                metadata: [
                    "run": "\(id)", "restored": "\(report.restored.count)", "kept": "\(report.kept.count)",
                ])
            if try await quarantined(id) == nil {
                var pace = LinePace(nil)
                _ = try await stored { try await quarantine.purge(&pace) }
            }
            return report
        }
    }
}
