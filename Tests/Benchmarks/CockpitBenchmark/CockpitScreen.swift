import Foundation

/// The cockpit as its user sees it.
final class CockpitScreen {
    let terminal: PseudoTerminal
    /// How often its directory's log said that the index was compared, before it was opened.
    let readsBefore: Int

    /// Where its registry listens, as `127.0.0.1:5000`.
    let address: String

    /// Waits until the screen says where its registry listens.
    init(terminal: PseudoTerminal, readsBefore: Int) throws {
        (self.terminal, self.readsBefore) = (terminal, readsBefore)
        _ = try terminal.wait("the port") { Self.port($0) != nil }
        address = "127.0.0.1:\(Self.port(terminal.screen) ?? "")"
    }

    /// The port in the first line, which has more words around it where there is room for them.
    private static func port(_ screen: ScreenText) -> Substring? {
        screen.line(0).split(separator: ":").dropFirst().lazy.map { $0.prefix { $0.isNumber } }.first { $0.count >= 4 }
    }

    /// Waits until its list of repositories is there, whole and in order of their names.
    ///
    /// - Parameter areRead: whether the screen must not say that numbers may grow.
    func waitForRepositories(_ count: Int, areRead: Bool) throws {
        _ = try terminal.wait("\(count) repositories") {
            $0.line(1).contains("repositories \(count) ") && (!areRead || $0.line(1).contains("by name"))
                && Self.selected($0) != nil
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
