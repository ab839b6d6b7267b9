import Foundation
import OCI
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// The JSON of plans and reports, letter by letter: other versions of the program and scripts of people read it.
@Suite struct WrittenPlanTests {
    private let words: PlanWords

    init() throws { words = try PlanWords() }

    @Test func itemsOfEachKind() throws {
        #expect(Set(words.items.map(\.item.kind)) == Set(SweepPlan.Kind.allCases))
        for (item, json) in words.items {
            #expect(try WrittenJSON.text(item) == json)
            #expect(try WrittenJSON.item(json) == item)
        }
    }

    @Test func aLineHasWhatIsKnownOfIt() throws {
        let (line, json) = words.fullLine
        #expect(try WrittenJSON.text(line) == json)
        #expect(try SweepPlan.Line(json: json.utf8) == line)
        let bare = SweepPlan.Line(.blob(words.digest), reason: .unreferenced)
        let bareJSON =
            #"{"bytes":0,"item":{"digest":"sha256:\#(PlanWords.hex)","kind":"blob"},"#
            + #""reason":{"code":"unreferenced","text":"no manifest references it"},"repositories":[]}"#
        #expect(try WrittenJSON.text(bare) == bareJSON)
        #expect(try SweepPlan.Line(json: bareJSON.utf8) == bare)
    }

