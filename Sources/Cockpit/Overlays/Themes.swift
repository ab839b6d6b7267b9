import Drawing

/// The choice of a theme, each shown as soon as it is pointed at.
struct ThemeChoice: Sendable {
    /// The theme to go back to on `esc`.
    var reverting: Int
}

extension Model {
    mutating func takeThemes(_ choice: ThemeChoice, _ key: Key) -> [Effect] {
        switch Keymap.command(for: key, on: screen) {
        case .down: return preview(theme: themeIndex + 1)
        case .up: return preview(theme: themeIndex - 1)
        case .top: return preview(theme: 0)
        case .bottom: return preview(theme: setup.themes.count - 1)
        case .back, .quit, .themes:
            overlay = nil
            return preview(theme: choice.reverting)
        default:
            guard key == .enter else { return [] }
            overlay = nil
            say(.done, "theme \(setup.themes[themeIndex].name)")
            return []
        }
    }

    /// Uses a theme by name, as `:theme` does.
    mutating func useTheme(named name: String) -> [Effect] {
        guard let index = setup.themes.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) else {
            say(.trouble, "no theme \(name); there are \(setup.themes.map(\.name).joined(separator: ", "))")
            return []
        }
        return preview(theme: index)
    }

    private mutating func preview(theme index: Int) -> [Effect] {
        let index = min(max(0, index), setup.themes.count - 1)
        guard index != themeIndex else { return [] }
        themeIndex = index
        return [.terminal(.theme(setup.themes[index]))]
    }
}
