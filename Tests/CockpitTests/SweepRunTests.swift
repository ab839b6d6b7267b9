import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// A run that is held, one that somebody else has begun, and one that finds another registry.
@Suite struct SweepRunTests {
    private func running() throws -> Session {
        var session = try Session()
        session.type("5t")
        session.press(.enter)
        session.isAnswering = false
        session.type("y")
        return session
    }

    @Test func pHoldsItAndHasItGoOn() throws {
        var session = try running()
        #expect(session.shows("getting ready") || session.shows("0/6 lines"))
        session.sample(sweep: SweepProgress(linesDone: 4, lines: 6, bytesDone: 210 << 20))
        #expect(session.shows("4/6 lines") && session.shows("210 MiB of 222 MiB"))
        session.type("p")
        #expect(session.asked.last == .pauseSweep && session.shows("p goes on"))
        session.sample(sweep: SweepProgress(linesDone: 4, lines: 6, bytesDone: 210 << 20, isPaused: true))
        #expect(session.shows("paused"))
        session.type("p")
        #expect(session.asked.last == .continueSweep && session.shows("sweeping …"))
        session.press(.escape)
        #expect(session.asked.last == .stopSweep)
        session.type("p")
        #expect(session.asked.last == .stopSweep)
    }

    @Test func otherScreensSayThatOneRuns() throws {
        var session = try running()
        session.sample(sweep: SweepProgress(linesDone: 3, lines: 6, bytesDone: 1))
        session.type("4")
        #expect(session.shows("◆ sweep 50 %"))
    }

    @Test func oneThatSomebodyElseHasBegunIsShownAndHeld() throws {
        var session = try Session()
        session.type("5")
        session.sample(sweep: SweepProgress(linesDone: 12, lines: 37, bytesDone: 3 << 20))
        #expect(session.shows("◆ a sweep is running") && session.shows("12/37 lines · 3.00 MiB"))
        session.press(.enter)
        #expect(session.shows("another sweep is running") && !session.isAsking)
        session.type("p")
        #expect(session.asked.last == .pauseSweep && session.shows("◆ a sweep is paused"))
        session.press(.escape)
        #expect(!session.asked.contains(.stopSweep))
        session.type("1")
        #expect(session.shows("◆ sweep 32 % paused"))
        session.sample()
        #expect(!session.shows("◆"))
        session.type("5p")
        #expect(session.shows("no sweep is running"))
    }

    @Test func whatSpeaksForAnotherRegistryIsShownAndAsked() throws {
        var session = try Session()
        session.registry.evidence = "registry 4711 has the tree open"
        session.type("5t")
        session.press(.enter)
        session.type("y")
        #expect(session.isAsking && session.shows("registry 4711 has the tree open"))
        #expect(session.shows("Is every other registry on this tree stopped?"))
        session.press(.enter)
        #expect(!session.isAsking && session.shows("[remove 6]"))
        session.press(.enter)
        session.type("y")
        session.type("y")
        let jobs = session.asked.compactMap { if case .runSweep(let job) = $0 { job } else { nil } }
        #expect(jobs.map(\.settings.othersAreStopped) == [false, false, true])
        #expect(jobs.map(\.work).dropFirst().allSatisfy { $0 == jobs[0].work })
        #expect(session.shows("✔ swept"))
    }

    @Test func theReportSaysUntilWhenItCanComeBack() throws {
        var session = try running()
        var report = session.registry.report
        (report.bytesFreed, report.bytesQuarantined) = (0, 8_192)
        report.purged = noon.addingTimeInterval(86_400)
        session.isAnswering = true
        session.send(.swept(.success(report)))
        #expect(session.shows("kept on disk 8.00 KiB") && session.shows("until 15 Mar 12:00"))
        #expect(session.shows("swept 1 line, 8.00 KiB in the quarantine"))
    }

    @Test func theReportForgetsWhatHasLeftTheQuarantine() throws {
        var session = try running()
        var report = session.registry.report
        (report.bytesQuarantined, report.purged) = (8_192, noon.addingTimeInterval(86_400))
        session.isAnswering = true
        session.registry.runs = []
        session.send(.swept(.success(report)))
        #expect(session.shows("put back or freed since") && !session.shows("until 15 Mar"))
    }

    @Test func leavingStopsAlsoOneOfSomebodyElse() throws {
        var session = try Session(server: .stopped)
        session.sample(sweep: SweepProgress(linesDone: 12, lines: 37, bytesDone: 3 << 20))
        session.type("q")
        #expect(session.shows("A sweep is running; it stops after its current line."))
        session.type("w")
        #expect(session.asked.contains(.stopSweep) && !session.hasQuit)
        session.sample()
        #expect(session.hasQuit)
    }

    @Test func theReportSaysWhatWasFreed() throws {
        var session = try running()
        session.send(.swept(.success(session.registry.report)))
        #expect(session.shows("freed, measured 8.00 KiB"))
        session.press(.right)
        #expect(session.shows("it is in use now"))
        session.press(.down)
        #expect(session.shows("a push is using it"))
    }

    @Test func theReportIsCopied() throws {
        var session = try running()
        session.send(.swept(.success(session.registry.report)))
        session.type("y")
        let lines = try #require(session.copied.last).split(separator: "\n")
        #expect(lines.dropFirst() == ["removed 1 line, 4.10 KiB", "spared 2 lines, 210 MiB", "freed 8.00 KiB"])
    }

    @Test func aStoppedRunIsNotCalledSwept() throws {
        var session = try running()
        var report = session.registry.report
        report.spared[0].reason = .stopped
        session.send(.swept(.success(report)))
        #expect(session.shows("▲ stopped"))
    }
}
