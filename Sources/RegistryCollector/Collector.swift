import Foundation
package import RegistryCore
import Logging
import OCI
import RegistryIndex
import RegistryStorage
import Synchronization

/// What takes things out of a tree, or sets them right: plans and runs sweeps, keeps what they took for a while, compares the
/// index with the tree, checks both.
///
/// It works on the same ground as a registry, beside its requests, and knows nothing of the registry itself. Verbs may block
/// the thread they run on.
package final class Collector: Sendable {
    package struct Settings: Sendable {
        /// Seconds that a promise to a client spares what nothing references yet, unless a sweep says otherwise.
        package var graceSeconds = 3600
        /// How sweeps are run where nobody says otherwise.
        package var sweep = SweepRunSettings()
        /// Memory for the lines of a plan, about, and once more for what is spared; some 700,000 lines. What has no room is
        /// for the next sweep.
        package var planBytesMax = 256 << 20
        /// Which tags are kept; nil keeps all.
        package var retention: RetentionPolicy?
        /// Where sweeps run: threads that may block, and that give way to those of requests; nil for where their callers do.
        package var executor: (any TaskExecutor)?
        /// What says that a registry of another kind, which knows none of our locks, is running on the same tree; nil when
        /// nothing does. Asked before anything is taken out.
        package var otherWriters: @Sendable () -> String? = { nil }

        package init() {}
    }

    package let ground: Ground
    package let settings: Settings
    let sweeps = SweepControl()
    let quarantines = QuarantineCatalog()
    /// When what is in the quarantine is freed.
    let deadlines = Deadlines<UUID>()
    let reconcileProgress = Mutex<ReconcileProgress?>(nil)
    let unreadable = UnreadablePlaces()

    package init(_ ground: Ground, _ settings: Settings = Settings()) {
        self.ground = ground
        self.settings = settings
    }

    var storage: any StorageDriver { ground.storage }
    var index: ReferenceIndex { ground.index }
    var coordination: any Coordination { ground.coordination }
    var logger: Logger { ground.logger }

    /// How far the comparison with the tree has come; nil while none runs.
    package var reconciling: ReconcileProgress? { reconcileProgress.withLock { $0 } }

    /// A value each time the index has come to be behind the tree because it could not be written; ends when the waiting task
    /// is cancelled. For one reader, who has `reconcile` compare them.
    package var indexLags: AsyncStream<Void> { ground.standing.lags }
}
