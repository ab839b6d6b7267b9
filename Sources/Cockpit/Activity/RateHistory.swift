import Foundation
import OCI
import RegistryCollector
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
    /// How fast each goes; nil before the first totals.
    private var paces: (bytesIn: Pace, bytesOut: Pace, requests: Pace)?

    static func == (left: RateHistory, right: RateHistory) -> Bool {
        left.seconds == right.seconds && left.last?.time == right.last?.time
    }

    /// Takes the totals as they are at `now`; what came since the last call counts for the running second.
    mutating func record(_ counters: RegistryCounters, at now: Date) {
        defer {
            last = (now, counters)
            follow(counters, at: now)
        }
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
        pass(to: now)
    }

    private mutating func pass(to time: Date) {
        paces?.bytesIn.pass(to: time)
        paces?.bytesOut.pass(to: time)
        paces?.requests.pass(to: time)
    }

    private mutating func follow(_ counters: RegistryCounters, at now: Date) {
        let counts = (
            Int64(clamping: counters.bytesIn), Int64(clamping: counters.bytesOut), Int64(clamping: counters.requests)
        )
        guard var paces else {
            func pace(_ count: Int64) -> Pace { Pace(count, at: now, of: .all) }
            paces = (pace(counts.0), pace(counts.1), pace(counts.2))
            return
        }
        paces.bytesIn.record(counts.0, at: now)
        paces.bytesOut.record(counts.1, at: now)
        paces.requests.record(counts.2, at: now)
        self.paces = paces
    }

    /// A second, over the last seconds.
    var bytesInPerSecond: Double { paces?.bytesIn.perSecond ?? 0 }
    var bytesOutPerSecond: Double { paces?.bytesOut.perSecond ?? 0 }
    var requestsPerSecond: Double { paces?.requests.perSecond ?? 0 }

    /// Bytes a second in both directions.
    var bytesPerSecond: Double { bytesInPerSecond + bytesOutPerSecond }

    /// Whether the sparklines would look different a second from now.
    var isMoving: Bool { !seconds.allSatisfy(\.isIdle) }
}

extension UInt64 {
    /// What a counter has grown by; 0 for one that began anew.
    fileprivate func since(_ earlier: UInt64) -> UInt64 { self > earlier ? self - earlier : 0 }
}
