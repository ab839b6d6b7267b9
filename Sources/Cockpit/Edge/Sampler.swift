import Foundation
import RegistryCollector
import RegistryCore

/// Looks at what moves by itself, and says whether anything has.
struct Sampler: Sendable {
    /// Events that may wait between two looks; beyond, the oldest are counted and lost.
    static let eventsMax = 4096
    /// Seconds between two looks at the disk's free space, and for others on the same directory.
    static let capacitySeconds = 2.0

    private let registry: any CockpitRegistry
    private let server: any ServerControl
    private let log: LogRing
    private let subscription: EventSubscription
    private var last: Sample?
    private var lastLog: UInt64?
    /// When the disk was looked at.
    private var lastCapacity = Date.distantPast

    /// Begins to collect events; ``end()`` must follow.
    ///
    /// - Parameter onArrival: called when the first event after a look has come, and when something begins to be moved; it
    ///   must only wake somebody.
    init(
        registry: any CockpitRegistry, server: any ServerControl, log: LogRing,
        onArrival: (@Sendable () -> Void)? = nil
    ) {
        self.registry = registry
        self.server = server
        self.log = log
        subscription = registry.subscribe(eventsMax: Self.eventsMax, onArrival: onArrival)
    }

    func end() { registry.unsubscribe(subscription) }

    /// The state now; nil when nothing has changed since the last look. Costs a few locks.
    mutating func look(at now: Date, check: CheckProgress? = nil) -> Sample? {
        let (events, dropped) = subscription.take()
        let logGeneration = log.generation
        let state = registry.state
        var sample = Sample(
            time: now, generation: state.generation, server: server.state, transfers: state.transfers,
            counters: state.counters, capacity: last?.capacity, log: last?.log ?? [], events: events,
            eventsDropped: dropped, sweep: state.sweep, check: check, reconciling: state.reconciling,
            isReconciled: state.isReconciled, isAccompanied: last?.isAccompanied ?? false)
        // Also when the clock was set back.
        if abs(now.timeIntervalSince(lastCapacity)) >= Self.capacitySeconds {
            lastCapacity = now
            let surroundings = registry.surroundings
            (sample.capacity, sample.isAccompanied) = (surroundings.capacity, surroundings.isAccompanied)
        }
        if logGeneration != lastLog { sample.log = log.snapshot() }
        let isNew = last.map { sample.differs(from: $0) || logGeneration != lastLog } ?? true
        (last, lastLog) = (sample, logGeneration)
        return isNew ? sample : nil
    }
}

extension Sample {
    /// Whether the screen could look different; the log is compared by its generation, and time alone is no change.
    fileprivate func differs(from other: Sample) -> Bool {
        !events.isEmpty || eventsDropped > 0 || generation != other.generation || server != other.server
            || transfers != other.transfers || counters != other.counters || sweep != other.sweep
            || check != other.check || reconciling != other.reconciling || isReconciled != other.isReconciled
            || isAccompanied != other.isAccompanied
            || capacity?.rounded != other.capacity?.rounded
    }
}

extension StorageCapacity {
    /// In thousandths of the whole: free space that others nibble at is no news.
    fileprivate var rounded: Int64 { bytesTotal > 0 ? bytesFree / max(1, bytesTotal / 1000) : 0 }
}
