import Drawing
import OCI
import RegistryCollector
import RegistryCore

/// `:` and what can be typed after it.
struct Palette: Sendable {
    /// One command: its word, what it does, and whether it wants a name.
    struct Entry: Sendable {
        enum Argument: Sendable {
            case none, repository, theme
            /// Names of repositories, or `repository:tag`, with `*` for any run of characters.
            case pattern
        }

        var word: String
        var argument: Argument
        var help: String
    }

    static let entries: [Entry] = [
        Entry(word: "repos", argument: .none, help: "all repositories"),
        Entry(word: "tags", argument: .repository, help: "tags of a repository"),
        Entry(word: "graph", argument: .none, help: "graph of the tag at hand"),
        Entry(word: "activity", argument: .none, help: "transfers and history"),
        Entry(word: "sweep", argument: .none, help: "what a sweep would remove"),
        Entry(word: "quarantine", argument: .none, help: "what can come back"),
        Entry(word: "server", argument: .none, help: "state, rates, log"),
        Entry(word: "check", argument: .none, help: "what is damaged, and repair"),
        Entry(word: "reclaim", argument: .pattern, help: "what deleting would give back"),
        Entry(word: "theme", argument: .theme, help: "use a theme"),
        Entry(word: "start", argument: .none, help: "start the server"),
        Entry(word: "stop", argument: .none, help: "stop it with drain"),
        Entry(word: "help", argument: .none, help: "keys and commands"),
        Entry(word: "q", argument: .none, help: "quit"),
    ]

    /// Completions that are gone through at most; nobody presses tab more often.
    static let completionsMax = 200

    var prompt: Prompt

    init(history: [String]) { prompt = Prompt(label: ":", history: history) }
}

extension Model {
    /// What the text can be completed to, best first.
    func completions(of text: String) -> [String] {
        guard let space = text.firstIndex(of: " ") else {
            return Palette.entries.map(\.word).filter { $0.hasPrefix(text) }
        }
        let word = text[..<space]
        let part = text[text.index(after: space)...].lowercased()
        guard let entry = Palette.entries.first(where: { $0.word == word }) else { return [] }
        let names: [String] =
            switch entry.argument {
            case .none: []
            case .repository, .pattern: repositories.list.all.map(\.name.text)
            case .theme: setup.themes.map(\.name)
            }
        let matcher = Filter.Matcher(literally: part)
        var (starting, containing): ([String], [String]) = ([], [])
        for name in names where matcher.matches(name.lowercased()) {
            if name.lowercased().hasPrefix(part) { starting.append(name) } else { containing.append(name) }
            if starting.count == Palette.completionsMax { break }
        }
        return (starting + containing).prefix(Palette.completionsMax).map { "\(word) \($0)" }
    }

    mutating func takePalette(_ palette: Palette, _ key: Key) -> [Effect] {
        var palette = palette
        if key == .tab {
            if let first = completions(of: palette.prompt.text).first {
                let wantsMore = Palette.entries.contains { $0.word == first && $0.argument != .none }
                palette.prompt.replace(with: wantsMore ? first + " " : first)
            }
            overlay = .palette(palette)
            return []
        }
        switch palette.prompt.handle(key) {
        case .submitted(let text):
            overlay = nil
            paletteHistory = palette.prompt.history
            return run(text)
        case .cancelled: overlay = nil
        case .changed, .moved, .ignored: overlay = .palette(palette)
        }
        return []
    }

    /// Runs a line of the palette; a word may be cut short where only one command begins so.
    mutating func run(_ line: String) -> [Effect] {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard let typed = parts.first else { return [] }
        let argument = parts.count > 1 ? parts[1].split(separator: " ").joined() : ""
        let candidates = Palette.entries.filter { $0.word.hasPrefix(typed) }
        guard
            let entry = Palette.entries.first(where: { $0.word == typed })
                ?? (candidates.count == 1 ? candidates[0] : nil)
        else {
            say(.trouble, "no such command: \(typed); :help names them")
            return []
        }
        switch entry.word {
        case "repos": open(.repositories)
        case "tags": openTags(argument)
        case "graph": return perform(.screen(.graph))
        case "activity": open(.activity)
        case "sweep": open(.sweep)
        case "quarantine":
            open(.sweep)
            show(.quarantine)
        case "server": open(.server)
        case "check": open(.check)
        case "reclaim": return argument.isEmpty ? askForReclaim() : reclaim(.pattern(argument))
        case "theme": return useTheme(named: argument)
        case "start": return startServer()
        case "stop": return stopServer()
        case "help": overlay = .help(Help())
        default: return quit()
        }
        return []
    }

    private mutating func openTags(_ argument: String) {
        if argument.isEmpty, let name = currentRepository { return open(.tags(name)) }
        let known = repositories.list.all.map(\.name)
        let candidates = known.filter { $0.text.contains(argument) }
        if let name = known.first(where: { $0.text == argument }) ?? (candidates.count == 1 ? candidates[0] : nil) {
            open(.tags(name))
        } else if candidates.isEmpty {
            say(.trouble, "no repository matches \(argument)")
        } else {
            say(.trouble, "\(candidates.count) repositories match \(argument)")
        }
    }

    private mutating func startServer() -> [Effect] {
        if case .serving = server {
            say(.note, "the server is serving already")
            return []
        }
        return startOrStop()
    }

    private mutating func stopServer() -> [Effect] {
        switch server {
        case .stopped, .failed:
            say(.note, "the server is stopped already")
            return []
        case .starting, .serving, .draining: return startOrStop()
        }
    }
}
