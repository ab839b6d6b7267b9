import Foundation
import OCI
import RegistryCore

/// Bytes and requests second by second, made of the registry's own totals, so that no lost event can falsify them.
struct RateHistory: Sendable, Equatable {
    /// Seconds remembered: the width of the widest sparkline.
    static let secondsMax = 120

    /// What passed in one second.
    struct Second: Sendable, Equatable {
        var bytesIn: UInt64 = 0
        var bytesOut: UInt64 = 0
        var requests: UInt64 = 0

        var isIdle: Bool { self == Second() }
    }

    /// Oldest first; the last one is the second that is running.
    private(set) var seconds: [Second] = [Second()]
    private var last: (time: Date, counters: RegistryCounters)?

    static func == (left: RateHistory, right: RateHistory) -> Bool {
        left.seconds == right.seconds && left.last?.time == right.last?.time
    }

    /// Takes the totals as they are at `now`; what came since the last call counts for the running second.
    mutating func record(_ counters: RegistryCounters, at now: Date) {
        defer { last = (now, counters) }
        guard let last else { return }
        advance(to: now)
        seconds[seconds.count - 1].bytesIn.addClamped(counters.bytesIn.since(last.counters.bytesIn))
        seconds[seconds.count - 1].bytesOut.addClamped(counters.bytesOut.since(last.counters.bytesOut))
        seconds[seconds.count - 1].requests.addClamped(counters.requests.since(last.counters.requests))
    }

    /// Lets time pass; seconds in which nothing was recorded are idle ones.
    mutating func advance(to now: Date) {
        guard let time = last?.time else { return }
        let passed = Int((now.timeIntervalSince1970.rounded(.down) - time.timeIntervalSince1970.rounded(.down)))
        guard passed > 0 else { return }
        seconds += Array(repeating: Second(), count: min(passed, Self.secondsMax))
        seconds.removeFirst(max(0, seconds.count - Self.secondsMax))
        last?.time = now
    }

    /// Bytes a second in both directions, over the running second and the one before.
    var bytesPerSecond: Double {
        let recent = seconds.suffix(2)
        guard let time = last?.time else { return 0 }
        let begun = time.timeIntervalSince1970 - time.timeIntervalSince1970.rounded(.down)
        let bytes = recent.reduce(0.0) { $0 + Double($1.bytesIn) + Double($1.bytesOut) }
        return bytes / max(0.25, Double(recent.count - 1) + begun)
    }

    /// Whether the sparklines would look different a second from now.
    var isMoving: Bool { !seconds.allSatisfy(\.isIdle) }
}

extension UInt64 {
    /// What a counter has grown by; 0 for one that began anew.
    fileprivate func since(_ earlier: UInt64) -> UInt64 { self > earlier ? self - earlier : 0 }
}
