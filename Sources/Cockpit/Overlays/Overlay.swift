import Drawing
import Foundation

/// What lies over a screen and takes its keys.
enum Overlay: Sendable {
    case dialog(Question)
    /// `/`: the filter, applied while it is typed.
    case filter(Prompt)
    case palette(Palette)
    case help(Help)
    case themes(ThemeChoice)
    /// What a tag was before, and tags that were deleted.
    case past(TagPast)
    /// The selected row in full.
    case detail(Detail)
}

extension Model {
    /// Gives a key to what lies on top. Screens do not see it.
    mutating func take(_ key: Key, over overlay: Overlay) -> [Effect] {
        switch overlay {
        case .dialog(let question): return answer(question, key)
        case .filter(let prompt): takeFilter(prompt, key)
        case .palette(let palette): return takePalette(palette, key)
        case .help(let help): takeHelp(help, key)
        case .themes(let choice): return takeThemes(choice, key)
        case .past(let past): return takePast(past, key)
        case .detail(let detail): takeDetail(detail, key)
        }
        return []
    }

    /// Gives pasted text to what is being typed; elsewhere a paste is not a command.
    mutating func takePaste(_ text: String) {
        switch overlay {
        case .filter(var prompt):
            prompt.insert(text)
            overlay = .filter(prompt)
            setFilter(prompt.text)
        case .palette(var palette):
            palette.prompt.insert(text)
            overlay = .palette(palette)
        case .dialog(var question) where question.isListening(at: now):
            question.dialog.prompt?.insert(text)
            overlay = .dialog(question)
        case .help(var help):
            help.paste(text)
            overlay = .help(help)
        case .dialog, .themes, .past, .detail, nil: break
        }
    }

    private mutating func takeFilter(_ prompt: Prompt, _ key: Key) {
        var prompt = prompt
        switch prompt.handle(key) {
        case .changed:
            overlay = .filter(prompt)
            setFilter(prompt.text)
        case .submitted(let text):
            overlay = nil
            filterHistory = prompt.history
            setFilter(text)
        case .cancelled:
            overlay = nil
            setFilter("")
        case .moved, .ignored: overlay = .filter(prompt)
        }
    }
}
