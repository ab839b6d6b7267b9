import Foundation
import OCI
import SeededRandom
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// Numbers of a plan, which may come from a file that anybody wrote.
@Suite struct PlanNumberTests {
    private static let line =
        #"{"item":{"kind":"blob","digest":"sha256:\#(String(repeating: "a", count: 64))"},"bytes":BYTES,"repositories":[],"#
        + #""reason":{"code":"unreferenced","text":"x"},"since":"SINCE"}"#

    private func line(bytes: String = "1", since: String = "2020-01-01T00:00:00Z") -> [UInt8] {
        Array(Self.line.replacing("BYTES", with: bytes).replacing("SINCE", with: since).utf8)
    }

    @Test(arguments: [
        "9223372036854775807", "9223372036854775808", "-1", "-9223372036854775808", "1e308", "1.5", "\"1\"",
    ])
    func bytesThatNothingHasAreRefused(_ bytes: String) {
        #expect(throws: PlanInvalid.self) { try SweepPlan.Line(json: line(bytes: bytes)) }
    }

    @Test(arguments: ["292277026596-12-04T15:30:08Z", "-9999-01-01T00:00:00Z", "soon", ""])
    func timesThatCannotBeWrittenAreRefused(_ since: String) {
        #expect(throws: PlanInvalid.self) { try SweepPlan.Line(json: line(since: since)) }
    }

    @Test func theLargestOfManyAddUp() throws {
        let one = try SweepPlan.Line(json: line(bytes: "\(Bounds.bytesMax)"))
        var plan = SweepPlan(
            options: SweepOptions(), generation: 0, made: Date(), lines: Array(repeating: one, count: 99))
        plan.spared = plan.lines.map { SweepPlan.Spared($0, .cameAlive) }
        #expect(plan.bytes == .max && plan.bytesSpared == .max)
    }

    @Test(arguments: [Int.max, Int.min, -1, Bounds.secondsMax + 1])
    func secondsOfNoOptionAreRefused(_ seconds: Int) {
        for field in ["grace_seconds", "upload_seconds", "referrer_seconds"] {
            let fields = ["grace_seconds", "upload_seconds", "referrer_seconds"].map { other in
                #""\#(other)":\#(other == field ? seconds : 1)"#
            }
            let json = #"{"untagged":true,"layer_links":true,"retention":true,\#(fields.joined(separator: ","))}"#
            #expect(throws: PlanInvalid.self) {
                try CollectorJSON.decode(SweepOptions.self, from: Data(json.utf8))
            }
        }
    }

    // MARK: Where lines stand

    private func parts(_ json: String, every count: Int) throws -> (head: String, elements: [String]) {
        var parts = JSONParts(lists: ["lines", "plan.lines"])
        let bytes = Array(json.utf8)
        var elements: [String] = []
        var position = 0
        while position < bytes.count {
            let end = min(bytes.count, position + count)
            try parts.feed(Array(bytes[position..<end])) { list, range in
                let text = bytes[Int(range.lowerBound)..<Int(range.upperBound)]
                elements.append("\(list) \(String(decoding: text, as: UTF8.self))")
            }
            position = end
        }
        try parts.finish()
        return (String(decoding: parts.head, as: UTF8.self), elements)
    }

    @Test func elementsAreFoundWhateverTheLayout() throws {
        let json =
            #" {"a":{"lines":[{"x":1}]},"plan" : {"lines": [ {"s":"]}\"{"} , {"t":[{"lines":[]}]}],"b":"\\"}, "lines":[]} "#
        for count in [1, 2, 3, 7, 1000] {
            let (head, elements) = try parts(json, every: count)
            #expect(head.contains(#""lines":[{"x":1}]"#) && head.contains(#""lines": []"#))
            #expect(elements == [#"plan.lines {"s":"]}\"{"}"#, #"plan.lines {"t":[{"lines":[]}]}"#])
        }
    }

    @Test(arguments: [
        "", "[]", "{", #"{"lines":[{}"#, #"{"lines":[{}]"#, #"{"lines":[{},]}"#, #"{"lines":[,{}]}"#, #"{"lines":[1]}"#,
        #"{"lines":[{} {}]}"#, #"{"lines":[],"lines":[]}"#, #"{"l\u0069nes":[]}"#, "{}}", #"{"lines":["#,
    ])
    func whatIsNoPlanIsRefused(_ json: String) {
        for count in [1, 1000] {
            #expect(throws: JSONParts.Damaged.self) { try parts(json, every: count) }
        }
    }

    /// Any bytes: refused or read, and never a trap.
    @Test func anyBytesAreReadOrRefused() {
        var dice = SeededGenerator()
        print("BERTH_SEED=\(dice.seed)")
        let pieces = ["{", "}", "[", "]", "\"", "\\", ",", ":", " ", "lines", "plan", "1", "{\"lines\":[", "\u{0}"]
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<20, using: &dice)
            let json = (0..<count).map { _ in pieces.randomElement(using: &dice) ?? "" }.joined()
            _ = try? parts("{\"lines\":[" + json, every: Int.random(in: 1...9, using: &dice))
        }
    }
}
