import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// Preview, confirm, run, report.
@Suite struct SweepTests {
    private func preview() throws -> Session {
        var session = try Session()
        session.type("5t")
        return session
    }

    private func runs(_ session: Session) -> [Effect] {
        session.asked.filter { if case .runSweep = $0 { true } else { false } }
    }

    @Test func openingTheScreenMarksAndChangesNothing() throws {
        var session = try Session()
        session.type("5")
        #expect(session.asked.contains(.planSweep(SweepOptions(untagged: false, graceSeconds: 3600))))
        #expect(session.shows("[remove 4]"))
        session.type("t")
        #expect(session.asked.last == .planSweep(SweepOptions(untagged: true, graceSeconds: 3600)))
        #expect(session.shows("[remove 6]"))
        #expect(session.shows("[x] untagged"))
        #expect(runs(session).isEmpty)
    }

    @Test func theGraceHasFourSteps() throws {
        var session = try preview()
        var graces: [Int] = []
        for key in "+++----" {
            session.type(String(key))
            graces.append(session.model.sweep.session.options.graceSeconds)
        }
        #expect(graces == [86_400, 86_400, 86_400, 3600, 600, 0, 0])
        #expect(session.shows("grace none"))
    }

    @Test func everyLineSaysWhy() throws {
        var session = try preview()
        session.press(.down, .down)
        #expect(session.shows("It goes: only manifests that go reference it."))
        #expect(session.shows("last tag tools/ci:1.3"))
        #expect(session.shows("moved 05 Mar 12:00 by 10.0.0.4"))
        #expect(session.shows("in tools/ci, team/app"))
        session.press(.right)
        #expect(session.shows("It stays: promised to a client"))
        #expect(session.shows("until 12:07:07"))
        session.press(.right)
        #expect(session.shows("It cannot be read: not a digest."))
    }

    @Test func confirmingRunsExactlyThisPlan() throws {
        var session = try preview()
        let plan = try #require(session.model.sweep.session.plan)
        session.press(.enter)
        #expect(session.shows("1 manifest link") && session.shows("2 blobs                210 MiB"))
        #expect(session.shows("Freed at once: nothing of it can come back."))
        session.type("y", after: 0.1)
        #expect(session.isAsking && runs(session).isEmpty)
        session.press(.enter)
        #expect(!session.isAsking && runs(session).isEmpty)
        session.press(.enter)
        session.type("y")
        #expect(runs(session) == [.runSweep(SweepJob(.plan(plan)))])
        #expect(session.shows("✔ swept"))
        #expect(session.shows("[removed 1] spared 2"))
        session.press(.right)
        #expect(session.shows("it is in use now"))
    }

    @Test func aPushMakesThePreviewStale() throws {
        var session = try preview()
        #expect(!session.shows("stale"))
        session.registry.generation += 1
        session.sample()
        #expect(session.shows("▲ stale"))
        session.press(.enter)
        #expect(session.shows("The registry has changed since this preview."))
        session.press(.escape)
        session.type("r")
        #expect(!session.shows("stale"))
    }

    @Test func aRunShowsItsProgressAndEscStopsIt() throws {
        var session = try preview()
        session.press(.enter)
        session.isAnswering = false
        session.type("y")
        session.sample(sweep: SweepProgress(linesDone: 1, lines: 3, bytesDone: 0))
        #expect(session.shows("1/3 lines"))
        session.type("r")
        #expect(session.shows("a sweep is running"))
        session.press(.escape)
        #expect(session.asked.last == .stopSweep)
        #expect(session.shows("stopping"))
        session.press(.escape)
        #expect(session.asked.filter { $0 == .stopSweep }.count == 1)
        session.send(.swept(.success(session.registry.report)))
        #expect(session.shows("✔ swept"))
        session.press(.escape)
        #expect(session.model.place == .repositories)
        session.type("5")
        #expect(session.shows("✔ swept"))
    }

    @Test func muchWantsAWord() throws {
        var registry = try FakeRegistry.sample()
        let line = registry.plan.lines[4]
        registry.plan.lines = Array(repeating: line, count: SweepScreen.linesTypedAbove + 1)
        var session = try Session(registry)
        session.type("5")
        session.press(.enter)
        session.type("y")
        session.press(.enter)
        #expect(!session.isAsking && runs(session).isEmpty)
        session.press(.enter)
        session.type(SweepScreen.word)
        session.press(.enter)
        #expect(runs(session).count == 1)
    }

    @Test func aGibibyteIsMuchToo() throws {
        var plan = try FakeRegistry.sample().plan
        plan.lines = [plan.lines[3]]
        plan.lines[0].bytes = SweepScreen.bytesTypedAbove
        #expect(!SweepScreen.needsWord(plan))
        plan.lines[0].bytes += 1
        #expect(SweepScreen.needsWord(plan))
    }

    @Test func anOldAnswerIsDropped() throws {
        var session = try Session()
        session.isAnswering = false
        session.type("5t")
        let old = SweepOptions(untagged: false, graceSeconds: 3600)
        session.send(.planned(old, .success(session.registry.plan)))
        #expect(session.model.sweep.session.state == .marking)
        session.send(.planned(SweepOptions(untagged: true, graceSeconds: 3600), .failure(Failure("no index"))))
        #expect(session.shows("✖ no index"))
    }
}
