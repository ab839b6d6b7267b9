package import RegistryCollector
package import RegistryCore

/// What of a registry moves by itself, at one moment.
package struct RegistryState: Sendable, Equatable {
    /// Another value means that lists are out of date.
    package var generation: UInt64
    package var transfers: [Transfer]
    package var counters: RegistryCounters
    /// How far the sweep that is running has come; nil when none is.
    package var sweep: SweepProgress?
    /// How far the comparison of the index with the tree has come; nil while none runs.
    package var reconciling: ReconcileProgress?
    /// Whether the index is up to the tree.
    package var isReconciled: Bool

    package init(
        generation: UInt64, transfers: [Transfer] = [], counters: RegistryCounters = RegistryCounters(),
        sweep: SweepProgress? = nil, reconciling: ReconcileProgress? = nil, isReconciled: Bool = true
    ) {
        self.generation = generation
        self.transfers = transfers
        self.counters = counters
        self.sweep = sweep
        self.reconciling = reconciling
        self.isReconciled = isReconciled
    }
}

/// What is around a registry.
package struct RegistrySurroundings: Sendable, Equatable {
    /// Of the medium; nil where the storage cannot say.
    package var capacity: StorageCapacity?
    /// Whether another process serves the same directory.
    package var isAccompanied: Bool

    package init(capacity: StorageCapacity? = nil, isAccompanied: Bool = false) {
        self.capacity = capacity
        self.isAccompanied = isAccompanied
    }
}
