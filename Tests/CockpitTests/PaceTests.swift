import Foundation
import RegistryCore
import SeededRandom
import Testing

@testable import Cockpit

/// Rates and remaining times are those of somebody with a watch, to a tenth.
@Suite struct PaceTests {
    /// A peer that is held to a rate, and takes it in steps.
    struct Peer: Sendable, CustomTestStringConvertible {
        var bytesPerSecond: Double
        var bytesStep: Double

        /// What it has taken after so many seconds.
        func taken(_ seconds: Double) -> Int64 {
            Int64((max(0, seconds) * bytesPerSecond / bytesStep).rounded(.down) * bytesStep)
        }

        var testDescription: String { "\(Int(bytesPerSecond)) B/s in steps of \(Int(bytesStep))" }
    }

    static let peers = [
        Peer(bytesPerSecond: 4_194_304, bytesStep: 1), Peer(bytesPerSecond: 4_194_304, bytesStep: 65_536),
        Peer(bytesPerSecond: 4_194_304, bytesStep: 1_000_000), Peer(bytesPerSecond: 4_194_304, bytesStep: 4_194_304),
        Peer(bytesPerSecond: 102_400, bytesStep: 95_232), Peer(bytesPerSecond: 20_480, bytesStep: 95_232),
        Peer(bytesPerSecond: 1_000, bytesStep: 100), Peer(bytesPerSecond: 5e9, bytesStep: 262_144),
    ]

    /// From when it has taken six steps and six seconds are over, at every look.
    @Test(arguments: peers) func ratesAreThoseOfAWatch(_ peer: Peer) {
        var random = SeededGenerator(seed: 13)
        for phase in stride(from: 0.0, to: 0.25, by: 0.03) {
            var pace = Pace(0, at: noon)
            var time = phase
            let settled = max(6, 6 * peer.bytesStep / peer.bytesPerSecond)
            var worst = 0.0
            while time < settled + 30 {
                pace.record(peer.taken(time), at: noon.addingTimeInterval(time))
                if time > settled { worst = max(worst, abs(pace.perSecond / peer.bytesPerSecond - 1)) }
                // Looks come four times a second, and later where a machine is busy.
                time += 0.25 + Double.random(in: 0..<0.03, using: &random)
            }
            #expect(worst < 0.1)
        }
    }

    /// What a kernel takes at once for a peer that does not is not the peer's rate for long.
    @Test func aBufferThatFillsAtOnceIsNoRate() {
        var pace = Pace(0, at: noon)
        for look in 1...40 {
            let seconds = Double(look) / 4
            pace.record(6_000_000 + Int64(seconds * 1_000_000), at: noon.addingTimeInterval(seconds))
            if seconds > 1.5 { #expect(abs(pace.perSecond / 1e6 - 1) < 0.1) }
        }
    }

    @Test func whatStandsStillHasNoRateAndOneThatGoesOnHasItsOwn() {
        var pace = Pace(0, at: noon)
        for look in 1...40 { pace.record(Int64(look) * 1000, at: noon.addingTimeInterval(Double(look) / 4)) }
        #expect(abs(pace.perSecond - 4000) < 1)
        pace.pass(to: noon.addingTimeInterval(12.1))
        #expect(pace.perSecond == 0)
        pace.pass(to: noon.addingTimeInterval(59.75))
        for look in 240...244 {
            pace.record(Int64(40_000 + (look - 239) * 500), at: noon.addingTimeInterval(Double(look) / 4))
        }
        #expect(abs(pace.perSecond - 2000) < 1)
    }

    @Test func aCountThatFallsAndAClockThatIsSetBackBeginAnew() {
        var pace = Pace(0, at: noon)
        pace.record(1 << 40, at: noon.addingTimeInterval(1))
        pace.record(5, at: noon.addingTimeInterval(2))
        #expect(pace.perSecond == 0)
        pace.record(10, at: noon.addingTimeInterval(1))
        #expect(pace.perSecond == 0)
        pace.record(.max, at: noon.addingTimeInterval(3))
        #expect(pace.perSecond.isFinite)
    }

    /// The whole screen's rate: after a pause it is right from the beginning on, and totals that nobody told of had not moved.
    @Test func theTotalsRateIsRightAfterAPause() {
        var rates = RateHistory()
        var counters = RegistryCounters()
        rates.record(counters, at: noon)
        for look in 0..<24 {
            counters.bytesIn += 1 << 20
            let time = noon.addingTimeInterval(60 + Double(look) / 4)
            rates.record(counters, at: time)
            #expect(abs(rates.bytesInPerSecond / 4_194_304 - 1) < 0.1)
            #expect(rates.bytesOutPerSecond == 0)
        }
        rates.advance(to: noon.addingTimeInterval(69))
        #expect(rates.bytesPerSecond == 0)
    }

    @Test func whatIsLeftIsWhatAWatchWouldShow() throws {
        var transfer = try sampleTransfers()[0]
        (transfer.started, transfer.bytesDone, transfer.bytesTotal) = (noon, 0, 40 << 20)
        var live = [LiveTransfer(transfer, at: noon)]
        for look in 1...39 {
            let time = noon.addingTimeInterval(Double(look) / 4)
            transfer.bytesDone = Int64(look) << 20
            live.follow([transfer], at: time)
            let left = try #require(live[0].secondsLeft)
            #expect(abs(left - (10 - Double(look) / 4)) < 0.1)
        }
        live[0].pass(to: noon.addingTimeInterval(15))
        #expect(live[0].bytesPerSecond == 0 && live[0].secondsLeft == nil)
    }
}
