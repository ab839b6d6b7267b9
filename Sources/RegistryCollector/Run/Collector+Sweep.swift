package import Foundation
import Logging
import OCI
package import RegistryCore
import RegistryIndex
import RegistryStorage

extension Collector {
    /// What a sweep would remove now, and why, of what may be pulled. Changes nothing. Costs time in proportion to what it
    /// finds, a look at each open upload, and one at the files of each manifest of the repositories that would lose something:
    /// one that is damaged since it was last read may need any of it.
    ///
    /// Throws `notReconciled` while the index is still being compared with the tree.
    package func planSweep(_ options: SweepOptions, by access: Access) async throws(RegistryError) -> SweepPlan {
        try access.require(.administer, nil)
        var plan = try await wholePlan(options)
        plan.leaveOut(for: access)
        return plan
    }

    private func wholePlan(_ options: SweepOptions) async throws(RegistryError) -> SweepPlan {
        guard ground.isReconciled else { throw .notReconciled }
        try await lookAgainAtUnreadablePlaces()
        let plan = try await planNow(options)
        return try await isOutdated(plan) ? planNow(options) : plan
    }

    private func planNow(_ options: SweepOptions) async throws(RegistryError) -> SweepPlan {
        // Before everything that is looked at: what comes later makes the plan stale.
        let generation = ground.generation
        try endTimesOfTheFuture(tags: options.retention)
        // Also where uploads stay: a repository that has one is not empty.
        let uploads = try await openUploads()
        let bytesMax = settings.planBytesMax
        let (drops, isPart) = options.retention ? try retentionDrops(bytesMax: bytesMax) : ([], false)
        let room = PlanRoom(bytesMax: bytesMax, wasFull: isPart)
        return try planned(options, drops: drops, scope: .all, uploads: uploads, room: room) { planner in
            try planner.plan(generation: generation)
        }
    }

    /// Lets times that lie in the future count from now. Costs two transactions where there are some.
    func endTimesOfTheFuture(tags: Bool) throws(RegistryError) {
        let now = Ground.now
        guard try indexed({ try index.read { try $0.hasTimes(after: now, tags: tags) } }) else { return }
        try indexed { try index.write { try $0.timesEnded(at: now, tags: tags) } }
    }

    /// Gives a planner one state of the index.
    func planned<Value>(
        _ options: SweepOptions, drops: [SweepPlanner.Drop], scope: SweepPlanner.Scope,
        uploads: [SweepPlanner.Upload] = [], room: PlanRoom = PlanRoom(bytesMax: .max, wasFull: false),
        _ body: (inout SweepPlanner) throws -> Value
    ) throws(RegistryError) -> Value {
        let promises = coordination.promises
        return try indexed {
            try index.read { view in
                var planner = try SweepPlanner(
                    view: view, options: options, now: Ground.now, promises: promises,
                    isPinned: { self.coordination.kind(of: .digest($0)) == .shared }, drops: drops, scope: scope,
                    uploads: uploads,
                    room: room)
                return try body(&planner)
            }
        }
    }

    /// Removes the lines of a plan, in their order, and nothing else, while the registry serves.
    ///
    /// Before the first line the tree's own links are compared with the index. Every line is judged again under its lock:
    /// what has come alive, or cannot be judged, is spared and reported. What goes is renamed into the quarantine, links
    /// before bytes, so a crash anywhere leaves unreferenced bytes and never a link to nothing; what a crash left undone can
    /// be resumed.
    ///
    /// - Parameter progress: called after each line; false stops before the next.
    /// - Throws: `sweepRunning`, `notReconciled`, `notAlone`, `otherWriters`, `readOnly`; a failure of the storage or the index
    ///   in the preparation. A line that cannot be removed is reported as spared and stops nothing.
    @discardableResult
    package func run(
        _ plan: SweepPlan, _ settings: SweepRunSettings = SweepRunSettings(), by access: Access,
        progress: @escaping @Sendable (SweepProgress) -> Bool = { _ in true }
    ) async throws(RegistryError) -> SweepReport {
        var (removed, spared): ([SweepPlan.Line], [SweepPlan.Spared]) = ([], [])
        let summary = try await sweep(plan, settings, by: access, progress: progress) { line, reason in
            if let reason { spared.append(SweepPlan.Spared(line, reason)) } else { removed.append(line) }
        }
        return SweepReport(summary, removed: removed, spared: spared)
    }

