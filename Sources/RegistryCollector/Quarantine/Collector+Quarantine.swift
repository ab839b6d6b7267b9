package import Foundation
import Logging
import OCI
package import RegistryCore
import RegistryIndex
import RegistryStorage

/// What sweeps took out and have not freed yet: it can come back, or be freed before its time.
extension Collector {
    /// Seconds that an interrupted run stays at least, so that somebody can resume it.
    private static let interruptedSecondsMin = 86_400
    /// Seconds after which what no process finished in the trash is nobody's.
    private static let leftoverSeconds: Int64 = 3600

    /// Runs with something in the quarantine, newest first, without their lines. Costs a look at the records that changed.
    package func quarantinedHeads(by access: Access) async throws(RegistryError) -> [QuarantinedRun] {
        try access.require(.administer, nil)
        var runs: [QuarantinedRun] = []
        for (kind, _) in try await stored({ try await Quarantine.all(in: storage) }) {
            guard case .run(let id) = kind, let run = try await quarantinedHead(id) else { continue }
            runs.append(run)
        }
        return runs.sorted { ($1.started, $0.id.uuidString) < ($0.started, $1.id.uuidString) }
    }

    /// The same with their lines. Costs a look at each line of each.
    package func quarantinedRuns(by access: Access) async throws(RegistryError) -> [QuarantinedRun] {
        var runs: [QuarantinedRun] = []
        for var run in try await quarantinedHeads(by: access) {
            do throws(RegistryError) {
                try await quarantinedLines(of: run.id, by: access) { run.add($0) }
            } catch {
                guard case .recordUnreadable(_, let reason) = error else { throw error }
                run.state = .unreadable(reason)
                run.purged = nil
            }
            runs.append(run)
        }
        return runs
    }

    /// Nil when nothing of it is left.
    private func quarantinedHead(_ id: UUID) async throws(RegistryError) -> QuarantinedRun? {
        let quarantine = Quarantine(storage: storage, run: id)
        let isRunning = sweeps.plan == id
        switch await quarantine.known(quarantines) {
        case .known(let head, let ending):
            let state: QuarantinedRun.State =
                if case .known = ending { .finished } else { isRunning ? .running : .interrupted }
            if state == .finished, try await !stored({ try await quarantine.holdsAnything() }) { return nil }
            return QuarantinedRun(
                id: id, started: head.started, by: head.by, state: state, lines: [],
                linesPlanned: max(0, head.plan.totals.lines), purged: isRunning ? nil : expiry(head, ending),
                quarantineSeconds: head.quarantineSeconds)
        case .unreadable(let reason): return try await unreadableRun(quarantine, reason)
        case .absent:
            // A run that a crash ended before its first line took nothing.
            guard !isRunning, try await stored({ try await quarantine.holdsAnything() }) else { return nil }
            return try await unreadableRun(quarantine, "its record (run.json) is missing")
        }
    }

    private func unreadableRun(_ quarantine: Quarantine, _ reason: String) async throws(RegistryError) -> QuarantinedRun
    {
        let modified = try await stored { try await storage.stat(quarantine.place) }?.modified ?? 0
        return QuarantinedRun(
            id: quarantine.run, started: Bounds.clamped(Date(timeIntervalSince1970: Double(modified))), by: "",
            state: .unreadable(reason), lines: [], linesPlanned: 0)
    }

    /// Gives the lines of a run that can come back and may be pulled, in the order in which they went. Reads the record a
    /// block at a time, and costs a look at each line.
    ///
    /// Throws `recordUnreadable`, after those lines that could be read.
    package func quarantinedLines(
        of id: UUID, by access: Access, _ each: (SweepPlan.Line) async throws -> Void
    ) async throws(RegistryError) {
        try access.require(.administer, nil)
        let quarantine = Quarantine(storage: storage, run: id)
        guard case .known(let head, _) = await quarantine.known(quarantines) else { return }
        let lines = try await document(quarantine, head)
        try await reading(quarantine) {
            var failure: (any Error)?
            try await lines.forEachBlock { block in
                for line in block where failure == nil {
                    do {
                        guard line.isShown(to: access), let path = line.item.path, try await quarantine.holds(path)
                        else { continue }
                        try await each(line)
                    } catch {
                        failure = error
                    }
                }
            }
            if let failure { throw failure }
        }
    }

