import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// Where a check stands, and what may come next: without keys, without a screen.
@Suite struct CheckSessionTests {
    private let options = CheckOptions(hashesBytes: true)

    private func done(_ report: CheckReport) -> CheckSession {
        var session = CheckSession()
        _ = session.begin(options, at: noon)
        session.finished(.success(report), at: noon)
        return session
    }

    @Test func aCheckRunsStopsAndReports() throws {
        var session = CheckSession()
        #expect(session.state == .idle && session.report == nil && session.stop() == nil)
        #expect(session.begin(options, at: noon) == .check(options))
        #expect(session.begin(CheckOptions(), at: noon) == nil)
        #expect(session.isRunning)
        session.progressed(CheckProgress(phase: .links, done: 2))
        #expect(session.stop() == .stopCheck)
        #expect(session.stop() == nil)
        var report = try sampleCheckReport()
        report.isPartial = true
        session.finished(.success(report), at: noon)
        #expect(session.state == .done(report, nil) && session.ended == noon)
        // Words and reports that come late change nothing.
        session.progressed(CheckProgress(phase: .hash, done: 2))
        session.finished(.success(CheckReport()), at: noon)
        #expect(session.report == report)
        #expect(session.begin(CheckOptions(), at: noon) == .check(CheckOptions()))
        #expect(session.report == nil)
    }

    @Test func aFailedCheckHasNothingToRepair() throws {
        var session = CheckSession()
        _ = session.begin(options, at: noon)
        session.finished(.failure(Failure("the disk is gone")), at: noon)
        #expect(session.state == .failed("the disk is gone", nil))
        let findings = try sampleFindings()
        #expect(session.repairable.isEmpty && session.repair(findings) == nil)
    }

    @Test func exactlyWhatWasConfirmedIsRepairedOnce() throws {
        let report = try sampleCheckReport()
        var session = done(report)
        let findings = report.findings.filter { $0.repair != nil }
        #expect(findings.count == 3 && session.repairable == findings)
        #expect(session.repair([]) == nil)
        #expect(session.repair(Array(findings.dropLast())) == nil)
        #expect(session.repair(report.findings) == nil)
        #expect(session.repair(findings) == .repair(findings))
        #expect(session.state == .repairing(report) && session.repairable.isEmpty)
        #expect(session.repair(findings) == nil)
        #expect(session.begin(options, at: noon) == nil && session.stop() == nil)
        session.repaired(.success(try sampleRepairs()))
        #expect(session.state == .done(report, try sampleRepairs()))
        #expect(session.repairable.isEmpty && session.repair(findings) == nil)
    }

    @Test func aRefusedRepairTouchedNothingAndMayBeTriedAgain() throws {
        let report = try sampleCheckReport()
        var session = done(report)
        let findings = session.repairable
        _ = session.repair(findings)
        session.repaired(.failure(Failure("not alone")))
        #expect(session.state == .failed("not alone", report))
        #expect(session.repair(findings) == .repair(findings))
    }

    @Test func findingsOfAnotherReportAreNotRepaired() throws {
        var session = done(try sampleCheckReport())
        let findings = session.repairable
        _ = session.begin(options, at: noon)
        #expect(session.repair(findings) == nil)
        session.finished(.success(CheckReport()), at: noon)
        #expect(session.repair(findings) == nil)
    }

    // MARK: Rates

    @Test func aRateCountsFromTheBeginningOfItsPhase() {
        var run = CheckRun(options: options, started: noon)
        #expect(run.fraction == nil && run.rate == nil && run.secondsLeft == nil && run.phase == 1 && run.phases == 3)
        run.take(CheckProgress(phase: .links, done: 10, seconds: 1))
        run.take(CheckProgress(phase: .links, done: 30, seconds: 5))
        #expect(run.rate == 5 && run.fraction == nil && run.secondsLeft == nil)
        run.take(CheckProgress(phase: .hash, done: 100, total: 1_000, seconds: 10))
        #expect(run.rate == nil && run.fraction == 0.1 && run.phase == 3)
        run.take(CheckProgress(phase: .hash, done: 150, total: 1_000, seconds: 10.5))
        #expect(run.rate == nil)
        run.take(CheckProgress(phase: .hash, done: 300, total: 1_000, seconds: 12))
        #expect(run.rate == 100 && run.secondsLeft == 7)
        // A push meanwhile: there is more than was counted.
        run.take(CheckProgress(phase: .hash, done: 1_100, total: 1_000, seconds: 20))
        #expect(run.fraction == 1 && run.secondsLeft == nil)
    }

    @Test func anEmptyStoreIsHashedAtOnce() {
        var run = CheckRun(options: options, started: noon)
        run.take(CheckProgress(phase: .hash, done: 0, total: 0))
        #expect(run.fraction == 1 && run.secondsLeft == nil)
    }
}
