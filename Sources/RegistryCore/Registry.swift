import Foundation
package import Logging
import OCI
package import RegistryIndex
package import RegistryStorage
import Synchronization

/// The registry: one verb for everything that HTTP, the cockpit and the command line do with it.
///
/// The storage tree is the truth; every verb reads it or writes it. The index is derived and follows each write. The order
/// of every write is bytes, links, index, event, so a crash leaves truth ahead of what is derived, never behind. Verbs may
/// block the thread they run on: run them on a pool that may. Those named `…Now` never wait and may run on an event loop.
package final class Registry: Sendable {
    package struct Configuration: Sendable {
        /// Tags, manifests and blobs may be deleted on request. A sweep from the cockpit or the command line needs none.
        package var deletionEnabled = true
        /// Nothing may be written or deleted.
        package var readOnly = false
        /// A manifest's config and layers must be blobs of its repository. Off is distribution's `validation.disabled`.
        package var requiresBlobs = true
        /// The entries of an index must be in its repository. Off takes sparse indexes.
        package var requiresIndexEntries = true
        /// Bytes of a manifest that is pushed or served: what distribution takes, and every client stays below.
        package var manifestBytesMax = 4 << 20
        /// Upload sessions that may be open in one repository at a time; each is a directory until it ends or is purged, and
        /// anybody who may push can open them.
        package var uploadsPerRepositoryMax = 1000
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
        package var sweepExecutor: (any TaskExecutor)?
        /// What says that a registry of another kind, which knows none of our locks, is running on the same tree; nil when
        /// nothing does. Asked before anything is taken out.
        package var otherWriters: @Sendable () -> String? = { nil }

        package init() {}
    }

    package let configuration: Configuration
    package let storage: any StorageDriver
    /// The same driver when it can answer without waiting; nil for an object store.
    package let immediate: (any ImmediateStorage)?
    package let events = EventHub()
    /// Of the requests that clients make.
    package let requests = Serials()
    package let transfers = TransferTable()
    /// Which manifests begin a push, and which a pull.
    let pushTally = OperationTally()
    let pullTally = OperationTally()
    package let counts = CounterSet()
    let index: ReferenceIndex
    /// Held while the tree is open; nil where nobody else can have it open.
    private let lock: DirectoryLock?
    let logger: Logger
    let manifests = ManifestCache()
    let links = KeptLinks()
    let notedTypes: NotedTypes
    let damageNotes = DamageNotes()
    /// How this registry agrees with all others who work on the tree.
    package let coordination: any Coordination
    /// When what is in the quarantine is freed.
    let deadlines = Deadlines<UUID>()
    let uploads = UploadTable()
    let lastPulls = PullTimes()
    private let generationCounter = Atomic<UInt64>(0)
    let sweeps = SweepControl()
    let quarantines = QuarantineCatalog()
    /// Seconds since 1970.
    let opened = Registry.now
    let standing = IndexStanding()
    let reconcileProgress = Mutex<ReconcileProgress?>(nil)
    let gaps = GapQueue()
    let unreadable = UnreadablePlaces()
    /// Larger than those of earlier runs of the program, whatever the clock was set to then.
    private let passCounter: Atomic<Int64>

    package init(
        storage: any StorageDriver, index: ReferenceIndex, lock: DirectoryLock? = nil,
        coordination: any Coordination = LocalCoordination(), configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "berth.registry") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.storage = storage
        immediate = storage as? any ImmediateStorage
        self.index = index
        self.lock = lock
        self.coordination = coordination
        self.configuration = configuration
        self.logger = logger
        index.whenAWriteFails { [standing] in standing.failed(onlyRemoves: $0) }
        notedTypes = NotedTypes(Self.notedTypes(of: index, logger))
        let lastPass = (try? index.read { try $0.lastPass() }) ?? 0
        passCounter = Atomic(max(Int64(Date().timeIntervalSince1970 * 1e6), lastPass))
    }

    /// One query, in proportion to the answer. An index that cannot answer counts as empty: the bytes decide then.
    private static func notedTypes(of index: ReferenceIndex, _ logger: Logger) -> [NotedTypeRow] {
        do throws(IndexError) {
            return try index.read { try $0.notedTypes(limit: NotedTypes.entriesMax) }
        } catch {
            logger.error("cannot read the noted types of manifests", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// Another number than before means that something was pushed or deleted since.
    package var generation: UInt64 { generationCounter.load(ordering: .acquiring) }

    /// True once the index was compared with the whole tree; until then lists may be short and nothing is swept.
    package var isReconciled: Bool { standing.isCurrent }

    /// True while another process serves the same tree: then neither takes anything out of it. Costs a call of the system.
    package var isAccompanied: Bool { lock?.isAccompanied ?? false }

    /// True when a list may come from the index: it is up to the tree, and no other process writes past it.
    var listsFollowIndex: Bool { standing.isCurrent && lock?.isSomebodyApart != true }

    /// A number for a comparison, larger than all before.
    func nextPass() -> Int64 { passCounter.wrappingAdd(1, ordering: .relaxed).newValue }

    /// A value each time the index has come to be behind the tree because it could not be written; ends when the waiting task
    /// is cancelled. For one reader, who has `reconcile` compare them.
    package var indexLags: AsyncStream<Void> { standing.lags }

    /// How far the comparison with the tree has come; nil while none runs.
    package var reconciling: ReconcileProgress? { reconcileProgress.withLock { $0 } }

    package var capacity: StorageCapacity? {
        immediate?.capacity.map { StorageCapacity(bytesFree: $0.bytesFree, bytesTotal: $0.bytesTotal) }
    }

    /// What was counted, with the bytes of transfers that are under way; ``TransferTable/refresh()`` brings those up to date.
    package func counters() -> RegistryCounters {
        var counters = counts.snapshot()
        let bytes = transfers.bytes
        counters.bytesIn &+= bytes.in
        counters.bytesOut &+= bytes.out
        return counters
    }

    /// Publishes what has happened. Called after the commit; never waits.
    package func publish(_ action: RegistryEvent.Action, by client: Client) {
        events.publish(action, by: client)
    }

    /// Says that a list would read differently now.
    func changed() { generationCounter.wrappingAdd(1, ordering: .acquiringAndReleasing) }

    /// Seconds since 1970.
    static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    /// How often the index could not be told of what is in the tree.
    var indexFailures: Int { standing.additionsLost }

    func noteIndexFailure() { standing.failed(onlyRemoves: false) }

    /// Runs `body` with no other process in the data directory. Throws `notAlone` when there is one.
    package func whileAlone<T>(_ body: () async throws(RegistryError) -> T) async throws(RegistryError) -> T {
        guard let lock else { return try await body() }
        let outcome = await lock.alone { () async -> Result<T, RegistryError> in
            do throws(RegistryError) { return .success(try await body()) } catch { return .failure(error) }
        }
        guard let outcome else { throw .notAlone }
        return try outcome.get()
    }
}

/// Runs calls of the storage, and gives their failure the core's own type. The closure is untyped, for the compiler
/// infers no typed throws in closures yet.
func stored<T>(_ call: () async throws -> T) async throws(RegistryError) -> T {
    do { return try await call() } catch { throw RegistryError(error) }
}

/// The same for calls that do not wait.
func storedNow<T>(_ call: () throws -> T) throws(RegistryError) -> T {
    do { return try call() } catch { throw RegistryError(error) }
}

/// Runs a call of the index, and gives its failure the core's own type.
func indexed<T>(_ call: () throws -> T) throws(RegistryError) -> T {
    do { return try call() } catch { throw RegistryError(error) }
}