    /// The lines of a record. Throws `recordUnreadable` when it is not whole.
    func document(_ quarantine: Quarantine, _ head: RecordHead) async throws(RegistryError) -> PlannedLines {
        try await reading(quarantine) { .document(try await quarantine.lines(head)) }
    }

    /// Runs what reads the lines of a record; one that cannot be understood is remembered as such.
    func reading<Value>(
        _ quarantine: Quarantine, _ body: () async throws -> Value
    ) async throws(RegistryError) -> Value {
        let reason: String
        do {
            return try await body()
        } catch let unreadable as RecordUnreadable {
            reason = unreadable.reason
        } catch let damaged as ListedDocument.Damaged {
            reason = damaged.reason
        } catch let invalid as PlanInvalid {
            reason = invalid.reason
        } catch {
            throw RegistryError(error)
        }
        quarantines.note(quarantine.run, unreadable: reason)
        throw .recordUnreadable(quarantine.run, reason: reason)
    }

    /// The record of a run. Throws `runUnknown`, `recordUnreadable`.
    func record(_ quarantine: Quarantine) async throws(RegistryError) -> RecordHead {
        switch await quarantine.known(quarantines) {
        case .known(let head, _): return head
        case .unreadable(let reason): throw .recordUnreadable(quarantine.run, reason: reason)
        case .absent:
            guard try await stored({ try await quarantine.holdsAnything() }) else { throw .runUnknown(quarantine.run) }
            throw .recordUnreadable(quarantine.run, reason: "its record (run.json) is missing")
        }
    }

    /// When a run is freed by itself; nil for never: what was to stay, and did not come to its end, waits for a person.
    /// As long from now as it lasts where a clock that was wrong says later.
    private func expiry(_ head: RecordHead, _ ending: KnownEnding) -> Date? {
        guard let (end, seconds) = end(head, ending) else { return nil }
        return min(end, Date().addingTimeInterval(Double(seconds)))
    }

    /// The same as it is written down, with the seconds that it lasts.
    private func end(_ head: RecordHead, _ ending: KnownEnding) -> (end: Date, seconds: Int)? {
        let (began, seconds): (Date, Int)
        switch ending {
        case .known(let ending): (began, seconds) = (ending.finished, head.quarantineSeconds)
        case .absent where head.quarantineSeconds == 0: (began, seconds) = (head.started, Self.interruptedSecondsMin)
        case .absent, .unreadable: return nil
        }
        return (began.addingTimeInterval(Double(seconds)), seconds)
    }

    // MARK: Purging

    /// Frees what a run took out, for good, whatever its record says. Gives the room on the medium that came back, as
    /// measured.
    ///
    /// Throws `runUnknown`; `sweepRunning` while one runs.
    package func purgeRun(_ id: UUID, by access: Access) async throws(RegistryError) -> Int64 {
        try access.require(.administer, nil)
        try ground.requireWritable()
        let quarantine = Quarantine(storage: storage, run: id)
        guard try await stored({ try await storage.stat(quarantine.place) }) != nil else { throw .runUnknown(id) }
        let hold = try requireSweep()
        sweeps.enter(nil, hold.watch())
        defer { sweeps.leave() }
        return try await purge(quarantine, by: access.client)
    }

    private func purge(_ quarantine: Quarantine, by client: Client) async throws(RegistryError) -> Int64 {
        var pace = LinePace(settings.sweep.linesPerSecondMax)
        try sweeps.confirm()
        let bytes = try await stored { try await quarantine.purge(&pace) }
        ground.counts.add(.bytesFreed, Int(bytes))
        ground.publish(.quarantinePurged(quarantine.run, bytes: bytes), by: client)
        logger.info("quarantine purged", metadata: ["run": "\(quarantine.run)", "bytesfreed": "\(bytes)"])
        return bytes
    }

