import Foundation
import Logging
import OCI
import RegistryIndex
import RegistryStorage
import Synchronization

/// One run of one plan: every line is judged again under its lock, and goes or stays.
final class SweepRun: Sendable {
    let registry: Registry
    let plan: SweepPlan
    let settings: SweepRunSettings
    let client: Client
    let progress: @Sendable (SweepProgress) -> Bool
    let quarantine: Quarantine
    /// Failed writes to the index when the run had compared it with the tree: one more, and it may not know what holds
    /// something.
    let indexFailures: Int
    /// What went without a way back, for want of room for one.
    let bytesFreed = Atomic<Int64>(0)

    init(
        registry: Registry, plan: SweepPlan, settings: SweepRunSettings, client: Client,
        progress: @escaping @Sendable (SweepProgress) -> Bool
    ) {
        self.registry = registry
        self.plan = plan
        self.settings = settings
        self.client = client
        self.progress = progress
        quarantine = Quarantine(storage: registry.storage, run: plan.id)
        indexFailures = registry.indexFailures
    }

    var storage: any StorageDriver { registry.storage }
    private var control: SweepControl { registry.sweeps }

    enum Outcome {
        /// Room on the medium that it takes.
        case removed(allocated: Int64)
        case spared(SweepPlan.SpareReason)
    }

    /// Runs the lines from the first to the last. With `resuming`, those that are in the quarantine already have gone.
    func perform(resuming: Bool) async -> SweepReport {
        let start = ContinuousClock.now
        var report = SweepReport(plan: plan.id, removed: [], spared: [], bytesFreed: 0, seconds: 0)
        var pace = LinePace(settings.linesPerSecondMax)
        var bytes: Int64 = 0
        var isStopped = false
        var unsettled: Set<StoragePath> = []
        control.report(SweepProgress(linesDone: 0, lines: plan.lines.count, bytesDone: 0))
        for (position, line) in plan.lines.enumerated() {
            if !isStopped { isStopped = await !control.mayGoOn() }
            let outcome: Outcome
            if isStopped {
                outcome = .spared(.stopped)
            } else if resuming, let allocated = await alreadyTaken(line) {
                outcome = .removed(allocated: allocated)
            } else if line.kind == .blob, let failure = await settle(&unsettled) {
                outcome = .spared(.failed(failure))
            } else {
                await pace.wait()
                outcome = await remove(line)
            }
            switch outcome {
            case .removed(let allocated):
                report.bytesQuarantined.addClamped(allocated)
                bytes.addClamped(line.bytes)
                report.removed.append(line)
                if line.kind != .blob, let directory = line.item.path?.parent { unsettled.insert(directory) }
            case .spared(let reason): report.spared.append(SweepPlan.Spared(line, reason))
            }
            if !isStopped {
                let far = SweepProgress(linesDone: position + 1, lines: plan.lines.count, bytesDone: bytes)
                control.report(far)
                isStopped = !progress(far)
            }
        }
        if let failure = await settle(&unsettled) {
            registry.logger.error("a crash may bring back what was swept", metadata: ["error": "\(failure)"])
        }
        await end(&report, &pace)
        report.seconds = (ContinuousClock.now - start).seconds
        return report
    }

    /// Manifests and tags are gone for good before the first bytes go that they may have needed: a power cut in between
    /// leaves bytes that nothing names, never a manifest without them. Gives what failed.
    private func settle(_ directories: inout Set<StoragePath>) async -> String? {
        guard !directories.isEmpty else { return nil }
        do throws(RegistryError) {
            try await stored { try await storage.settle(directories) }
            directories = []
            return nil
        } catch {
            return "what went before it could not be made durable: \(error.message)"
        }
    }

    /// Frees what went, or writes down how the run ended.
    private func end(_ report: inout SweepReport, _ pace: inout LinePace) async {
        do {
            guard settings.quarantineSeconds > 0, report.removed.contains(where: { $0.item.path != nil }) else {
                report.bytesFreed = bytesFreed.load(ordering: .relaxed)
                report.bytesFreed.addClamped(try await quarantine.purge(&pace))
                report.bytesQuarantined = 0
                return
            }
            let now = Date()
            report.purged = now.addingTimeInterval(Double(settings.quarantineSeconds))
            try await quarantine.end(
                Quarantine.Ending(
                    finished: now, bytesTaken: report.bytesQuarantined,
                    spared: report.spared.map { SweepDocument.Spared($0, now: now) }))
        } catch {
            registry.logger.error(
                "cannot \(settings.quarantineSeconds > 0 ? "note the end of a sweep" : "empty the quarantine")",
                metadata: ["run": "\(plan.id)", "error": "\(error)"])
        }
    }

    /// Room that the line takes in the quarantine; nil when it is not there.
    private func alreadyTaken(_ line: SweepPlan.Line) async -> Int64? {
        guard let path = line.item.path else { return nil }
        guard let status = try? await storage.stat(quarantine.place(of: path)), status.isDirectory else { return nil }
        return await allocated(below: quarantine.place(of: path))
    }

    func allocated(below path: StoragePath) async -> Int64 {
        (try? await storage.stat(path.appending("data")))?.flatMap { $0.isDirectory ? nil : $0.allocated } ?? 0
    }
}
