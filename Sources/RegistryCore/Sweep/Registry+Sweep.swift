package import Foundation
import Logging
import OCI
import RegistryIndex
import RegistryStorage

extension Registry {
    /// What a sweep would remove now, and why. Changes nothing. Costs time in proportion to what it finds, and a look at
    /// each open upload.
    ///
    /// Throws `notReconciled` while the index is still being compared with the tree.
    package func planSweep(_ options: SweepOptions) async throws(RegistryError) -> SweepPlan {
        guard isReconciled else { throw .notReconciled }
        try await lookAgainAtUnreadablePlaces()
        // Before everything that is looked at: what comes later makes the plan stale.
        let generation = self.generation
        try endTimesOfTheFuture(tags: options.retention)
        // Also where uploads stay: a repository that has one is not empty.
        let uploads = try await openUploads()
        let drops = options.retention ? try retentionDrops() : []
        return try planned(options, drops: drops, scope: .all, uploads: uploads) { planner in
            try planner.plan(generation: generation)
        }
    }

    /// Lets times that lie in the future count from now. Costs two transactions where there are some.
    func endTimesOfTheFuture(tags: Bool) throws(RegistryError) {
        let now = Self.now
        guard try indexed({ try index.read { try $0.hasTimes(after: now, tags: tags) } }) else { return }
        try indexed { try index.write { try $0.timesEnded(at: now, tags: tags) } }
    }

