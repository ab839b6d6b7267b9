import Foundation
import Testing

/// The guides lead to files that are there.
@Suite struct GuideTests {
    @Test func filesThatTheGuidesNameAreThere() throws {
        let sources = try SourceFile.root.appendingPathComponent("Sources")
        let guides = sources.appendingPathComponent("berth/Berth.docc")
        var (named, missing) = (0, [String]())
        for file in try FileManager.default.contentsOfDirectory(atPath: guides.path) where file.hasSuffix(".md") {
            let text = try String(contentsOf: guides.appendingPathComponent(file), encoding: .utf8)
            for match in text.matches(of: #/`(\w+(?:/[\w+]+)+\.swift)`/#) {
                let path = String(match.output.1)
                named += 1
                if !FileManager.default.fileExists(atPath: sources.appendingPathComponent(path).path) {
                    missing.append("\(file) names \(path)")
                }
            }
        }
        #expect(missing.isEmpty, "\(missing.joined(separator: "\n"))")
        #expect(named > 30)
    }
}