    /// Frees every run whose time in the quarantine is over, and what a crash left half freed. Gives the room that came
    /// back. Does nothing while a sweep runs. Costs a look at the records that changed, and one pass over the lines of each
    /// run that it frees.
    @discardableResult
    package func purgeExpiredRuns(by access: Access) async throws(RegistryError) -> Int64 {
        try access.require(.administer, nil)
        try ground.requireWritable()
        guard let hold = try coordination.holdNow([.sweep], .exclusive) else { return 0 }
        sweeps.enter(nil, hold.watch())
        defer { sweeps.leave() }
        return try await freeExpired(isAlone: false)
    }

    /// The same for who has the place of the running sweep.
    ///
    /// - Parameter isAlone: no other process can be filling anything in the trash.
    @discardableResult
    func freeExpired(isAlone: Bool) async throws(RegistryError) -> Int64 {
        var bytes: Int64 = 0
        for (kind, place) in try await stored({ try await Quarantine.all(in: storage) }) {
            var pace = LinePace(settings.sweep.linesPerSecondMax)
            try sweeps.confirm()
            switch kind {
            case .run(let id): bytes = bytes.addingClamped(try await freeIfExpired(id, isAlone: isAlone))
            case .purging:
                bytes = bytes.addingClamped(try await stored { try await Quarantine.purge(place, storage, &pace) })
            case .incoming:
                if try await isLeftOver(place) { try await stored { try await storage.remove(place, .passing) } }
            case .unknown:
                complain("what is in the quarantine here is no run; it stays until somebody removes it", "\(place)")
            }
        }
        return bytes
    }

    private func isLeftOver(_ place: StoragePath) async throws(RegistryError) -> Bool {
        guard let status = try await stored({ try await storage.stat(place) }) else { return false }
        return status.modified < Ground.now - Self.leftoverSeconds
    }

    private func freeIfExpired(_ id: UUID, isAlone: Bool) async throws(RegistryError) -> Int64 {
        let quarantine = Quarantine(storage: storage, run: id)
        switch await quarantine.known(quarantines) {
        case .known(let head, let ending):
            if case .unreadable(let reason) = ending { complainOfRecord(id, reason) }
            guard let (end, seconds) = end(head, ending) else { return 0 }
            // Times of a file: within what a clock can say.
            let time = Int64(min(max(end.timeIntervalSince1970, 0), 1e12))
            guard deadlines.isOver(id, end: time, lasting: Int64(seconds)) else { return 0 }
            do throws(RegistryError) {
                // What was judged garbage by a plan that this version understands, line by line, and nothing else.
                try await reading(quarantine) { try await quarantine.check(head) }
            } catch {
                guard case .recordUnreadable(_, let reason) = error else { throw error }
                complainOfRecord(id, reason)
                return 0
            }
            let bytes = try await purge(quarantine, by: .schedule)
            deadlines.forget(id)
            return bytes
        case .unreadable(let reason): complainOfRecord(id, reason)
        case .absent:
            if try await stored({ try await quarantine.holdsAnything() }) {
                complainOfRecord(id, "its record (run.json) is missing")
            } else if isAlone ? true : try await isLeftOver(quarantine.place) {
                // A run that ended before its first line.
                var pace = LinePace(nil)
                _ = try await stored { try await quarantine.purge(&pace) }
            }
        }
        return 0
    }

    private func complainOfRecord(_ id: UUID, _ reason: String) {
        complain("a run in the quarantine stays: \(reason); 'berth gc --purge' frees it", id.uuidString.lowercased())
    }

    /// Once for each process: the clock finds it again every minute.
    private func complain(_ message: String, _ what: String) {
        guard quarantines.isNew(message + what) else { return }
        logger.warning("\(message)", metadata: ["run": "\(what)"])
    }
}