    /// Gives a planner one state of the index.
    func planned<Value>(
        _ options: SweepOptions, drops: [SweepPlanner.Drop], scope: SweepPlanner.Scope,
        uploads: [SweepPlanner.Upload] = [], _ body: (inout SweepPlanner) throws -> Value
    ) throws(RegistryError) -> Value {
        let (leases, claims) = self.leases.all()
        return try indexed {
            try index.read { view in
                var planner = try SweepPlanner(
                    view: view, options: options, now: Self.now, leases: leases, claims: claims,
                    isPinned: { self.digestLocks.isShared($0) }, drops: drops, scope: scope, uploads: uploads)
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
        _ plan: SweepPlan, _ settings: SweepRunSettings = SweepRunSettings(), by client: Client,
        progress: @escaping @Sendable (SweepProgress) -> Bool = { _ in true }
    ) async throws(RegistryError) -> SweepReport {
        let plan = try await withItsOwnQuarantine(plan)
        return try await sweeping(plan.id, settings) { () async throws(RegistryError) in
            let run = SweepRun(registry: self, plan: plan, settings: settings, client: client, progress: progress)
            let record = Quarantine.Record(
                plan: SweepDocument(plan), started: Date(), by: client.address,
                quarantineSeconds: settings.quarantineSeconds)
            if !plan.lines.isEmpty { try await begin(run.quarantine, record) }
            await confirm(plan, by: client)
            return await finish(run, resuming: false, by: client)
        }
    }

    /// A plan that is run a second time is another run: what the first took out is the first's, to come back or to be freed.
    private func withItsOwnQuarantine(_ plan: SweepPlan) async throws(RegistryError) -> SweepPlan {
        let place = Quarantine(storage: storage, run: plan.id).place
        guard try await stored({ try await storage.stat(place) }) != nil else { return plan }
        var plan = plan
        plan.id = UUID()
        return plan
    }

    /// Goes on with a run that a crash or a stop of the process ended, from where it was.
    ///
    /// Throws as `run` does, and `runUnknown`.
    @discardableResult
    package func resumeRun(
        _ id: UUID, _ settings: SweepRunSettings? = nil, by client: Client,
        progress: @escaping @Sendable (SweepProgress) -> Bool = { _ in true }
    ) async throws(RegistryError) -> SweepReport {
        let quarantine = Quarantine(storage: storage, run: id)
        guard let record = try await stored({ try await quarantine.record() }),
            let plan = try? record.plan.decoded()
        else { throw .runUnknown(id) }
        let settings = settings ?? SweepRunSettings(quarantineSeconds: record.quarantineSeconds)
        return try await sweeping(id, settings) { () async throws(RegistryError) in
            let run = SweepRun(registry: self, plan: plan, settings: settings, client: client, progress: progress)
            return await finish(run, resuming: true, by: client)
        }
    }

    /// What has to hold while anything is taken out of the tree.
    private func sweeping(
        _ plan: UUID, _ settings: SweepRunSettings, _ body: () async throws(RegistryError) -> SweepReport
    ) async throws(RegistryError) -> SweepReport {
        try requireWritable()
        guard isReconciled else { throw .notReconciled }
        guard sweeps.enter(plan) else { throw .sweepRunning }
        defer { sweeps.leave() }
        return try await onSweepExecutor { () async throws(RegistryError) in
            try await whileAlone { () async throws(RegistryError) in
                try await compareLinks()
                if !settings.othersAreStopped, let evidence = try await otherWriters() { throw .otherWriters(evidence) }
                return try await body()
            }
        }
    }

    func onSweepExecutor<Value>(
        _ body: () async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        let outcome = await withTaskExecutorPreference(configuration.sweepExecutor) {
            () async -> Result<Value, RegistryError> in
            do throws(RegistryError) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// A full disk is what sweeps are for: where nothing is to come back, a run that cannot be written down goes on without.
    private func begin(_ quarantine: Quarantine, _ record: Quarantine.Record) async throws(RegistryError) {
        do throws(RegistryError) {
            try await stored { try await quarantine.begin(record) }
        } catch {
            guard error.isOutOfSpace else { throw error }
            guard record.quarantineSeconds == 0 else { throw .noRoomForQuarantine }
            logger.warning("no room to write down the sweep; it cannot be resumed after a crash")
        }
    }

    private func finish(_ run: SweepRun, resuming: Bool, by client: Client) async -> SweepReport {
        let report = await run.perform(resuming: resuming)
        counts.add(.sweeps)
        counts.add(.linesSwept, report.removed.count)
        counts.add(.bytesFreed, Int(report.bytesFreed))
        changed()
        publish(.sweepFinished(report), by: client)
        logger.info(
            "swept",
            metadata: [
                "run": "\(report.plan)", "by": "\(client.address)", "removed": "\(report.removed.count)",
                "spared": "\(report.spared.count)", "bytesfreed": "\(report.bytesFreed)",
                "bytesquarantined": "\(report.bytesQuarantined)", "seconds": "\(report.seconds)",
            ])
        do throws(RegistryError) {
            try await freeExpired()
        } catch {
            logger.error("cannot purge the quarantine", metadata: ["error": "\(error.message)"])
        }
        return report
    }

    /// True while a sweep runs; another is refused meanwhile.
    package var isSweeping: Bool { sweeps.isRunning }

    /// How far the running sweep has come; nil while none runs.
    package var sweepProgress: SweepProgress? { sweeps.progress }

    /// Has the running sweep wait after its current line.
    package func pauseSweep() { sweeps.pause() }

    package func continueSweep() { sweeps.resume() }

    /// Ends the running sweep after its current line; it can be resumed no more, for it has come to an end.
    package func stopSweep() { sweeps.stop() }

    // MARK: Who else writes

    /// What says that a registry of another kind writes to this tree; nil when nothing does. Nothing says so for certain:
    /// other registries hold no lock.
    private func otherWriters() async throws(RegistryError) -> String? {
        if let evidence = configuration.otherWriters() { return evidence }
        // Times are whole seconds: what was written in the second of the opening may be an earlier run's of this program.
        for upload in try await openUploads()
        where !uploads.isOurs(upload.id) && upload.isTimeKnown && upload.lastWrite > opened {
            return
                "an upload in \(upload.name) that this registry did not begin was written to since it opened the tree"
        }
        return nil
    }
}
