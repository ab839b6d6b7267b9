import Logging
import RegistryCollector
import RegistryConfiguration
import RegistryControl
import RegistryCore
import RegistryHTTP
import RegistryStorage

/// What goes on behind the requests.
extension Assembly {
    /// Until a comparison that failed is tried again: what failed is the disk, and nobody says when it works again. Twice as
    /// long each time, up to the last.
    private static let retryPeriods = (first: Duration.seconds(2), last: Duration.seconds(300))
    /// Between two comparisons of a directory that others may write to and that this process only reads: nobody tells it.
    private static let rereadPeriod = Duration.seconds(600)
    /// And so many times what the last one took, for a large tree.
    private static let rereadShare = 20.0
    /// Between two writes of when what was pulled: what a crash forgets, and a transaction.
    private static let pullPeriod = Duration.seconds(10)
    /// Between two looks for runs whose time in the quarantine is over.
    private static let quarantinePeriod = Duration.seconds(60)

    /// Everything that goes on until it is cancelled: the index is brought up to the tree, and to what requests meet there;
    /// certificates that were renewed are read; the control socket and `http.debug` answer; sweeps run when their time has come; abandoned uploads are removed, and
    /// what was in the quarantine for long enough.
    package func runBackground() async {
        await withTaskExecutorPreference(executor) {
            await withDiscardingTaskGroup { group in
                group.addTask { await collector.reconcileGaps() }
                group.addTask { await notePulls() }
                if let certificates = serverConfiguration.tls {
                    group.addTask { await certificates.watch(logger: logger) }
                }
                if let debug {
                    let server = DebugServer(
                        registry: registry, address: debug.address, metricsPath: debug.metricsPath, logger: logger)
                    group.addTask { await server.run() }
                }
                if let root, !isUntouched {
                    let owner = DirectoryOwner(of: root)
                    let control = ControlServer(
                        root: root, collector: LocalCollectorService(collector, of: registry), logger: logger
                    ) {
                        owner?.claim(at: $0)
                    }
                    group.addTask { await control.run() }
                }
                if !registry.configuration.readOnly {
                    let schedule = SweepSchedule(collector: collector, collection: collection, logger: logger)
                    group.addTask { await schedule.run() }
                    group.addTask { await purgeQuarantine() }
                }
                await compareWithTree()
                group.addTask { await followTree() }
                if purging.enabled, !registry.configuration.readOnly { await purgeUploads() }
            }
        }
    }

    /// Compares the index with the tree again each time it could not be written.
    private func followTree() async {
        for await _ in collector.indexLags {
            logger.warning("the index could not be written and may be behind; it is compared with the tree again")
            await compareWithTree()
        }
    }

    private func compareWithTree() async {
        var period = Self.retryPeriods.first
        while !Task.isCancelled {
            do throws(RegistryError) {
                let report = try await collector.reconcile(pace: .background, by: .reconciler)
                logger.info(
                    "index compared with the tree",
                    metadata: [
                        "repositories": "\(report.repositories)", "manifests": "\(report.manifests)",
                        "tags": "\(report.tags)", "blobs": "\(report.blobs)", "corrections": "\(report.corrections)",
                        "damaged": "\(report.damaged)", "seconds": "\(report.seconds)",
                    ])
                guard isUntouched else { return }
                await Self.pause(max(Self.rereadPeriod, .seconds(report.seconds * Self.rereadShare)))
            } catch {
                if error == .interrupted { return }
                logger.error("cannot compare the index with the tree; nothing is swept until it is done", error)
                await Self.pause(period)
                period = min(period * 2, Self.retryPeriods.last)
            }
        }
    }

    /// Between two rounds of what goes on by the clock alone, because no event says that its time has come. Returns at once
    /// when the work is cancelled.
    static func pause(_ period: Duration) async { try? await ContinuousClock().sleep(for: period) }

    private func notePulls() async {
        var isOver = false
        while !isOver {
            await Self.pause(Self.pullPeriod)
            // Once more at the end: the last pulls count too.
            isOver = Task.isCancelled
            do throws(RegistryError) {
                try collector.notePulls()
            } catch {
                logger.error("cannot write down what was pulled", error)
            }
        }
    }

    private func purgeQuarantine() async {
        while !Task.isCancelled {
            do throws(RegistryError) {
                try await collector.purgeExpiredRuns(by: .schedule)
            } catch {
                logger.error("cannot purge the quarantine", error)
            }
            await Self.pause(Self.quarantinePeriod)
        }
    }

    /// In the configuration's own rhythm: nothing else says that an upload was abandoned.
    private func purgeUploads() async {
        while !Task.isCancelled {
            do throws(RegistryError) {
                let age = Int64(purging.age.seconds)
                let count = try await collector.purgeUploads(olderThan: age, dryRun: purging.dryRun, by: .schedule)
                if count > 0 {
                    logger.info(
                        "abandoned uploads \(purging.dryRun ? "found" : "removed")", metadata: ["uploads": "\(count)"])
                }
            } catch {
                logger.error("cannot purge uploads", error)
            }
            await Self.pause(purging.interval)
        }
    }
}

extension Logger {
    /// An error with its cause, in the one form that our log lines have.
    func error(_ message: Logger.Message, _ cause: RegistryError) {
        error(message, metadata: ["error": "\(cause.message)"])
    }
}
