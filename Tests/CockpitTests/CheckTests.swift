import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// The check screen by its keys.
@Suite struct CheckTests {
    private func opened(columns: Int = 80, rows: Int = 24) throws -> Session {
        var session = try Session(.wounded(), columns: columns, rows: rows)
        session.type("7")
        return session
    }

    private func repairs(_ session: Session) -> [Effect] {
        session.asked.filter { if case .repair = $0 { true } else { false } }
    }

    @Test func openingTheScreenReadsWhatIsDamagedAndChecksNothing() throws {
        let session = try opened()
        #expect(session.asked.last == .loadDamage)
        #expect(session.shows("damaged 2"))
        #expect(session.shows("not checked yet"))
        #expect(session.shows("Its name cannot be a repository's."))
        let checks = session.asked.filter { if case .check = $0 { true } else { false } }
        #expect(checks.isEmpty)
    }

    @Test func damageIsReadAgainWhenTheRegistryHasChangedAndOnRequest() throws {
        var session = try opened()
        session.registry.damage.removeFirst()
        session.sample()
        #expect(session.shows("damaged 2"))
        session.registry.generation += 1
        session.sample()
        #expect(session.shows("damaged 1"))
        session.registry.damage = []
        session.press(.ctrl("r"))
        #expect(session.shows("damaged 0") && session.shows("r checks links, H every byte too"))
    }

    @Test func damageThatCannotBeReadIsSaid() throws {
        var session = try Session(.wounded())
        session.isAnswering = false
        session.type("7")
        session.wait(0.2)
        #expect(session.shows("reading …"))
        session.send(.damage(.failure(Failure("the index is locked"))))
        #expect(session.shows("✖ the index is locked"))
    }

    @Test func rChecksAndHHashesToo() throws {
        var session = try opened()
        session.type("r")
        #expect(session.asked.last == .check(CheckOptions()))
        #expect(session.shows("findings 5") && session.shows("✖ 5 wrong") && session.shows("3 can be repaired R"))
        session.type("H")
        #expect(session.asked.last == .check(CheckOptions(hashesBytes: true)))
    }

    @Test func everyFindingSaysWhyAndWhatARepairWouldDo() throws {
        var session = try opened(columns: 120, rows: 40)
        session.type("H")
        #expect(session.shows("The link is empty. A repair writes the link anew;"))
        session.press(.down)
        #expect(session.shows("or look at it: a repair would guess."))
        session.press(.down)
        #expect(session.shows("A repair moves it to berth/quarantine/.") && session.shows("in team/app:half"))
        session.press(.down)
        #expect(session.shows("blob \(try digest("amd64 layer").short)"))
        session.type("y")
        #expect(session.copied == [try sampleFindings()[3].path])
        session.press(.down)
        #expect(session.shows("pull from it. Look at it:"))
    }

    @Test func theFilterFindsKindsPlacesAndOutcomes() throws {
        var session = try opened()
        session.type("H/corrupt")
        #expect(session.model.check.list.rows.count == 1 && session.shows("1 of 5"))
        session.press(.escape)
        session.type("/half")
        #expect(session.model.check.list.rows.map(\.path) == [try sampleFindings()[2].path])
        session.press(.enter)
        session.type("R")
        #expect(session.shows("These are all, also those that the filter hides."))
        session.type("y")
        #expect(repairs(session).count == 1)
        session.press(.escape)
        session.type("/repaired")
        #expect(session.model.check.list.rows.count == 2)
        session.type("zzz")
        #expect(session.shows("0 of 5 match 'repairedzzz' · esc clears"))
    }

    // MARK: Running

    @Test func aRunShowsItsProgressAndEscStopsIt() throws {
        var session = try opened()
        session.isAnswering = false
        session.type("H")
        #expect(session.shows("? help  esc stop"))
        session.sample(check: CheckProgress(phase: .links, done: 1, place: "team/app"))
        #expect(session.shows("1 of 3") && session.shows("1 repository") && session.shows("team/app"))
        session.sample(check: try sampleProgress(0, at: 2))
        session.sample(check: try sampleProgress(21 << 30, at: 23))
        #expect(session.shows("3 of 3 · 50 %") && session.shows("1.00 GiB/s  21.0 s left"))
        #expect(session.shows("21.0 GiB of 42.0 GiB") && session.shows("✖ 3 wrong"))
        #expect(session.model.isTicking)
        session.type("r")
        #expect(session.shows("a check is running; esc stops it"))
        session.type("R")
        #expect(!session.isAsking)
        session.press(.escape, .escape)
        #expect(session.asked.filter { $0 == .stopCheck }.count == 1)
        #expect(session.shows("stopping") && session.shows("esc stop") && session.model.screen == .check)
        var report = CheckReport()
        report.isPartial = true
        session.send(.checked(.success(report)))
        #expect(session.shows("▲ stopped before the end"))
        #expect(session.shows("nothing is wrong with what was looked at"))
        session.press(.escape)
        #expect(session.model.place == .repositories)
    }

