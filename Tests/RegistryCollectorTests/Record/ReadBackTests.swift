import Foundation
import OCI
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// Values that were written are the same when they are read: who gets one from another process has all of it.
@Suite struct ReadBackTests {
    private let words: PlanWords

    init() throws { words = try PlanWords() }

    private func again<Value: Codable>(_ value: Value) throws -> Value {
        try CollectorJSON.decode(Value.self, from: Data(try CollectorJSON.line(value)))
    }

    @Test func whatStays() throws {
        for (reason, _, _) in words.spareReasons {
            let spared = SweepPlan.Spared(
                .layerLink(words.digest, words.app), bytes: 5, mediaType: .ociLayer, reason: reason)
            #expect(try again(spared) == spared)
        }
    }

    @Test func aPlan() throws {
        #expect(try again(words.plan) == words.plan)
        #expect(try again(SweepPlan.Head(words.plan)) == SweepPlan.Head(words.plan))
    }

    @Test func aReport() throws {
        let report = SweepReport(
            plan: words.run, removed: [words.fullLine.line], spared: words.plan.spared, bytesFreed: 1,
            bytesQuarantined: 2, purged: PlanWords.made, seconds: 0.5)
        #expect(try again(report) == report)
    }

    @Test(arguments: [QuarantinedRun.State.finished, .interrupted, .running, .unreadable("cut")])
    func aRunWithoutItsLines(_ state: QuarantinedRun.State) throws {
        let run = QuarantinedRun(
            id: words.run, started: PlanWords.made, by: "cockpit", state: state, lines: [], linesPlanned: 2,
            purged: PlanWords.made)
        #expect(try again(run) == run)
    }

    @Test(arguments: CheckFinding.Kind.allCases) func aFinding(_ kind: CheckFinding.Kind) throws {
        var finding = CheckFinding(kind: kind, path: "a/b", reason: "c")
        #expect(try again(finding) == finding)
        (finding.repository, finding.tag, finding.digest) = (words.app, words.tag, words.digest)
        (finding.repair, finding.users) = (.relink, ["team/app:v1"])
        #expect(try again(finding) == finding)
    }

    @Test(arguments: [
        (#""bytes":2"#, #""bytes":-2"#, "bytes is -2; it may be 0 to 1152921504606846976"),
        (#""code":"leased""#, #""code":"liked""#, "there is no reason liked"),
        (#","until":"2023-11-14T22:14:50Z""#, "", "what is leased has no until"),
        (#""until":"2023"#, #""until":"0000"#, "until is not in the years 1 to 9999"),
    ])
    func whatIsSaidOfWhatCannotStay(_ part: String, _ other: String, _ complaint: String) {
        let json = PlanWords.sparedJSON.replacing(part, with: other)
        #expect(PlanWords.sparedJSON.contains(part))
        #expect(
            WrittenJSON.complaint {
                _ = try CollectorJSON.decode(SweepPlan.Spared.self, from: Data(json.utf8))
            } == complaint)
    }

    @Test func aRunThatIsNothingWeKnowIsNone() throws {
        let json = String(
            decoding: try CollectorJSON.line(
                QuarantinedRun(
                    id: words.run, started: PlanWords.made, by: "", state: .running, lines: [], linesPlanned: 0)),
            as: UTF8.self)
        let other = json.replacing("running", with: "walking")
        #expect(
            WrittenJSON.complaint {
                _ = try CollectorJSON.decode(QuarantinedRun.self, from: Data(other.utf8))
            } == "there is no run that is walking")
    }
}
