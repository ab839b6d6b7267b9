import Foundation

/// The cockpit as its user sees it.
final class CockpitScreen {
    let terminal: PseudoTerminal
    /// How often its directory's log said that the index was compared, before it was opened.
    let readsBefore: Int

    init(terminal: PseudoTerminal, readsBefore: Int) {
        (self.terminal, self.readsBefore) = (terminal, readsBefore)
    }

    /// Where its registry listens.
    var address: String {
        let line = terminal.screen.line(0)
        guard let found = line.range(of: " serving ") else { return "" }
        return String(line[found.upperBound...].prefix { $0 != "," && $0 != " " })
    }

    /// Waits until its list of repositories is there, whole and in order of their names.
    func waitForRepositories(_ count: Int) throws {
        _ = try terminal.wait("\(count) repositories", within: 600) {
            $0.line(1).contains("repositories \(count) ") && $0.line(1).contains("by name") && Self.selected($0) != nil
        }
    }

    /// The name in the selected row of the list on the left, which `▸` points at; nil when no row is.
    static func selected(_ screen: ScreenText) -> String? {
        for row in 2..<screen.rows - 2 where screen[row, 1] == "▸" { return screen.word(row, 3) }
        return nil
    }

    /// Milliseconds from a key to the bytes that it must change.
    func time(_ keys: String, _ what: String, until isRight: (ScreenText) -> Bool) throws -> Double {
        let pressed = terminal.press(keys)
        return milliseconds(try terminal.wait(what, until: isRight) - pressed)
    }

    /// Presses a key and waits for what it changes, which is not measured.
    func press(_ keys: String, _ what: String, until isRight: (ScreenText) -> Bool) throws {
        _ = try time(keys, what, until: isRight)
    }

    func end() { terminal.program.end() }
}

func milliseconds(_ duration: Duration) -> Double {
    let parts = duration.components
    return Double(parts.seconds) * 1000 + Double(parts.attoseconds) / 1e15
}