    @Test func otherScreensShowThatItRuns() throws {
        var session = try opened()
        session.isAnswering = false
        session.type("H1")
        session.sample(check: try sampleProgress(21 << 30, at: 23))
        #expect(session.screen()[0].contains("◇ check 50 %  ● serving"))
        session.send(.checked(.success(session.registry.checkReport)))
        #expect(!session.screen()[0].contains("check") && session.shows("checked: 5 wrong"))
    }

    @Test func aFailedCheckSaysWhy() throws {
        var session = try opened()
        session.isAnswering = false
        session.type("r")
        session.send(.checked(.failure(Failure("cannot list docker/registry"))))
        #expect(session.shows("✖ could not be checked") && session.shows("check failed: cannot list"))
        // What the index knows is there still.
        #expect(session.shows("damaged 2"))
    }

    // MARK: Repairing

    @Test func aRepairAsksFirstAndCancelHasTheFocus() throws {
        var session = try opened()
        session.type("R")
        #expect(!session.isAsking && session.shows("check first: r, or H for every byte too"))
        session.type("HR")
        #expect(session.isAsking && session.shows("Repair 3 findings?"))
        #expect(
            session.shows("1 damaged-link   link written anew")
                && session.shows("1 empty-tag      moved to the quarantine"))
        #expect(session.shows("2 more cannot be repaired."))
        session.type("y", after: 0.1)
        #expect(session.isAsking && repairs(session).isEmpty)
        session.press(.enter)
        #expect(!session.isAsking && repairs(session).isEmpty)
        session.type("Ry")
        #expect(repairs(session) == [.repair(try sampleFindings().filter { $0.repair != nil })])
    }

    @Test func eachFindingSaysWhatBecameOfIt() throws {
        var session = try opened()
        session.type("HRy")
        #expect(session.shows("✔ 2 repaired") && session.shows("▲ 1 left"))
        #expect(session.shows("berth/quarantine/2026-03"))
        #expect(session.shows("The link is empty. Repaired."))
        session.press(.down, .down, .down)
        #expect(session.shows("Not repaired: it has changed since."))
        session.type("R")
        #expect(!session.isAsking && session.shows("check again before another repair"))
    }

    @Test func aRefusedRepairKeepsTheFindingsAndMayBeTriedAgain() throws {
        var session = try opened()
        session.type("H")
        session.isAnswering = false
        session.type("Ry")
        #expect(session.shows("repairing …"))
        session.type("r")
        #expect(session.shows("a repair is running; wait for it"))
        session.send(.repaired(.failure(Failure("another process has the data directory open"))))
        #expect(session.shows("✖ could not be repaired") && session.shows("findings 5"))
        session.isAnswering = true
        session.type("Ry")
        #expect(repairs(session).count == 2 && session.shows("✔ 2 repaired"))
    }

    @Test func nothingToRepairIsSaid() throws {
        var session = try Session()
        session.type("7rR")
        #expect(!session.isAsking && session.shows("nothing here can be repaired without guessing"))
        #expect(session.shows("✔ nothing is wrong"))
    }

    // MARK: Leaving

    @Test func qQuitsDuringACheckAndAsksDuringARepair() throws {
        var session = try opened()
        session.type("H")
        session.isAnswering = false
        session.type("Ryq")
        #expect(session.shows("A repair is running.") && !session.hasQuit)
        session.type("w")
        session.send(.serverSettled(.stopped))
        #expect(!session.hasQuit)
        session.send(.repaired(.success(session.registry.repairReport)))
        #expect(session.hasQuit)

        session = try opened()
        session.isAnswering = false
        session.type("Hq")
        #expect(session.hasQuit)
    }

    @Test func aSignalStopsACheckAndWaitsForNothing() throws {
        var session = try Session(.wounded(), server: .stopped)
        session.isAnswering = false
        session.type("7H")
        session.send(.input(.signal(.terminate), at: session.now))
        #expect(session.outside.contains(.stopCheck) && session.hasQuit)
    }
}
