import Foundation
import RegistryCore

/// A transfer in progress and how fast it goes.
struct LiveTransfer: Sendable, Equatable {
    var transfer: Transfer
    /// Bytes a second, smoothed over a few samples.
    var bytesPerSecond: Double
    var sampled: Date

    /// A transfer seen for the first time: its speed is its own average so far.
    init(_ transfer: Transfer, at now: Date) {
        self.transfer = transfer
        let seconds = now.timeIntervalSince(transfer.started)
        bytesPerSecond = seconds > 0.05 ? Double(transfer.bytesDone) / seconds : 0
        sampled = now
    }

    /// Takes a newer state of the same transfer.
    mutating func follow(_ newer: Transfer, at now: Date) {
        let seconds = now.timeIntervalSince(sampled)
        guard seconds > 0.05 else { return transfer = newer }
        let current = Double(max(0, newer.bytesDone - transfer.bytesDone)) / seconds
        bytesPerSecond = bytesPerSecond == 0 ? current : bytesPerSecond * 0.6 + current * 0.4
        transfer = newer
        sampled = now
    }

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
