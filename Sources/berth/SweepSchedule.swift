import Logging
import RegistryConfiguration
import RegistryCollector
import RegistryCore

/// Sweeps by themselves: plan and run, in the rhythm of the configuration.
struct SweepSchedule {
    let collector: Collector
    let collection: Configuration.Collection
    let logger: Logger

    /// Sweeps until it is cancelled; does nothing without an interval.
    func run() async {
        guard let interval = collection.interval else { return }
        // Promises that an earlier run of the program gave to clients may be forgotten; they last that long.
        let first = min(interval, .seconds(collection.options.graceSeconds))
        await Assembly.pause(first)
        while !Task.isCancelled {
            await sweep()
            await Assembly.pause(interval)
        }
    }

    private func sweep() async {
        guard collector.ground.isReconciled, !collector.isSweeping else {
            return logger.debug("no scheduled sweep: the index is being compared with the tree, or a sweep is running")
        }
        do throws(RegistryError) {
            var options = collection.options
            options.retention = try await mayRemoveTags()
            let plan = try await collector.planSweep(options, by: .schedule)
            guard !plan.lines.isEmpty else { return logger.debug("scheduled sweep: nothing to remove") }
            try await collector.sweep(plan, collection.settings, by: .schedule)
        } catch {
            if error == .sweepRunning { return logger.debug("no scheduled sweep: a sweep is running") }
            if case .notHeld(let reason) = error { return logger.warning("no scheduled sweep: \(reason)") }
            logger.error("the scheduled sweep was not done", error)
        }
    }

    /// True when a person has seen the configured retention at work.
    private func mayRemoveTags() async throws(RegistryError) -> Bool {
        guard !collection.retention.isEmpty else { return false }
        if try await collector.isRetentionConfirmed(by: .schedule) { return true }
        logger.warning(
            "the retention removes no tags by itself until it was confirmed: look at 'berth gc --retention', then run it with '--run'"
        )
        return false
    }
}
