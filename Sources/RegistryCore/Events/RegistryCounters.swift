import Synchronization

/// Totals since the registry was opened.
package struct RegistryCounters: Sendable, Equatable {
    /// As people count them, see `OperationTally`.
    package var pulls: UInt64 = 0
    package var pushes: UInt64 = 0
    /// Bytes of blobs and manifests that have come in, as they came, and that clients have taken, as they took them.
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0
    /// Answers under `/v2/`, and those of them with a status of 400 or more; that something is not there is a good answer
    /// to a HEAD, which asks just that.
    package var requests: UInt64 = 0
    package var errors: UInt64 = 0
    /// Sweeps that came to an end, and lines of plans that they took out.
    package var sweeps: UInt64 = 0
    package var linesSwept: UInt64 = 0
    /// Room on the medium that sweeps and purges gave back.
    package var bytesFreed: UInt64 = 0

    package init() {}
}

/// The counting side: one atomic addition each. Bytes of blobs are counted by their transfers, see `TransferTable`.
package final class CounterSet: Sendable {
    package enum Counter: Sendable {
        case pulls, pushes, bytesIn, bytesOut, requests, errors, sweeps, linesSwept, bytesFreed
    }

    private let pulls = Atomic<UInt64>(0)
    private let pushes = Atomic<UInt64>(0)
    private let bytesIn = Atomic<UInt64>(0)
    private let bytesOut = Atomic<UInt64>(0)
    private let requests = Atomic<UInt64>(0)
    private let errors = Atomic<UInt64>(0)
    private let sweeps = Atomic<UInt64>(0)
    private let linesSwept = Atomic<UInt64>(0)
    private let bytesFreed = Atomic<UInt64>(0)

    package init() {}

    package func add(_ counter: Counter, _ amount: Int = 1) {
        let amount = UInt64(max(0, amount))
        switch counter {
        case .pulls: pulls.wrappingAdd(amount, ordering: .relaxed)
        case .pushes: pushes.wrappingAdd(amount, ordering: .relaxed)
        case .bytesIn: bytesIn.wrappingAdd(amount, ordering: .relaxed)
        case .bytesOut: bytesOut.wrappingAdd(amount, ordering: .relaxed)
        case .requests: requests.wrappingAdd(amount, ordering: .relaxed)
        case .errors: errors.wrappingAdd(amount, ordering: .relaxed)
        case .sweeps: sweeps.wrappingAdd(amount, ordering: .relaxed)
        case .linesSwept: linesSwept.wrappingAdd(amount, ordering: .relaxed)
        case .bytesFreed: bytesFreed.wrappingAdd(amount, ordering: .relaxed)
        }
    }

    package func snapshot() -> RegistryCounters {
        var counters = RegistryCounters()
        counters.pulls = pulls.load(ordering: .relaxed)
        counters.pushes = pushes.load(ordering: .relaxed)
        counters.bytesIn = bytesIn.load(ordering: .relaxed)
        counters.bytesOut = bytesOut.load(ordering: .relaxed)
        counters.requests = requests.load(ordering: .relaxed)
        counters.errors = errors.load(ordering: .relaxed)
        counters.sweeps = sweeps.load(ordering: .relaxed)
        counters.linesSwept = linesSwept.load(ordering: .relaxed)
        counters.bytesFreed = bytesFreed.load(ordering: .relaxed)
        return counters
    }
}
