import Foundation
import OCI
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// What is said of JSON that is no plan of ours, word by word: people read it, and it names what is wrong.
@Suite struct PlanComplaintTests {
    private let words: PlanWords

    init() throws { words = try PlanWords() }

    /// - Parameters: a part of the full line, what stands in its place, and what is said of that.
    @Test(arguments: [
        (#""bytes":300"#, #""bytes":-1"#, "bytes is -1; it may be 0 to 1152921504606846976"),
        (
            #""bytes":300"#, #""bytes":1152921504606846977"#,
            "bytes is 1152921504606846977; it may be 0 to 1152921504606846976"
        ),
        (
            #""bytes":300"#, #""bytes":9223372036854775807"#,
            "bytes is 9223372036854775807; it may be 0 to 1152921504606846976"
        ),
        (
            #""bytes":300"#, #""bytes":9223372036854775808"#,
            "a line is none: The given data was not valid JSON."
        ),
        (
            #""bytes":300"#, #""bytes":"300""#,
            "a line is none: bytes: Expected to decode Int64 but found a string instead."
        ),
        (#""bytes":300,"#, "", "a line is none: bytes is missing"),
        (
            #""bytes":300"#, #""bytes":null"#,
            "a line is none: bytes: Cannot get value of type Int64 -- found null value instead"
        ),
        (#""kind":"blob""#, #""kind":"moon""#, "there is no line of kind moon"),
        (#""kind":"blob""#, #""kind":"tag""#, "a tag without a tag"),
        (#""kind":"blob""#, #""kind":"revision""#, "a revision without a repository"),
        (#""kind":"blob""#, #""kind":"upload""#, "a upload without an upload"),
        (#""kind":"blob""#, #""kind":"upload","upload":"x","repository":"a""#, "a upload without an upload"),
        (#""kind":"blob""#, #""kind":"repository""#, "a repository without a repository"),
        (#","kind":"blob""#, "", "a line is none: kind is missing"),
        (#""kind":"blob""#, #""kind":"repository","repository":"..""#, #"not a repository name: "..""#),
        (#""kind":"blob""#, #""kind":"tag","repository":"a","tag":"..""#, #"not a tag: "..""#),
        (
            #"{"digest":"sha256:\#(PlanWords.hex)","kind""#, #"{"digest":"md5:0","kind""#,
            #"not a digest of the form sha256:<64 hex> or sha512:<128 hex>: "md5:0""#
        ),
        (#""digest":"sha256:\#(PlanWords.hex)","kind""#, #""kind""#, "a blob without a digest"),
        (
            #""repositories":["team/app","team/web"]"#, #""repositories":["team/app",".."]"#,
            #"not a repository name: "..""#
        ),
        (
            #""repositories":["team/app","team/web"]"#, #""repositories":["team/app",1]"#,
            "a line is none: repositories.Index 1: Expected to decode String but found number instead."
        ),
        (#""code":"unreferenced""#, #""code":"fun""#, "there is no reason fun"),
        (
            #""code":"unreferenced""#, #""code":"subject_removed""#,
            #"not a digest of the form sha256:<64 hex> or sha512:<128 hex>: """#
        ),
        (
            #""code":"unreferenced","text":"no manifest references it""#, #""code":"unreferenced""#,
            "a line is none: text is missing"
        ),
        (
            #""target":"sha256:\#(PlanWords.hex)""#, #""target":"x""#,
            #"not a digest of the form sha256:<64 hex> or sha512:<128 hex>: "x""#
        ),
        (
            #""since":"2023-11-14T22:13:20Z""#, #""since":"soon""#,
            "a line is none: Expected date string to be ISO8601-formatted."
        ),
        (#""since":"2023-11-14T22:13:20Z""#, #""since":"0000-01-01T00:00:00Z""#, "since is not in the years 1 to 9999"),
        (#""until":"2023-11-14T22:13:20Z""#, #""until":"0000-01-01T00:00:00Z""#, "until is not in the years 1 to 9999"),
        (#""tag":"v1""#, #""tag":"-""#, #"not a tag: "-""#),
        (#""repository":"team/app""#, #""repository":"/""#, #"not a repository name: "/""#),
        (#""by":"10.0.0.4","#, "", "a line is none: by is missing"),
    ])
    func ofALine(_ part: String, _ other: String, _ complaint: String) throws {
        let json = words.fullLine.json
        #expect(json.contains(part))
        #expect(WrittenJSON.complaint(of: json.replacing(part, with: other, maxReplacements: 1)) == complaint)
    }

    @Test(arguments: [
        ("", "a line is none: The given data was not valid JSON."),
        ("[]", "a line is none: Expected to decode Dictionary<String, Any> but found an array instead."),
        ("{", "a line is none: The given data was not valid JSON."),
        ("1", "a line is none: Expected to decode Dictionary<String, Any> but found number instead."),
        ("null", "a line is none: Cannot get keyed decoding container -- found null value instead"),
        ("{}", "a line is none: item is missing"),
    ])
    func ofWhatIsNoLine(_ json: String, _ complaint: String) {
        #expect(WrittenJSON.complaint(of: json) == complaint)
    }

    @Test(arguments: [
        (
            #""grace_seconds":0"#, #""grace_seconds":-1"#,
            "grace_seconds is -1; it may be 0 to 3155760000, a hundred years"
        ),
        (
            #""grace_seconds":0"#, #""grace_seconds":3155760001"#,
            "grace_seconds is 3155760001; it may be 0 to 3155760000, a hundred years"
        ),
        (
            #""referrer_seconds":5"#, #""referrer_seconds":-5"#,
            "referrer_seconds is -5; it may be 0 to 3155760000, a hundred years"
        ),
        (
            #""referrer_seconds":5"#, #""upload_seconds":9223372036854775807"#,
            "upload_seconds is 9223372036854775807; it may be 0 to 3155760000, a hundred years"
        ),
        (#""grace_seconds":0,"#, "", "graceSeconds is missing"),
        (#""untagged":true"#, #""untagged":1"#, "untagged: Expected to decode Bool but found number instead."),
        (#""grace_seconds":0"#, #""grace_seconds":9223372036854775808"#, "The given data was not valid JSON."),
    ])
    func ofOptions(_ part: String, _ other: String, _ complaint: String) throws {
        #expect(PlanWords.optionsJSON.contains(part))
        let json = PlanWords.optionsJSON.replacing(part, with: other)
        #expect(WrittenJSON.complaint { _ = try WrittenJSON.options(json) } == complaint)
        let head = words.planJSON.replacing(part, with: other)
        #expect(WrittenJSON.complaint { _ = try WrittenJSON.plan(head) } != nil)
    }

    @Test func ofItems() {
        #expect(WrittenJSON.complaint { _ = try WrittenJSON.item(#"{"kind":"blob"}"#) } == "a blob without a digest")
        #expect(WrittenJSON.complaint { _ = try WrittenJSON.item(#"{"kind":"a"}"#) } == "there is no line of kind a")
    }
}
