import Foundation
import RegistryCollector
import RegistryControl
import Testing

@testable import berth

/// A plan that was printed as JSON and is read back from its file: what people are told of it, and what is sent on.
@Suite struct PlanFileTests {
    private static let hex = String(repeating: "ab", count: 32)
    private static let digest = "sha256:\(hex)"

    private static let plan = """
        {
          "plan":"0F1E2D3C-4B5A-4978-8796-A5B4C3D2E1F0","generation":7,"made":"2023-11-14T22:13:20Z",
          "options":{"untagged":true,"layer_links":true,"grace_seconds":0,"retention":false},
          "totals":{"lines":99,"bytes_removable":99,"bytes_shared":2048,"lines_spared":99,"bytes_spared":99},
          "lines":[
            {"item":{"kind":"tag","repository":"team/app","tag":"v1"},"bytes":0,"repositories":["team/app"],
             "reason":{"code":"not_retained","about":"not among the newest 3","text":"x"}},
            {"item":{"kind":"revision","repository":"team/app","digest":"\(digest)"},"bytes":0,
             "repositories":["team/app"],"reason":{"code":"untagged","text":"no tag holds it"},
             "last_tag":{"repository":"team/app","tag":"v0","until":"2023-11-14T22:13:20Z","by":"10.0.0.4",
                         "how":"manifest_deleted"}},
            {"item":{"kind":"blob","digest":"\(digest)"},"bytes":4096,"repositories":["team/app","team/web"],
             "reason":{"code":"unreferenced","text":"no manifest references it"}},
            {"item":{"kind":"upload","repository":"team/app","upload":"6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
             "bytes":1,"repositories":["team/app"],"reason":{"code":"abandoned","text":"nothing was written to it"}},
            {"item":{"kind":"repository","repository":"old/empty"},"bytes":0,"repositories":["old/empty"],
             "reason":{"code":"empty","text":"nothing is in it"}}
          ],
          "spared":[
            {"item":{"kind":"layerLink","repository":"team/app","digest":"\(digest)"},"bytes":5,
             "repositories":["team/app"],"until":"2023-11-14T22:14:50Z",
             "reason":{"code":"leased","text":"promised to a client, spared for 90 s"}},
            {"item":{"kind":"blob","digest":"\(digest)"},"bytes":6,"repositories":[],
             "reason":{"code":"may_be_referenced","about":"a/link",
                       "text":"may be referenced by a/link, which cannot be read"}}
          ],
          "damaged":[{"path":"a/link","reason":"no digest"}]
        }
        """

    private func read(_ plan: String) async throws -> PlanAnswer {
        let folder = try TemporaryFolder()
        try folder.write(plan, to: "plan.json")
        return try await PlanAnswer.read(folder.path("plan.json"))
    }

    @Test func whatPeopleAreToldOfIt() async throws {
        let text = """
            4.00 KiB in 1 tags, 1 manifests, 1 blobs, 1 uploads, 1 empty repositories; \
            2.00 KiB that others need too stay

            tags
                        team/app:v1  not retained: not among the newest 3

            manifests
                        team/app@abababababab  no tag holds it; last team/app:v0, manifest deleted \
            2023-11-14T22:13:20Z by 10.0.0.4

            blobs
              4.00 KiB  abababababab  team/app +1  no manifest references it

            uploads
                   1 B  team/app/6ba7b810-9dad-11d1-80b4-00c04fd430c8  nothing was written to it

            empty repositories
                        old/empty  nothing is in it

            spared for now, 11 B

            links to layers
                   5 B  team/app@abababababab  promised to a client, spared for 90 s

            blobs
                   6 B  abababababab  may be referenced by a/link, which cannot be read

            cannot be read; what it may reference is spared
              a/link  no digest

            """
        let told = SweepText.text(try await read(Self.plan))
        #expect(told == text, "\(told)")
    }

