import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// What earlier sweeps took out, as a list of the sweep screen.
@Suite struct QuarantineTests {
    private func quarantine() throws -> Session {
        var session = try Session(columns: 120, rows: 40)
        session.type("5")
        session.press(.left)
        return session
    }

    private func effects(_ session: Session) -> [Effect] {
        session.asked.filter {
            switch $0 {
            case .putBack, .purge, .runSweep: true
            default: false
            }
        }
    }

    private func loads(_ session: Session) -> Int { session.asked.count { $0 == .loadQuarantine } }

    @Test func runsAreListedAndUnfolded() throws {
        var session = try quarantine()
        #expect(session.shows("[quarantine 2]"))
        #expect(session.shows("+ run") && session.shows("→ 15 Mar 11:00, 5 lines"))
        #expect(session.shows("▲ interrupted, 1 line") && session.shows("by schedule"))
        #expect(session.shows("Finished run of 6 lines by cockpit."))
        #expect(session.shows("1 manifest link, 1 layer link, 2 blobs, 1 upload can come back."))
        session.press(.enter)
        #expect(session.model.sweep.list.rows.count == 7 && session.shows("- run"))
        session.press(.down, .down, .down)
        #expect(session.shows("It went: only manifests that go reference it."))
        #expect(session.shows("Freed for good 15 Mar 11:00."))
        session.press(.enter)
        #expect(session.model.sweep.list.rows.count == 2)
        #expect(session.model.sweep.list.selected?.run?.by == "cockpit")
    }

    @Test func aWordOpensItAndItsNumberIsCopied() throws {
        var session = try Session()
        session.type(":quarantine")
        session.press(.enter)
        #expect(session.model.screen == .sweep && session.shows("[quarantine 2]"))
        session.type("y")
        #expect(session.copied == ["01020304-0506-0708-090a-0b0c0d0e0f10"])
    }

    @Test func aRunComesBackAfterADialog() throws {
        var session = try quarantine()
        let run = session.registry.runs[0]
        session.type("z")
        #expect(session.shows("Put the run of 11:00:07 back?") && session.shows("5 lines, 222 MiB"))
        session.press(.enter)
        #expect(!session.isAsking && effects(session).isEmpty)
        let before = loads(session)
        session.type("zy")
        #expect(effects(session) == [.putBack(run.id, only: nil)])
        #expect(session.shows("put back 5 lines") && loads(session) == before + 1)
    }

    @Test func itIsSaidWhileItIsDone() throws {
        var session = try quarantine()
        session.isAnswering = false
        session.type("zy")
        #expect(session.shows("◆ putting back …"))
        session.send(.putBack(.failure(Failure("a sweep is running already"))))
        #expect(!session.shows("◆"))
        session.type("Py")
        #expect(session.shows("◆ freeing …"))
        session.send(.purged(.success(1)))
        #expect(!session.shows("◆"))
    }

    @Test func aLineComesBackAlone() throws {
        var session = try quarantine()
        let run = session.registry.runs[0]
        session.press(.enter, .down)
        session.type("zy")
        #expect(effects(session) == [.putBack(run.id, only: [run.lines[0].item])])
    }

    @Test func whatCannotComeBackIsNamed() throws {
        var session = try quarantine()
        let run = session.registry.runs[0]
        let kept = run.lines[1...2].map { SweepPlan.Spared($0, .failed("a newer one is there")) }
        session.send(.putBack(.success(UndoReport(run: run.id, restored: [run.lines[0]], kept: kept))))
        #expect(session.shows("put back 1 line; not \(run.lines[1].item.short) and 1 more: a newer one is there"))
        session.send(.putBack(.failure(Failure("a sweep is running already"))))
        #expect(session.shows("not put back: a sweep is running already"))
    }

    @Test func freeingSaysThatNothingComesBack() throws {
        var session = try quarantine()
        session.type("P")
        #expect(session.shows("Free the run of 11:00:07 for good?"))
        #expect(session.shows("Nothing of it can come back."))
        session.press(.enter)
        #expect(effects(session).isEmpty)
        let before = loads(session)
        session.type("Py")
        #expect(effects(session) == [.purge(session.registry.runs[0].id)])
        #expect(session.shows("222 MiB freed") && loads(session) == before + 1)
    }

    @Test func onlyAnInterruptedRunGoesOn() throws {
        var session = try quarantine()
        session.type("c")
        #expect(session.shows("this run is finished") && !session.isAsking)
        session.press(.down)
        session.type("c")
        #expect(session.shows("1 line of 31 went before it ended."))
        session.type("y")
        let job = SweepJob(.resumed(session.registry.runs[1].id), SweepRunSettings(quarantineSeconds: 86_400))
        #expect(effects(session) == [.runSweep(job)])
        #expect(session.shows("✔ swept"))
    }

    @Test func theKeysSayWhereTheyWork() throws {
        var session = try Session()
        for key in "zPc" {
            session.type("5" + String(key))
            #expect(session.shows("that is for the quarantine") && !session.isAsking)
        }
        session.registry.runs = []
        session.press(.left, .ctrl("r"))
        #expect(session.shows("Nothing is in the quarantine."))
        session.type("z")
        #expect(session.shows("the quarantine is empty"))
    }

    @Test func itIsReadAgainWhenSomethingHappensToItButNotLineByLine() throws {
        var session = try quarantine()
        let before = loads(session)
        session.registry.generation += 1
        session.sample()
        #expect(loads(session) == before)
        let swept = RegistryEvent(time: noon, client: .cockpit, action: .sweepFinished(session.registry.report.summary))
        session.sample(events: [swept], sweep: SweepProgress(linesDone: 1, lines: 2, bytesDone: 0))
        #expect(loads(session) == before)
        session.sample()
        #expect(loads(session) == before + 1)
        session.sample(events: [
            RegistryEvent(time: noon, client: .cockpit, action: .quarantinePurged(UUID(), bytes: 1))
        ])
        #expect(loads(session) == before + 2)
    }
}
