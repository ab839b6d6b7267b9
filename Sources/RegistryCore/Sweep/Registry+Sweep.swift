import Foundation
import Logging
import OCI
import RegistryIndex
import RegistryStorage

extension Registry {
    /// What a sweep would remove now, and why. Changes nothing.
    ///
    /// Throws `notReconciled` while the index is still being compared with the tree.
    package func planSweep(_ options: SweepOptions) async throws(RegistryError) -> SweepPlan {
        guard isReconciled else { throw .notReconciled }
        let generation = self.generation
        let leases = self.leases.all()
        return try indexed {
            try index.read { view in
                var planner = try SweepPlanner(
                    view: view, options: options, now: Self.now, leases: leases,
                    isPinned: { self.digestLocks.isShared($0) })
                return try planner.plan(generation: generation)
            }
        }
    }

    /// Removes the lines of a plan, in their order, and nothing else, while the registry serves.
    ///
    /// Before the first line the tree's own links are compared with the index. Every line is judged again under its lock:
    /// what has come alive, or cannot be judged, is spared and reported. Bytes are renamed into the quarantine first and
    /// freed at the end, so a crash anywhere leaves unreferenced bytes and never a link to nothing.
    ///
    /// - Parameter progress: called after each line; false stops before the next.
    /// - Throws: `sweepRunning`, `notReconciled`, `notAlone`, `readOnly`; a failure of the storage or the index in the preparation. A
    ///   line that cannot be removed is reported as spared and stops nothing.
    package func run(
        _ plan: SweepPlan, by client: Client, progress: @escaping @Sendable (SweepProgress) -> Bool
    ) async throws(RegistryError) -> SweepReport {
        try requireWritable()
        guard isReconciled else { throw .notReconciled }
        guard enterSweep() else { throw .sweepRunning }
        defer { leaveSweep() }
        let report = try await whileAlone { () async throws(RegistryError) in
            try await compareLinks()
            return await SweepRun(registry: self, plan: plan, progress: progress).perform()
        }
        changed()
        publish(.sweepFinished(report), by: client)
        return report
    }
}

/// One run of one plan.
private struct SweepRun {
    let registry: Registry
    let plan: SweepPlan
    let progress: @Sendable (SweepProgress) -> Bool

    /// What goes and is not yet freed.
    private var quarantine: StoragePath { Layout.trash.appending(plan.id.uuidString.lowercased()) }

    func perform() async -> SweepReport {
        let start = ContinuousClock.now
        var removed: [SweepPlan.Line] = []
        var spared: [SweepPlan.Spared] = []
        var bytes: Int64 = 0
        var stopped = false
        for (position, line) in plan.lines.enumerated() {
            let outcome: Outcome = stopped ? .spared(.stopped) : await remove(line)
            switch outcome {
            case .removed(let freed):
                bytes += freed
                removed.append(line)
            case .spared(let reason):
                spared.append(
                    SweepPlan.Spared(
                        kind: line.kind, digest: line.digest, bytes: line.bytes, repositories: line.repositories,
                        reason: reason))
            }
            let far = SweepProgress(linesDone: position + 1, lines: plan.lines.count, bytesDone: bytes)
            if !stopped { stopped = !progress(far) }
        }
        await purge()
        let elapsed = ContinuousClock.now - start
        return SweepReport(
            plan: plan.id, removed: removed, spared: spared, bytesFreed: bytes,
            seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
    }

    private enum Outcome {
        case removed(bytes: Int64)
        case spared(SweepPlan.SpareReason)
    }

    private func remove(_ line: SweepPlan.Line) async -> Outcome {
        // Never waited for: whoever holds the digest is pushing something that relies on it.
        guard registry.digestLocks.tryLockExclusive(line.digest) else { return .spared(.pushInFlight) }
        defer { registry.digestLocks.unlockExclusive(line.digest) }
        do throws(RegistryError) {
            switch line.kind {
            case .revision: return try await removeRevision(line)
            case .blob: return try await removeBlob(line.digest)
            }
        } catch {
            return .spared(.failed(error.message))
        }
    }

    private func removeRevision(_ line: SweepPlan.Line) async throws(RegistryError) -> Outcome {
        guard let name = line.repositories.first else { return .spared(.alreadyGone) }
        let digest = line.digest
        let spare: SweepPlan.SpareReason? = try indexed {
            try registry.index.read { view in
                guard let revision = try view.revision(digest, in: name) else { return .alreadyGone }
                if let damage = try view.damage().first(where: { $0.repository == name || $0.repository == nil }) {
                    return .mayBeReferenced(by: damage.path)
                }
                // What held it in the plan is gone by now, for it stands earlier; what holds it still is new.
                guard try view.tags(of: digest, in: name).isEmpty, try view.parents(of: digest, in: name).isEmpty else {
                    return .cameAlive
                }
                if let subject = try view.manifest(digest)?.subject, try view.revision(subject, in: name) != nil {
                    return .cameAlive
                }
                return lease(max(revision.leased, registry.leases.time(digest)))
            }
        }
        if let spare { return .spared(spare) }
        try await registry.removeRevision(digest, in: name)
        return .removed(bytes: 0)
    }

    private func removeBlob(_ digest: Digest) async throws(RegistryError) -> Outcome {
        // Every link that leads to the bytes, those that distribution wrote under another digest included.
        let (spare, links): (SweepPlan.SpareReason?, [(RepositoryName, Digest)]) = try indexed {
            try registry.index.read { view in
                let holders = try view.repositories(withLayer: digest)
                let links =
                    holders.map { ($0, digest) } + (try view.aliases(of: digest)).map { ($0.repository, $0.alias) }
                guard let blob = try view.references(to: digest), blob.present else { return (.alreadyGone, links) }
                guard blob.count == 0 else { return (.cameAlive, links) }
                let damage = try view.damage().first { damage in
                    damage.digest == digest || damage.repository.map { holders.contains($0) } ?? true
                }
                if let damage { return (.mayBeReferenced(by: damage.path), links) }
                return (lease(max(blob.leased, registry.leases.time(digest))), links)
            }
        }
        if let spare { return .spared(spare) }
        let storage = registry.storage
        let status = try await stored { try await storage.stat(Layout.blobData(digest)) }
        // Links before bytes: a crash in between leaves bytes that nothing names, never a name without bytes.
        for (name, link) in links {
            guard let directory = Layout.layerLink(link, in: name).parent else { continue }
            try await stored { try await storage.remove(directory) }
        }
        if status != nil {
            let place = quarantine.appending([digest.algorithm.name, digest.hex])
            try await stored { try await storage.move(Layout.blob(digest), to: place) }
        }
        try indexed {
            try registry.index.write { change in
                for (name, link) in links { try change.layerUnlinked(link, in: name) }
                try change.blobAbsent(digest)
            }
        }
        guard let status else { return .spared(.alreadyGone) }
        return .removed(bytes: status.size)
    }

    private func lease(_ time: Int64) -> SweepPlan.SpareReason? {
        let until = time + Int64(plan.options.graceSeconds)
        return until > Registry.now ? .leased(until: Date(timeIntervalSince1970: Double(until))) : nil
    }

    /// Frees what this run took out, and what a crash or a failure left of earlier ones: it was judged garbage under its
    /// lock before it went there, and no path of the tree leads to it. A failure now leaves it to the next run.
    private func purge() async {
        do {
            try await registry.storage.remove(Layout.trash)
        } catch {
            registry.logger.error("cannot empty the quarantine", metadata: ["error": "\(error)"])
        }
    }
}
