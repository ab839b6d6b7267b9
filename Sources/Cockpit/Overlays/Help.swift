import Drawing

/// Every key and every command, made from the key table, searched with `/`.
struct Help: Sendable {
    /// One line: what to press or type, and what it does.
    struct Line: Sendable, Equatable {
        /// Empty for a heading, and where a text goes on that has no room in one line.
        var keys: String
        var text: String
        var isHeading = false
    }

    /// Columns of its box, where the terminal has them.
    static let columns = 76
    /// Where texts begin, and what the box takes of a line.
    static let (textColumn, boxColumns) = (19, 2)

    /// What is being typed after `/`; nil when nothing is.
    var prompt: Prompt?
    var filter = Filter()
    var list = ListState()

    mutating func paste(_ text: String) {
        guard prompt != nil else { return }
        prompt?.insert(text)
        filter = Filter(text: prompt?.text ?? "")
    }

    /// The lines for `screen` that match the filter: its own keys, those that work everywhere, commands, the rest.
    func lines(on screen: Screen) -> [Line] {
        let own = Keymap.bindings.filter { $0.screens != nil && $0.works(on: screen) }
        let everywhere = Keymap.bindings.filter { $0.screens == nil }
        let commands = Palette.entries.map { entry in
            Line(
                keys:
                    ":\(entry.word)\(entry.argument == .none ? "" : entry.argument == .pattern ? " PATTERN" : " NAME")",
                text: entry.help)
        }
        let others = Screen.allCases.filter { $0 != screen }.map { other in
            let bindings = Keymap.bindings.filter { $0.screens?.contains(other) == true && !$0.works(on: screen) }
            return (other.title, bindings.map(Self.line))
        }
        let sections =
            [
                (screen.title, own.map(Self.line)), ("everywhere", everywhere.map(Self.line)),
                ("commands", commands),
            ] + others
        return sections.flatMap { title, lines in
            let shown = lines.filter { filter.matches("\($0.keys) \($0.text)".lowercased()) }
            return shown.isEmpty ? [] : [Line(keys: "", text: title, isHeading: true)] + shown
        }
    }

    /// The same on a terminal of so many columns: what has no room in its line goes on in the next.
    func lines(on screen: Screen, columns: Int) -> [Line] {
        let width = max(1, min(Self.columns, columns) - Self.boxColumns - Self.textColumn - 1)
        return lines(on: screen).flatMap { line in
            guard !line.isHeading, line.text.columns > width else { return [line] }
            return Model.words(line.text, width: width).enumerated().map { index, text in
                Line(keys: index == 0 ? line.keys : "", text: text)
            }
        }
    }

    private static func line(_ binding: Binding) -> Line { Line(keys: binding.keyText, text: binding.help) }
}

extension Model {
    mutating func takeHelp(_ help: Help, _ key: Key) {
        var help = help
        defer { if case .help = overlay { overlay = .help(help) } }
        if var prompt = help.prompt {
            switch prompt.handle(key) {
            case .submitted: help.prompt = nil
            case .cancelled: (help.prompt, help.filter) = (nil, Filter())
            case .changed, .moved, .ignored:
                help.prompt = prompt
                help.filter = Filter(text: prompt.text)
            }
            help.list = ListState()
            return
        }
        let visible = max(1, size.rows - 4)
        let count = help.lines(on: screen, columns: size.columns).count
        switch Keymap.command(for: key, on: screen) {
        case .down: help.list.scroll(by: 1, count: count, visible: visible)
        case .up: help.list.scroll(by: -1, count: count, visible: visible)
        case .pageDown: help.list.scroll(by: visible - 1, count: count, visible: visible)
        case .pageUp: help.list.scroll(by: 1 - visible, count: count, visible: visible)
        case .top: help.list.scroll(by: -count, count: count, visible: visible)
        case .bottom: help.list.scroll(by: count, count: count, visible: visible)
        case .filter: help.prompt = Prompt(label: "/", text: help.filter.text)
        case .back where help.filter.isActive: help.filter = Filter()
        case .back, .help, .quit: overlay = nil
        default: break
        }
    }
}