    @Test func linesOfEachKindAndReason() throws {
        for (item, itemJSON) in words.items {
            for (reason, reasonJSON) in words.reasons {
                let line = SweepPlan.Line(item, bytes: 1, reason: reason)
                let names = item.repository.map { #""\#($0)""# } ?? ""
                let json = #"{"bytes":1,"item":\#(itemJSON),"reason":\#(reasonJSON),"repositories":[\#(names)]}"#
                #expect(try WrittenJSON.text(line) == json)
                #expect(try SweepPlan.Line(json: json.utf8) == line)
            }
        }
    }

    @Test(arguments: zip(["deleted", "moved", "manifest_deleted", "swept"], [0, 1, 2, 3]))
    func howATagWent(_ word: String, _ cause: Int) throws {
        var (line, json) = words.fullLine
        line.lastTag?.how = try #require(TagDeparture.Cause(rawValue: cause))
        json = json.replacing("manifest_deleted", with: word)
        #expect(try WrittenJSON.text(line) == json)
        #expect(try SweepPlan.Line(json: json.utf8) == line)
    }

    /// A later version may know more ways.
    @Test func aTagThatWentInAnUnknownWayIsDeleted() throws {
        let json = words.fullLine.json.replacing("manifest_deleted", with: "eaten")
        #expect(try SweepPlan.Line(json: json.utf8).lastTag?.how == .deleted)
    }

    @Test func whatStaysForEachReason() throws {
        for (reason, json, rest) in words.spareReasons {
            let spared = SweepPlan.Spared(.blob(words.digest), bytes: 5, mediaType: .ociLayer, reason: reason)
            let expected =
                #"{"bytes":5,"item":{"digest":"sha256:\#(PlanWords.hex)","kind":"blob"},"#
                + #""media_type":"application/vnd.oci.image.layer.v1.tar","reason":\#(json),"repositories":[]\#(rest)}"#
            #expect(try WrittenJSON.text(spared, now: PlanWords.made) == expected)
        }
        let long = SweepPlan.Spared(.blob(words.digest), reason: .leased(until: .distantFuture))
        #expect(try WrittenJSON.text(long, now: PlanWords.made).contains("spared for 3155760000 s"))
        #expect(try WrittenJSON.text(long, now: .distantFuture).contains("spared for 0 s"))
    }

    @Test func whatCannotBeRead() throws {
        #expect(
            try WrittenJSON.text(SweepPlan.Damage(path: "a/b", reason: "no \"digest\""))
                == #"{"path":"a/b","reason":"no \"digest\""}"#)
    }

    // MARK: Wholes

    @Test func options() throws {
        let all = #"{"grace_seconds":3600,"layer_links":true,"referrer_seconds":604800,"retention":false,"#
        let json = all + #""untagged":false,"upload_seconds":604800}"#
        #expect(try WrittenJSON.text(SweepOptions()) == json)
        #expect(try WrittenJSON.options(json) == SweepOptions())
        #expect(try WrittenJSON.text(words.plan.options) == PlanWords.optionsJSON)
        #expect(try WrittenJSON.options(PlanWords.optionsJSON) == words.plan.options)
    }

    @Test func aPlan() throws {
        #expect(try WrittenJSON.text(words.plan) == words.planJSON)
        let head =
            #"{"generation":7,"made":"2023-11-14T22:13:20Z","options":\#(PlanWords.optionsJSON),"#
            + #""plan":"\#(PlanWords.runText)","totals":\#(PlanWords.totalsJSON)}"#
        #expect(try WrittenJSON.head(of: words.plan) == head)
        var plan = words.plan
        plan.isPart = false
        #expect(!(try WrittenJSON.text(plan)).contains("is_part"))
        let read = try WrittenJSON.plan(words.planJSON)
        #expect(read.id == plan.id && read.options == plan.options && read.made == plan.made)
        #expect(read.lines == plan.lines && read.generation == 7 && read.bytesShared == 9 && read.isPart)
        #expect(try WrittenJSON.plan(try WrittenJSON.text(plan)).isPart == false)
    }

    @Test func aPlanForPeople() throws {
        var plan = words.plan
        (plan.lines, plan.damaged, plan.isPart) = ([], [], false)
        let text = """
            {
              "damaged" : [

              ],
              "generation" : 7,
              "lines" : [

              ],
              "made" : "2023-11-14T22:13:20Z",
              "options" : {
                "grace_seconds" : 0,
                "layer_links" : true,
                "referrer_seconds" : 5,
                "retention" : false,
                "untagged" : true
              },
              "plan" : "0F1E2D3C-4B5A-4978-8796-A5B4C3D2E1F0",
              "spared" : [
                {
                  "bytes" : 2,
                  "item" : {
                    "kind" : "repository",
                    "repository" : "team/web"
                  },
                  "reason" : {
                    "code" : "leased",
                    "text" : "promised to a client, spared for 90 s"
                  },
                  "repositories" : [
                    "team/web"
                  ],
                  "until" : "2023-11-14T22:14:50Z"
                }
              ],
              "totals" : {
                "bytes_removable" : 0,
                "bytes_shared" : 9,
                "bytes_spared" : 2,
                "lines" : 0,
                "lines_spared" : 1
              }
            }
            """
        #expect(try WrittenJSON.indented(plan) == text)
    }

    @Test func aReport() throws {
        let (line, json) = words.fullLine
        let spared = SweepPlan.Spared(.repository(words.web), reason: .leased(until: PlanWords.made))
        var report = SweepReport(
            plan: words.run, removed: [line], spared: [spared], bytesFreed: 4096, bytesQuarantined: 8192,
            purged: PlanWords.made, seconds: 0.25)
        let sparedJSON =
            #"{"bytes":0,"item":{"kind":"repository","repository":"team/web"},"reason":{"code":"leased","#
            + #""text":"promised to a client, spared for 0 s"},"repositories":["team/web"],"#
            + #""until":"2023-11-14T22:13:20Z"}"#
        let (start, end) = (
            #"{"bytes_freed":4096,"bytes_quarantined":8192,"plan":"\#(PlanWords.runText)""#,
            #","removed":[\#(json)],"seconds":0.25,"spared":[\#(sparedJSON)]}"#
        )
        #expect(try WrittenJSON.text(report) == start + #","purged":"2023-11-14T22:13:20Z""# + end)
        report.purged = nil
        #expect(try WrittenJSON.text(report) == start + end)
    }

    // MARK: The bounds

    @Test func numbersThatNoFileSystemHasAreWrittenAsTheNearest() throws {
        var line = words.fullLine.line
        line.bytes = .max
        #expect(try WrittenJSON.text(line).hasPrefix(#"{"bytes":1152921504606846976,"#))
        line.bytes = -1
        #expect(try WrittenJSON.text(line).hasPrefix(#"{"bytes":0,"#))
        line.since = .distantFuture
        line.lastTag?.until = Date(timeIntervalSince1970: 1e13)
        #expect(try WrittenJSON.text(line).contains(#""since":"4001-01-01T00:00:00Z""#))
        #expect(try WrittenJSON.text(line).contains(#""until":"9999-12-31T23:59:59Z""#))
        let options = SweepOptions(uploadSeconds: .max, referrerSeconds: .min, graceSeconds: -1)
        #expect(
            try WrittenJSON.text(options)
                == #"{"grace_seconds":0,"layer_links":true,"referrer_seconds":0,"retention":false,"untagged":false,"#
                + #""upload_seconds":3155760000}"#)
        let spared = SweepPlan.Spared(
            .blob(words.digest), bytes: .max, reason: .leased(until: line.lastTag?.until ?? .now))
        #expect(try WrittenJSON.text(spared, now: .distantPast).contains(#""until":"9999-12-31T23:59:59Z""#))
        #expect(try WrittenJSON.text(spared, now: .distantPast).hasPrefix(#"{"bytes":1152921504606846976,"#))
        var plan = words.plan
        (plan.made, plan.bytesShared) = (Date(timeIntervalSince1970: 1e13), 9)
        #expect(try WrittenJSON.head(of: plan).contains(#""made":"9999-12-31T23:59:59Z""#))
    }
}
