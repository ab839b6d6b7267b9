import Drawing

/// One line of the key table: keys, what they do, where, and how help and hint line say it.
struct Binding: Sendable {
    var keys: [Key]
    var command: Command
    /// The screens it works on; nil means all.
    var screens: Set<Screen>?
    /// What the help screen says.
    var help: String
    /// One or two words for the hint line; empty where it does not appear there.
    var hint: String
    /// The hint line is filled in this order, lowest first.
    var rank: Int

    init(
        _ keys: Key..., command: Command, on screens: Set<Screen>? = nil, help: String, hint: String = "",
        rank: Int = 50
    ) {
        self.keys = keys
        self.command = command
        self.screens = screens
        self.help = help
        self.hint = hint
        self.rank = rank
    }

    func works(on screen: Screen) -> Bool { screens?.contains(screen) ?? true }

    /// The keys as text: `j ↓`.
    var keyText: String { keys.map(\.label).joined(separator: " ") }
}

/// The one table of keys: it drives dispatch, the hint line and the help screen.
enum Keymap {
    static let bindings: [Binding] = moving + everywhere + lists + screens

    /// What `key` does on `screen`; nil when nothing.
    static func command(for key: Key, on screen: Screen) -> Command? {
        bindings.first { $0.works(on: screen) && $0.keys.contains(key) }?.command
    }

    /// The lines that apply on `screen`, in table order.
    static func bindings(on screen: Screen) -> [Binding] { bindings.filter { $0.works(on: screen) } }

    private static let moving: [Binding] = [
        Binding(.character("j"), .down, command: .down, help: "next row"),
        Binding(.character("k"), .up, command: .up, help: "previous row"),
        Binding(.character("g"), .home, command: .top, help: "first row"),
        Binding(.character("G"), .end, command: .bottom, help: "last row"),
        Binding(.ctrl("d"), .pageDown, command: .pageDown, help: "a page down"),
        Binding(.ctrl("u"), .pageUp, command: .pageUp, help: "a page up"),
        Binding(.character("h"), .left, command: .left, help: "fold, or the list to the left"),
        Binding(
            .character("l"), .right, command: .right, help: "unfold, or the list to the right",
            hint: "next list", rank: 23),
        Binding(.tab, command: .nextPane, help: "next pane"),
        Binding(.backTab, command: .previousPane, help: "previous pane"),
        Binding(
            .enter, command: .open, on: [.repositories, .tags, .graph], help: "open what is selected", hint: "open",
            rank: 20),
        Binding(
            .enter, command: .open, on: [.sweep], help: "confirm and run this plan; lines of a run in the quarantine",
            hint: "confirm", rank: 20),
        Binding(
            .enter, command: .detail, on: [.activity, .server, .check], help: "the selected row in full",
            hint: "in full", rank: 24),
        Binding(.character("i"), command: .detail, help: "the selected row in full, with what its list has to cut"),
        Binding(.escape, .backspace, command: .back, help: "clear the filter, else go up", hint: "back", rank: 45),
        Binding(.character("1"), command: .screen(.repositories), help: "repositories", hint: "repos", rank: 42),
        Binding(.character("2"), command: .screen(.tags), help: "tags of the repository"),
        Binding(.character("3"), command: .screen(.graph), help: "graph of the tag"),
        Binding(.character("4"), command: .screen(.activity), help: "activity", hint: "activity", rank: 40),
        Binding(.character("5"), command: .screen(.sweep), help: "sweep", hint: "sweep", rank: 39),
        Binding(.character("6"), command: .screen(.server), help: "server", hint: "server", rank: 41),
        Binding(.character("7"), command: .screen(.check), help: "check and repair", hint: "check", rank: 43),
        Binding(.character("["), command: .backward, help: "back in history"),
        Binding(.character("]"), command: .forward, help: "forward in history"),
    ]

    private static let everywhere: [Binding] = [
        Binding(.character("?"), .f(1), command: .help, help: "this help", hint: "help", rank: 0),
        Binding(.character(":"), command: .palette, help: "type a command", hint: "cmd", rank: 1),
        Binding(
            .character("/"), command: .filter, help: "filter rows; !text hides them instead", hint: "filter", rank: 2),
        Binding(.character("n"), command: .nextMatch, help: "next match, around the end"),
        Binding(.character("N"), command: .previousMatch, help: "previous match, around the start"),
        Binding(.character("T"), command: .themes, help: "themes, with preview"),
        Binding(.character("e"), command: .ticker, help: "event line on or off"),
        Binding(.character("m"), command: .mouse, help: "mouse on or off, for selecting text"),
        Binding(.ctrl("r"), command: .refresh, help: "read again"),
        Binding(.ctrl("l"), command: .redraw, help: "draw again"),
        Binding(.ctrl("z"), command: .shell, help: "a shell; the registry keeps serving"),
        Binding(.character("q"), command: .quit, help: "quit; asks when transfers run", hint: "quit", rank: 46),
        Binding(.ctrl("c"), command: .interrupt, help: "as q; twice quits at once"),
    ]

