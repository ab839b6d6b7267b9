import Drawing
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// The border of the sweep's list names every list that `h` and `l` go through, and no other.
@Suite struct SweepTabTests {
    @Test(arguments: [(80, 24), (120, 40), (40, 24), (40, 10)], [true, false])
    func everyListIsNamedWhileItIsGoneThrough(_ size: (Int, Int), isDamaged: Bool) throws {
        var registry = try FakeRegistry.sample()
        if !isDamaged { registry.plan.damaged = [] }
        var session = try Session(registry, columns: size.0, rows: size.1)
        session.type("5")
        var seen: [String] = []
        for _ in 0..<8 {
            let title = try #require(session.screen().first { $0.contains("─ ") && $0.contains("spa") })
            let words = ["rem", "spa", "dam", "qua"].filter { title.contains($0) }
            #expect(words == (isDamaged ? ["rem", "spa", "dam", "qua"] : ["rem", "spa", "qua"]), "\(session)")
            let chosen = try #require(title.firstRange(of: /\[[a-z]+/)).lowerBound
            seen.append(String(title[title.index(after: chosen)...].prefix(3)))
            session.type("l")
        }
        let round = isDamaged ? ["rem", "spa", "dam", "qua"] : ["rem", "spa", "qua"]
        #expect(seen == (0..<8).map { round[$0 % round.count] })
    }
}
