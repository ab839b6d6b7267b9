import Foundation
import RegistryCollector
import RegistryCore

/// A transfer in progress and how fast it goes.
struct LiveTransfer: Sendable, Equatable {
    var transfer: Transfer
    /// Bytes so far at the looks of the last seconds.
    private var pace: Pace

    /// A transfer seen for the first time: until then it went as it did on the average.
    init(_ transfer: Transfer, at now: Date) {
        self.transfer = transfer
        pace = Pace(0, at: min(transfer.started, now))
        pace.record(transfer.bytesDone, at: now)
    }

    /// Takes a newer state of the same transfer.
    mutating func follow(_ newer: Transfer, at now: Date) {
        transfer = newer
        pace.record(newer.bytesDone, at: now)
    }

    /// Lets time pass in which it did not move.
    mutating func pass(to now: Date) { pace.pass(to: now) }

    /// Bytes a second over the last seconds; 0 before that can be said.
    var bytesPerSecond: Double { pace.perSecond }

    /// 0...1; nil when the client did not say how much will come.
    var fraction: Double? {
        guard let total = transfer.bytesTotal, total > 0 else { return nil }
        return min(1, Double(transfer.bytesDone) / Double(total))
    }

    /// Until the end at this speed; nil when nobody can know.
    var secondsLeft: Double? {
        guard let total = transfer.bytesTotal, bytesPerSecond > 0 else { return nil }
        return Double(max(0, total - transfer.bytesDone)) / bytesPerSecond
    }
}

extension [LiveTransfer] {
    /// Replaces the list by a new snapshot; transfers seen before keep their history.
    mutating func follow(_ snapshot: [Transfer], at now: Date) {
        let known = Dictionary(map { ($0.transfer.id, $0) }) { first, _ in first }
        self = snapshot.map { transfer in
            guard var live = known[transfer.id] else { return LiveTransfer(transfer, at: now) }
            live.follow(transfer, at: now)
            return live
        }
    }
}