    /// The same for who needs no list of what went.
    ///
    /// - Parameter each: given each line that was dealt with; nil where it went, else why it stays.
    @discardableResult
    package func sweep(
        _ plan: SweepPlan, _ settings: SweepRunSettings, by access: Access,
        progress: @escaping @Sendable (SweepProgress) -> Bool = { _ in true },
        _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void = { _, _ in }
    ) async throws(RegistryError) -> SweepSummary {
        let intake = try await beginIntake(SweepPlan.Head(plan), settings, by: access)
        do throws(RegistryError) {
            try await stored { for line in plan.lines { try await intake.add(line) } }
        } catch {
            await intake.giveUp()
            throw error
        }
        return try await sweep(intake, lines: .list(plan.lines), settings, by: access, progress: progress, each)
    }

    /// Takes in a plan line by line, to be run by `sweep` when it is whole.
    ///
    /// Throws `planInvalid` for numbers that no plan of ours has; `readOnly`, `notReconciled`, `sweepRunning`.
    package func beginIntake(
        _ plan: SweepPlan.Head, _ settings: SweepRunSettings, by access: Access
    ) async throws(RegistryError) -> PlanIntake {
        try access.require(.administer, nil)
        try ground.requireWritable()
        guard ground.isReconciled else { throw .notReconciled }
        // Asked again when the plan is whole: here it spares taking it in.
        guard coordination.kind(of: .sweep) == nil else { throw .sweepRunning }
        // A plan that is run a second time is another run: what the first took out is the first's, to come back or to be
        // freed.
        let place = Quarantine(storage: storage, run: plan.plan).place
        let isTaken = try await stored { try await storage.stat(place) } != nil
        return try storedNow {
            try PlanIntake(
                plan, run: isTaken ? UUID() : plan.plan, by: access.client.address,
                quarantineSeconds: settings.quarantineSeconds, storage)
        }
    }

    /// Adds a line as its JSON. Throws `PlanInvalid` for what is no line of a plan.
    package func add(_ json: [UInt8], to intake: PlanIntake) async throws {
        try await intake.add(try SweepPlan.Line(json: json), json: json)
    }

    /// Runs what was taken in, as `run` does. Holds a block of lines at a time.
    package func sweep(
        _ intake: PlanIntake, _ settings: SweepRunSettings, by access: Access,
        progress: @escaping @Sendable (SweepProgress) -> Bool = { _ in true },
        _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void = { _, _ in }
    ) async throws(RegistryError) -> SweepSummary {
        try await sweep(intake, lines: nil, settings, by: access, progress: progress, each)
    }

    private func sweep(
        _ intake: PlanIntake, lines: PlannedLines?, _ settings: SweepRunSettings, by access: Access,
        progress: @escaping @Sendable (SweepProgress) -> Bool,
        _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void
    ) async throws(RegistryError) -> SweepSummary {
        let client = access.client
        do throws(RegistryError) {
            try access.require(.administer, nil)
            return try await sweeping(intake.run, settings) { () async throws(RegistryError) in
                let isWritten = intake.count > 0 ? try await begin(intake, settings) : false
                var plan = PlannedSweep(
                    id: intake.run, options: intake.plan.options, made: intake.plan.made, lines: lines ?? .list([]))
                if lines == nil, intake.count > 0 {
                    plan.lines = try await self.lines(of: intake, isWritten: isWritten)
                }
                let run = SweepRun(collector: self, plan: plan, settings: settings, client: client, progress: progress)
                await confirm(plan, by: access)
                return await finish(run, resuming: false, by: client, each)
            }
        } catch {
            await intake.giveUp()
            throw error
        }
    }

    private func lines(of intake: PlanIntake, isWritten: Bool) async throws(RegistryError) -> PlannedLines {
        guard isWritten else { return .document(try await stored { try await intake.held() }) }
        let quarantine = Quarantine(storage: storage, run: intake.run)
        return try await document(quarantine, try await record(quarantine))
    }

    /// Goes on with a run that a crash or a stop of the process ended, from where it was.
    ///
    /// Throws as `run` does, `runUnknown`, `recordUnreadable` and `runEnded`: what a person has brought back from a run that
    /// came to its end, or has stopped before its turn, is not to go once more.
    @discardableResult
    package func resumeRun(
        _ id: UUID, _ settings: SweepRunSettings? = nil, by access: Access,
        progress: @escaping @Sendable (SweepProgress) -> Bool = { _ in true }
    ) async throws(RegistryError) -> SweepReport {
        var (removed, spared): ([SweepPlan.Line], [SweepPlan.Spared]) = ([], [])
        let summary = try await resumeSweep(id, settings, by: access, progress: progress) { line, reason in
            if let reason { spared.append(SweepPlan.Spared(line, reason)) } else { removed.append(line) }
        }
        return SweepReport(summary, removed: removed, spared: spared)
    }

