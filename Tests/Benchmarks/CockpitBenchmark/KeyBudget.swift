import Foundation
import SeededRandom

/// Keys of every kind on the list of repositories, each measured until the screen shows what it must change: another row
/// selected, a letter of the filter, another order, the tags of a repository.
struct KeyBudget {
    let cockpit: CockpitScreen
    /// Every repository, in the order of the list.
    let names: [String]
    /// Whether the order can be seen, which it cannot while the index is compared with the tree.
    let sorts: Bool

    /// The kind of what no key ends: the list, arranged by somebody else than who draws.
    static let filtered = "filtered list shown, after its last letter"

    /// The kind of a letter that `cat` gives back in a terminal of its own: what the machine takes for nothing.
    static let echoed = "a letter there and back through cat"

    private let echo: PseudoTerminal
    private var times: [String: Times] = [:]
    private var place = 0
    /// Rows that a page key moves by.
    private var page = 0
    private var generator: SeededGenerator

    /// Milliseconds of rest before a key, at the most: faster than anybody types, and at no fixed distance from a frame.
    private static let restMax = 60

    init(cockpit: CockpitScreen, names: [String], sorts: Bool, seed: UInt64) throws {
        echo = try PseudoTerminal(
            "/bin/sh", ["-c", "stty raw -echo; echo ready; exec cat"], environment: ["PATH": "/usr/bin:/bin"],
            columns: 80,
            rows: 24)
        _ = try echo.wait("cat") { $0.line(0).hasPrefix("ready") }
        (self.cockpit, self.names, self.sorts) = (cockpit, names, sorts)
        generator = SeededGenerator(seed: seed)
    }

    /// Presses at least so many keys; returns the times of each kind.
    mutating func run(keys: Int) throws -> [String: Times] {
        defer { echo.program.end() }
        try findPage()
        while times.values.reduce(0, { $0 + $1.count }) < keys { try round() }
        return times
    }

    private mutating func findPage() throws {
        try cockpit.press("g", "the first row") { [first = names[0]] in CockpitScreen.selected($0) == first }
        try cockpit.press("\u{4}", "a page down") { [first = names[0]] in
            CockpitScreen.selected($0).map { $0 != first } ?? false
        }
        page = names.firstIndex(of: CockpitScreen.selected(cockpit.terminal.screen) ?? "") ?? 0
        place = page
    }

    private mutating func round() throws {
        try go("top and bottom", "g", to: 0)
        // Somewhere else in each round.
        for _ in 0..<Int.random(in: 1...3, using: &generator) { try go("page", "\u{4}", to: place + page) }
        for _ in 0..<12 { try go("row", "j", to: place + 1) }
        for _ in 0..<6 { try go("row", "k", to: place - 1) }
        try go("page", "\u{15}", to: place - page)
        for letter in "abcd".unicodeScalars { try there(letter) }
        try openAndBack()
        try go("top and bottom", "G", to: names.count - 1)
        try go("page", "\u{15}", to: place - page)
        if sorts { try sort() }
        try filter()
    }

    private mutating func go(_ kind: String, _ key: String, to wanted: Int) throws {
        place = min(max(0, wanted), names.count - 1)
        try measure(kind, key, "\(names[place]) selected") { [name = names[place]] in CockpitScreen.selected($0) == name
        }
    }

    private mutating func there(_ letter: Unicode.Scalar) throws {
        try rest()
        let pressed = echo.press("\r\(letter)")
        let back = try echo.wait("the letter") { $0[1, 0] == letter }
        times[Self.echoed, default: Times()].add(milliseconds(back - pressed))
    }

    private mutating func measure(
        _ kind: String, _ key: String, _ what: String, until isRight: (ScreenText) -> Bool
    ) throws {
        try rest()
        // It is so already where a list has an end.
        guard !isRight(cockpit.terminal.screen) else { return }
        times[kind, default: Times()].add(try cockpit.time(key, what, until: isRight))
    }

    private mutating func rest() throws {
        try cockpit.terminal.pass(.milliseconds(Int.random(in: 0...Self.restMax, using: &generator)))
    }

    /// Into a repository, where its tags must be listed, and out of it.
    private mutating func openAndBack() throws {
        let name = names[place]
        try measure("open and back", "\r", "the tags of \(name)") {
            $0.line(0).contains("▶ \(name) ") && $0.line(1).contains("tags ") && CockpitScreen.selected($0) != nil
        }
        try measure("open and back", "\u{7f}", "the repositories") {
            $0.line(0).contains("▶ repositories ") && CockpitScreen.selected($0) == name
        }
    }

    /// Through all orders and back to the first.
    private mutating func sort() throws {
        for order in ["tags", "bytes", "unique", "pushed", "name"] {
            let title = "by \(order)"
            try measure("sort", "s", title) { $0.line(1).contains(title) }
        }
        try cockpit.press("g", "the first row") { [first = names[0]] in CockpitScreen.selected($0) == first }
    }

    /// A filter of a few letters, and what it leaves of the list.
    private mutating func filter() throws {
        let hint = cockpit.terminal.screen.rows - 1
        try measure("filter letter", "/", "the filter") { $0.line(hint).hasPrefix(" /") }
        var text = ""
        for letter in "app\(Int.random(in: 10...99, using: &generator))" {
            text.append(letter)
            let wanted = " /\(text)"
            try measure("filter letter", String(letter), wanted) {
                $0.word(hint, 0).isEmpty && $0.line(hint).hasPrefix(wanted)
            }
        }
        let count = names.count { $0.contains(text) }
        let began = ContinuousClock.now
        let shown = try cockpit.terminal.wait("\(count) of \(names.count)") {
            $0.line(1).contains("repositories \(count) of \(names.count) ")
        }
        times[Self.filtered, default: Times()].add(milliseconds(shown - began))
        // A key of its own ends the filter, after the time in which it could begin a sequence.
        try cockpit.press("\u{1b}", "the whole list") { [count = names.count] in
            $0.line(1).contains("repositories \(count) ")
        }
        try cockpit.press("g", "the first row") { [first = names[0]] in CockpitScreen.selected($0) == first }
        place = 0
    }
}
