package import Logging
package import RegistryIndex
package import RegistryStorage

/// The registry: one verb for everything that a client does with it, be it over HTTP, in the cockpit or on the command line.
/// What takes things out, or sets them right, is the collector's.
///
/// Verbs may block the thread they run on: run them on a pool that may. Those named `…Now` never wait and may run on an event
/// loop.
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

        package init() {}
    }

    package let ground: Ground
    /// Of the requests that clients make.
    package let requests = Serials()
    package let transfers = TransferTable()
    /// Which manifests begin a push, and which a pull.
    let pushTally = OperationTally()
    let pullTally = OperationTally()
    let links = KeptLinks()
    let damageNotes = DamageNotes()

    package init(_ ground: Ground) { self.ground = ground }

    package convenience init(
        storage: any StorageDriver, index: ReferenceIndex, lock: DirectoryLock? = nil,
        coordination: any Coordination = LocalCoordination(), configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "berth.registry") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.init(
            Ground(
                storage: storage, index: index, lock: lock, coordination: coordination, configuration: configuration,
                logger: logger))
    }

    package var configuration: Configuration { ground.configuration }
    package var storage: any StorageDriver { ground.storage }
    var immediate: (any ImmediateStorage)? { ground.immediate }
    var index: ReferenceIndex { ground.index }
    package var coordination: any Coordination { ground.coordination }
    package var events: EventHub { ground.events }
    package var counts: CounterSet { ground.counts }
    var logger: Logger { ground.logger }

    package var capacity: StorageCapacity? {
        immediate?.capacity.map { StorageCapacity(bytesFree: $0.bytesFree, bytesTotal: $0.bytesTotal) }
    }

    /// Publishes what has happened, for who serves clients: what changed the tree is published by its verb. Never waits.
    package func publish(_ action: RegistryEvent.Action, by client: Client) { ground.publish(action, by: client) }

    /// What was counted, with the bytes of transfers that are under way; ``TransferTable/refresh()`` brings those up to date.
    package func counters() -> RegistryCounters {
        var counters = counts.snapshot()
        let bytes = transfers.bytes
        counters.bytesIn &+= bytes.in
        counters.bytesOut &+= bytes.out
        return counters
    }
}