    /// The same for who needs no list of what went.
    package func resumeSweep(
        _ id: UUID, _ settings: SweepRunSettings? = nil, by access: Access,
        progress: @escaping @Sendable (SweepProgress) -> Bool = { _ in true },
        _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void
    ) async throws(RegistryError) -> SweepSummary {
        try access.require(.administer, nil)
        let client = access.client
        let quarantine = Quarantine(storage: storage, run: id)
        let head = try await record(quarantine)
        if case .known(_, let ending) = await quarantine.known(quarantines), ending != .absent { throw .runEnded(id) }
        let lines = try await document(quarantine, head)
        let plan = PlannedSweep(id: id, options: head.plan.options, made: head.plan.made, lines: lines)
        let settings = settings ?? SweepRunSettings(quarantineSeconds: head.quarantineSeconds)
        return try await sweeping(id, settings) { () async throws(RegistryError) in
            let run = SweepRun(collector: self, plan: plan, settings: settings, client: client, progress: progress)
            return await finish(run, resuming: true, by: client, each)
        }
    }

    /// What has to hold while anything is taken out of the tree.
    private func sweeping(
        _ plan: UUID, _ settings: SweepRunSettings, _ body: () async throws(RegistryError) -> SweepSummary
    ) async throws(RegistryError) -> SweepSummary {
        try ground.requireWritable()
        guard ground.isReconciled else { throw .notReconciled }
        let hold = try requireSweep()
        sweeps.enter(plan, hold.watch())
        defer { sweeps.leave() }
        return try await onSweepExecutor { () async throws(RegistryError) in
            try await ground.whileAlone { () async throws(RegistryError) in
                try await compareLinks()
                if !settings.othersAreStopped, let evidence = try await otherWriters() { throw .otherWriters(evidence) }
                // What is not there has to stay away, whoever took it out: what it needed goes.
                try await stored { try await storage.settle(.everything) }
                return try await body()
            }
        }
    }

    /// Throws `sweepRunning` while anything else is taken out of the tree, or put back.
    func requireSweep() throws(RegistryError) -> Hold {
        guard let hold = try coordination.holdNow([.sweep], .exclusive) else { throw .sweepRunning }
        return hold
    }

    func onSweepExecutor<Value>(
        _ body: () async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        let outcome = await withTaskExecutorPreference(settings.executor) {
            () async -> Result<Value, RegistryError> in
            do throws(RegistryError) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// Writes down what is to go; false where there was no room for it. A full disk is what sweeps are for: where nothing is
    /// to come back, a run that cannot be written down goes on without.
    private func begin(_ intake: PlanIntake, _ settings: SweepRunSettings) async throws(RegistryError) -> Bool {
        do throws(RegistryError) {
            try await stored { try await intake.begin(Quarantine(storage: storage, run: intake.run)) }
            return true
        } catch {
            guard error.isOutOfSpace else { throw error }
            guard settings.quarantineSeconds == 0 else { throw .noRoomForQuarantine }
            logger.warning("no room to write down the sweep; it cannot be resumed after a crash")
            return false
        }
    }

    private func finish(
        _ run: SweepRun, resuming: Bool, by client: Client,
        _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void
    ) async -> SweepSummary {
        let summary = await run.perform(resuming: resuming, each)
        ground.counts.add(.sweeps)
        ground.counts.add(.linesSwept, summary.linesRemoved)
        ground.counts.add(.bytesFreed, Int(summary.bytesFreed))
        ground.changed()
        ground.publish(.sweepFinished(summary), by: client)
        logger.info(
            "swept",
            metadata: [
                "run": "\(summary.run)", "by": "\(client.address)", "removed": "\(summary.linesRemoved)",
                "spared": "\(summary.linesSpared)", "bytesfreed": "\(summary.bytesFreed)",
                "bytesquarantined": "\(summary.bytesQuarantined)", "seconds": "\(summary.seconds)",
            ])
        do throws(RegistryError) {
            try await freeExpired(isAlone: true)
        } catch {
            logger.error("cannot purge the quarantine", metadata: ["error": "\(error.message)"])
        }
        return summary
    }

    /// True while a sweep runs; another is refused meanwhile.
    package var isSweeping: Bool { sweeps.isRunning }

    /// How far the running sweep has come; nil while none runs.
    package var sweepProgress: SweepProgress? { sweeps.progress }

    // MARK: Who else writes

    /// What says that a registry of another kind writes to this tree; nil when nothing does. Nothing says so for certain:
    /// other registries hold no lock.
    private func otherWriters() async throws(RegistryError) -> String? {
        if let evidence = settings.otherWriters() { return evidence }
        // Times are whole seconds: what was written in the second of the opening may be an earlier run's of this program.
        for upload in try await openUploads()
        where !ground.uploads.isOurs(upload.id) && upload.isTimeKnown && upload.lastWrite > ground.opened {
            return
                "an upload in \(upload.name) that this registry did not begin was written to since it opened the tree"
        }
        return nil
    }
}
