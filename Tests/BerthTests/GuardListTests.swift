import Foundation
import GuardRemoval
import Testing

/// The list of guards that can be taken out follows the code.
@Suite struct GuardListTests {
    @Test func everyGuardStandsWhereTheListSays() throws {
        let top = try SourceFile.root
        for one in GuardList.all {
            let content = try String(contentsOf: top.appending(path: one.file), encoding: .utf8)
            do {
                _ = try one.applied(to: content)
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test func namesAreNotRepeated() {
        let repeated = Dictionary(grouping: GuardList.all.map(\.name)) { $0 }.filter { $1.count > 1 }
        #expect(repeated.isEmpty)
    }
}