    private static let lists: [Binding] = [
        Binding(
            .character("s"), command: .sort, on: [.repositories, .tags], help: "sort by the next column",
            hint: "sort", rank: 30),
        Binding(.character("S"), command: .reverseSort, on: [.repositories, .tags], help: "reverse the order"),
        Binding(
            .character(" "), command: .toggleMark, on: [.repositories, .tags],
            help: "mark the row, or no more, and go to the next", hint: "mark",
            rank: 29),
        Binding(
            .character("d"), command: .delete, on: [.tags], help: "delete the tag, or all that are marked",
            hint: "delete", rank: 25),
        Binding(
            .character("y"), command: .copy, on: [.repositories, .tags, .graph], help: "copy the pull command",
            hint: "copy", rank: 26),
        Binding(
            .character("y"), command: .copy, on: [.check], help: "copy the path", hint: "copy path", rank: 26),
        Binding(
            .character("w"), command: .reclaim, on: [.repositories, .tags, .graph],
            help: "what deleting this, or all that is marked, would give back", hint: "reclaim", rank: 28),
        Binding(
            .character("z"), command: .undo, on: [.tags], help: "put back what was deleted here in the last 30 s",
            hint: "put back", rank: 19),
        Binding(
            .character("H"), command: .history, on: [.tags], help: "what the tag pointed at before; enter rolls back",
            hint: "history", rank: 31),
        Binding(.character("D"), command: .deletedTags, on: [.tags], help: "tags that were deleted; enter puts back"),
        Binding(
            .character("c"), command: .clientTool, on: [.repositories, .tags, .graph],
            help: "commands for docker, podman or skopeo"),
        Binding(.character("Y"), command: .copyByDigest, on: [.tags, .graph], help: "copy it with the digest"),
    ]

    private static let screens: [Binding] = [
        Binding(
            .character("u"), command: .usedBy, on: [.graph], help: "which tags use the blob, in all repositories",
            hint: "used by", rank: 21),
        Binding(
            .character("x"), command: .expandAll, on: [.graph], help: "unfold everything, or fold it",
            hint: "unfold", rank: 22),
        Binding(
            .character("p"), command: .pause, on: [.activity], help: "hold the list still, or go on",
            hint: "pause", rank: 21),
        Binding(
            .character("f"), command: .cycleKind, on: [.activity], help: "show all, pushes, pulls or errors",
            hint: "all/push/pull/errors", rank: 22),
        Binding(
            .character(" "), command: .keep, on: [.sweep], help: "keep the line: it is not run with the others",
            hint: "keep", rank: 21),
        Binding(.character("r"), command: .preview, on: [.sweep], help: "mark again", hint: "re-mark", rank: 22),
        Binding(
            .character("o"), command: .export, on: [.sweep], help: "write the plan or the report as JSON to a file",
            hint: "write", rank: 24),
        Binding(
            .character("y"), command: .copy, on: [.sweep], help: "copy the report, the number of the run, or the digest"
        ),
        Binding(
            .character("p"), command: .holdSweep, on: [.sweep], help: "hold the sweep after its current line, or go on",
            hint: "pause", rank: 3),
        Binding(
            .character("z"), command: .undo, on: [.sweep], help: "put back the run or the line of the quarantine",
            hint: "put back", rank: 21),
        Binding(
            .character("P"), command: .purge, on: [.sweep], help: "free the run of the quarantine for good",
            hint: "free", rank: 22),
        Binding(
            .character("c"), command: .resume, on: [.sweep], help: "go on with a run that was interrupted",
            hint: "resume", rank: 21),
        Binding(.character("t"), command: .untagged, on: [.sweep], help: "untagged manifests too, or not"),
        Binding(
            .character("L"), command: .layerLinks, on: [.sweep],
            help: "links to layers that nothing in their repository needs, or not"),
        Binding(
            .character("K"), command: .retention, on: [.sweep], help: "tags that the retention does not keep, or not"),
        Binding(
            .character("u"), command: .uploads, on: [.sweep],
            help: "uploads not written to: stay, go after 24 h, after 7 d"),
        Binding(
            .character("R"), command: .referrers, on: [.sweep],
            help: "referrers of subjects that are gone: stay, go after 24 h, after 7 d"),
        Binding(
            .character("+"), .character("="), command: .longerGrace, on: [.sweep],
            help: "longer grace: 0, 10 min, 1 h, 24 h"),
        Binding(.character("-"), command: .shorterGrace, on: [.sweep], help: "shorter grace"),
        Binding(
            .character("f"), command: .freeAtOnce, on: [.sweep], help: "what goes: to the quarantine, or freed at once"),
        Binding(
            .character("o"), command: .startStop, on: [.server], help: "stop with drain, or start",
            hint: "start/stop", rank: 20),
        Binding(
            .character("R"), command: .restart, on: [.server], help: "stop with drain, then start",
            hint: "restart", rank: 21),
        Binding(
            .character("L"), command: .logLevel, on: [.server], help: "least level of log lines shown",
            hint: "log level", rank: 22),
        Binding(
            .character("r"), command: .checkLinks, on: [.check], help: "check links, references and sizes",
            hint: "check", rank: 20),
        Binding(
            .character("H"), command: .checkBytes, on: [.check],
            help: "the same, and hash every byte; goes on where it was stopped", hint: "every byte", rank: 21),
        Binding(
            .character("R"), command: .repair, on: [.check], help: "repair what needs no guess; asks first",
            hint: "repair", rank: 22),
    ]
}

extension Key {
    /// The key as people write it.
    var label: String {
        switch self {
        case .character(" "): "space"
        case .character(let character): String(character)
        case .ctrl(let character): "ctrl-\(character)"
        case .f(let number): "F\(number)"
        case .up: "↑"
        case .down: "↓"
        case .left: "←"
        case .right: "→"
        case .escape: "esc"
        case .backTab: "shift-tab"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .enter, .tab, .home, .end, .insert, .delete, .backspace: "\(self)"
        }
    }
}
