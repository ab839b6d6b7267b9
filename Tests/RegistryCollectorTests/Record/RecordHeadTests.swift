import Foundation
import OCI
import RegistryStorage
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// The record of a run, letter by letter, and what is said of one whose head is not ours.
@Suite struct RecordHeadTests {
    private let words: PlanWords

    init() throws { words = try PlanWords() }

    private func record() async throws -> String {
        let storage = MemoryDriver()
        let plan = words.plan
        let intake = try PlanIntake(
            SweepPlan.Head(plan), run: plan.id, by: "10.0.0.4", quarantineSeconds: 3600, storage)
        for line in plan.lines + [SweepPlan.Line(.repository(words.web), reason: .empty)] { try await intake.add(line) }
        let quarantine = Quarantine(storage: storage, run: plan.id)
        try await intake.begin(quarantine)
        let bytes = try #require(try await storage.read(quarantine.recordPath, limit: 1 << 20))
        return String(decoding: bytes, as: UTF8.self).replacing(
            /"started":"[^"]*"/, with: #""started":"2023-11-14T22:13:20Z""#)
    }

    private var head: String {
        #"{"by":"10.0.0.4","quarantine_seconds":3600,"started":"2023-11-14T22:13:20Z","version":2,"plan":{"#
            + #""generation":7,"made":"2023-11-14T22:13:20Z","options":\#(PlanWords.optionsJSON),"#
            + #""plan":"\#(PlanWords.runText)","damaged":[],"spared":[],"lines":[\#n],"#
            + #""totals":{"bytes_removable":300,"bytes_shared":9,"bytes_spared":2,"is_part":true,"lines":2,"#
            + #""lines_spared":1}}}"#
    }

    @Test func aRecord() async throws {
        let empty =
            #"{"bytes":0,"item":{"kind":"repository","repository":"team/web"},"#
            + #""reason":{"code":"empty","text":"nothing is in it"},"repositories":["team/web"]}"#
        let text = try await record()
        #expect(text == head.replacing("[\n]", with: "[\n\(words.fullLine.json),\n\(empty)\n]") + "\n")
    }

    @Test func itsHead() throws {
        let read = try RecordHead.decoded(Array(head.utf8))
        #expect(read.version == 2 && read.by == "10.0.0.4" && read.quarantineSeconds == 3600)
        #expect(read.started == PlanWords.made && read.plan.made == PlanWords.made && read.plan.plan == words.run)
        #expect(read.plan.generation == 7 && read.plan.totals.lines == 2 && read.plan.totals.isPart == true)
        let first = head.replacing(#""version":2,"#, with: "")
        #expect(try RecordHead.decoded(Array(first.utf8)).version == nil)
    }

    /// A plan's time and totals are for readers: a run whose plan says nonsense there can come back.
    @Test func whatIsForReadersIsNotJudged() throws {
        let odd = head.replacing(#""bytes_shared":9"#, with: #""bytes_shared":-9"#)
            .replacing(#""lines":2"#, with: #""lines":-2"#)
            .replacing(#""made":"2023-11-14T22:13:20Z""#, with: #""made":"0000-01-01T00:00:00Z""#)
        let read = try RecordHead.decoded(Array(odd.utf8))
        #expect(read.plan.totals.bytesShared == -9 && read.plan.totals.lines == -2)
    }

    @Test(arguments: [
        (
            #""grace_seconds":0"#, #""grace_seconds":-1"#,
            "grace_seconds is -1; it may be 0 to 3155760000, a hundred years"
        ),
        (
            #""quarantine_seconds":3600"#, #""quarantine_seconds":-1"#,
            "quarantine_seconds is -1; it may be 0 to 3155760000, a hundred years"
        ),
        (
            #""started":"2023-11-14T22:13:20Z""#, #""started":"0000-01-01T00:00:00Z""#,
            "started is not in the years 1 to 9999"
        ),
        (#""version":2"#, #""version":3"#, "a later version of Berth wrote it (record version 3)"),
        (#""options""#, #""choices""#, "it is no record that this version knows: options is missing"),
        (
            #""by":"10.0.0.4""#, #""by":1"#,
            "it is no record that this version knows: by: Expected to decode String but found number instead."
        ),
        (
            #""layer_links":true,"#, "", "it is no record that this version knows: layerLinks is missing"
        ),
    ])
    func whatIsSaidOfAnother(_ part: String, _ other: String, _ complaint: String) throws {
        #expect(head.contains(part))
        let json = Array(head.replacing(part, with: other).utf8)
        let unreadable = #expect(throws: RecordUnreadable.self) { try RecordHead.decoded(json) }
        #expect(unreadable?.reason == complaint)
    }
}
