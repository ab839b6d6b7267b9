import Drawing
import Foundation
import OCI
import RegistryCore
import Synchronization
import Testing

@testable import Cockpit

/// The small values behind the screens.
@Suite struct ValueTests {
    @Test(arguments: [
        ("1.9", "1.10"), ("1.10", "1.10.1"), ("a", "b"), ("v2", "v10"), ("1", "a"), ("01", "1"), ("1.0", "1.00"),
        ("9", "10"), ("x-9-a", "x-10"), ("99999999999999999999998", "99999999999999999999999"),
    ])
    func naturalOrder(_ first: String, _ second: String) {
        let isBefore = NaturalOrder.precedes(first, second)
        let isAfter = NaturalOrder.precedes(second, first)
        #expect(isBefore != isAfter)
        #expect(!NaturalOrder.precedes(first, first))
        if first != "1.0" && first != "01" { #expect(isBefore) }
    }

    @Test(arguments: [
        ("", "anything", true), ("app", "team/app", true), ("APP", "team/app", true), ("!app", "team/app", false),
        ("!", "team/app", true), ("team app", "team/app", true), ("team zzz", "team/app", false),
        ("!zzz", "team/app", true),
    ])
    func filters(_ text: String, _ row: String, _ matches: Bool) {
        #expect(Filter(text: text).matches(row) == matches)
    }

    @Test func ratesComeFromTotalsSecondBySecond() {
        var rates = RateHistory()
        var counters = RegistryCounters()
        counters.bytesIn = 1000
        rates.record(counters, at: noon)
        #expect(!rates.isMoving)
        counters.bytesIn += 500
        rates.record(counters, at: noon.addingTimeInterval(0.5))
        counters.bytesIn += 100
        rates.record(counters, at: noon.addingTimeInterval(3))
        #expect(rates.seconds.map(\.bytesIn) == [500, 0, 0, 100])
        #expect(rates.isMoving)
        rates.advance(to: noon.addingTimeInterval(Double(RateHistory.secondsMax) + 10))
        #expect(rates.seconds.count == RateHistory.secondsMax)
        #expect(!rates.isMoving)
        #expect(rates.bytesPerSecond == 0)
    }

    @Test func countersThatStartAgainAreNoFlood() {
        var rates = RateHistory()
        var counters = RegistryCounters()
        counters.bytesOut = 1 << 40
        rates.record(counters, at: noon)
        rates.record(RegistryCounters(), at: noon.addingTimeInterval(1))
        #expect(!rates.isMoving)
    }

    @Test func theLogRingKeepsTheNewest() {
        let ring = LogRing()
        for number in 0..<(LogRing.linesMax + 5) {
            ring.append(LogLine(time: noon, level: .info, message: "\(number)"))
        }
        let lines = ring.snapshot()
        #expect(lines.count == LogRing.linesMax)
        #expect(lines.first?.message == "5" && lines.last?.message == "\(LogRing.linesMax + 4)")
        #expect(ring.generation == UInt64(LogRing.linesMax + 5))
    }

    @Test func timesAreShortAndDoNotGoStale() {
        let times = Times(.gmt)
        #expect(times.stamp(noon, now: noon) == "12:00:07")
        #expect(times.stamp(noon.addingTimeInterval(-86_400), now: noon) == "13 Mar 12:00")
        #expect(times.stamp(noon.addingTimeInterval(-86_400 * 365), now: noon) == "2025-03-14")
        #expect(times.stamp(nil, now: noon) == "-")
    }

    /// Against the calendar, which is not what makes them.
    @Test(arguments: ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "GMT"])
    func timesAreThoseOfTheirZone(_ zone: String) throws {
        let timeZone = try #require(TimeZone(identifier: zone))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let (times, day) = (Times(timeZone), 86_400.0)
        for date in stride(from: -40 * 365 * day, to: 80 * 365 * day, by: 982_369).map(noon.addingTimeInterval) {
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            let numbers = [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second].compactMap(
                \.self)
            let texts = numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }
            #expect(times.clock(date) == texts[3...].joined(separator: ":"))
            #expect(
                times.stamp(date, now: noon.addingTimeInterval(200 * 365 * day)) == texts[..<3].joined(separator: "-"))
        }
    }

    @Test(arguments: [-.infinity, -1e300, -1e15, 1e15, 1e300, .infinity, .nan])
    func noDateIsTooFar(_ seconds: Double) {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(!Times(.gmt).stamp(date, now: noon).isEmpty)
        #expect(!Times(.gmt).stamp(noon, now: date).isEmpty)
    }

    @Test(arguments: [
        ("127.0.0.1:5000", "localhost:5000"), ("0.0.0.0:80", "localhost:80"), ("[::]:5000", "localhost:5000"),
        ("registry.example:443", "registry.example:443"), ("10.1.2.3:5000", "10.1.2.3:5000"),
        (":33610", "localhost:33610"), ("[::1]:1", "localhost:1"), ("127.0.0.2:80", "127.0.0.2:80"),
    ])
    func imagesAreNamedAsClientsOnThisMachineWould(_ address: String, _ host: String) {
        #expect(Model(fixtureSetup(address: address), now: noon).imageHost == host)
    }

    @Test func waitsBelow150MillisecondsShowNothing() {
        var fresh = Model(fixtureSetup(), now: noon)
        #expect(
            fresh.update(.sampled(Sample(time: noon, generation: 1, server: .stopped))) == [
                .loadRepositories(since: nil)
            ])
        var canvas = Canvas(columns: 80, rows: 24)
        fresh.view(on: &canvas)
        #expect(!canvas.plainText.joined().contains("reading"))
        #expect(fresh.isTicking)
        _ = fresh.update(.input(.tick, at: noon.addingTimeInterval(0.2)))
        fresh.view(on: &canvas)
        #expect(canvas.plainText.joined().contains("reading …"))
    }

    /// Without work there is no reason to wake.
    @Test func anIdleCockpitDoesNotTick() throws {
        var session = try Session()
        #expect(!session.model.isTicking)
        session.type("6")
        #expect(session.model.isTicking)
        session.type("1")
        #expect(!session.model.isTicking)
    }

    @Test func theProgramStampsInputsAndTakesEffectsApart() {
        let done = Mutex<[Effect]>([])
        var program = CockpitProgram(fixtureSetup(), clock: { noon }) { effect in done.withLock { $0.append(effect) } }
        program.input(.resize(Size(columns: 80, rows: 24)))
        #expect(done.withLock { $0 }.isEmpty)
        program.receive([.sampled(Sample(time: noon, generation: 1, server: .stopped))], dropped: 0)
        #expect(done.withLock { $0 } == [.loadRepositories(since: nil)])
        program.receive([.repositories(.success(RepositoryChanges(changed: [])))], dropped: 0)
        program.input(.key(.character("y")))
        #expect(program.takeRequests().count == 1)
        #expect(program.takeRequests().isEmpty)
        program.input(.key(.character("q")))
        #expect(program.takeRequests() == [.quit])
        var canvas = Canvas(columns: 80, rows: 24)
        program.view(&canvas)
        #expect(canvas.plainText[0].hasPrefix(" demo ▶ repositories"))
    }
}