    @Test func itIsSentOnWithNumbersOfItsOwn() async throws {
        let plan = try await read(Self.plan)
        #expect(plan.head?.totals.lines == 5 && plan.head?.totals.linesSpared == 2)
        #expect(plan.head?.totals.bytesRemovable == 4097 && plan.head?.totals.bytesSpared == 11)
        #expect(plan.head?.totals.bytesShared == 2048)
        var parts: [String] = []
        try plan.spool.forEach([.line, .spared, .damaged]) { parts.append(String(decoding: $0.wire, as: UTF8.self)) }
        #expect(
            parts
                == [
                    #"{"line":{"bytes":0,"item":{"kind":"tag","repository":"team/app","tag":"v1"},"#
                        + #""reason":{"about":"not among the newest 3","code":"not_retained","#
                        + #""text":"not retained: not among the newest 3"},"repositories":["team/app"]}}"#,
                    #"{"line":{"bytes":0,"item":{"digest":"\#(Self.digest)","kind":"revision","repository":"team/app"},"#
                        + #""last_tag":{"by":"10.0.0.4","how":"manifest_deleted","repository":"team/app","tag":"v0","#
                        + #""until":"2023-11-14T22:13:20Z"},"reason":{"code":"untagged","text":"no tag holds it"},"#
                        + #""repositories":["team/app"]}}"#,
                    #"{"line":{"bytes":4096,"item":{"digest":"\#(Self.digest)","kind":"blob"},"#
                        + #""reason":{"code":"unreferenced","text":"no manifest references it"},"#
                        + #""repositories":["team/app","team/web"]}}"#,
                    #"{"line":{"bytes":1,"item":{"kind":"upload","repository":"team/app","#
                        + #""upload":"6ba7b810-9dad-11d1-80b4-00c04fd430c8"},"reason":{"code":"abandoned","#
                        + #""text":"nothing was written to it"},"repositories":["team/app"]}}"#,
                    #"{"line":{"bytes":0,"item":{"kind":"repository","repository":"old/empty"},"#
                        + #""reason":{"code":"empty","text":"nothing is in it"},"repositories":["old/empty"]}}"#,
                    #"{"spared":{"bytes":5,"item":{"digest":"\#(Self.digest)","kind":"layerLink","#
                        + #""repository":"team/app"},"reason":{"code":"leased","#
                        + #""text":"promised to a client, spared for 90 s"},"repositories":["team/app"],"#
                        + #""until":"2023-11-14T22:14:50Z"}}"#,
                    #"{"spared":{"bytes":6,"item":{"digest":"\#(Self.digest)","kind":"blob"},"reason":{"about":"a/link","#
                        + #""code":"may_be_referenced","text":"may be referenced by a/link, which cannot be read"},"#
                        + #""repositories":[]}}"#,
                    #"{"damaged":{"path":"a/link","reason":"no digest"}}"#,
                ].map { $0 + "\n" })
    }

    /// A part of the plan, what stands in its place, and what is said of that.
    @Test(arguments: [
        (
            #""grace_seconds":0"#, #""grace_seconds":-1"#,
            "grace_seconds is -1; it may be 0 to 3155760000, a hundred years"
        ),
        (#""grace_seconds":0"#, #""grace":0"#, "a part (head) cannot be read: graceSeconds is missing"),
        (#""made":"2023"#, #""made":"0000"#, "made is not in the years 1 to 9999"),
        (#""bytes_shared":2048"#, #""bytes_shared":-1"#, "bytes_shared is -1; it may be 0 to 1152921504606846976"),
        (#""bytes":4096"#, #""bytes":-1"#, "bytes is -1; it may be 0 to 1152921504606846976"),
        (#""bytes":4096,"#, "", "a line is none: bytes is missing"),
        (#""kind":"blob""#, #""kind":"moon""#, "there is no line of kind moon"),
        (#""bytes":5"#, #""bytes":-1"#, "bytes is -1; it may be 0 to 1152921504606846976"),
        (#""bytes":5,"#, "", "a part (spared) cannot be read: bytes is missing"),
        (#""path":"a/link","#, "", "a part (damaged) cannot be read: path is missing"),
    ])
    func whatIsSaidOfOneThatIsNone(_ part: String, _ other: String, _ complaint: String) async throws {
        #expect(Self.plan.contains(part))
        let refusal = await #expect(throws: Refusal.self) {
            try await read(Self.plan.replacing(part, with: other, maxReplacements: 1))
        }
        let text = try #require(refusal?.message)
        #expect(text.contains("plan.json is no plan: \(complaint); 'berth gc --json' prints one"), "\(text)")
    }
}
