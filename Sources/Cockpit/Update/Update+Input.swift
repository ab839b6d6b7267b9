import Drawing
import Foundation
import OCI

/// What comes from the terminal.
extension Model {
    mutating func take(_ input: Input) -> [Effect] {
        switch input {
        case .key(let key): return take(key)
        case .mouse(let mouse): return take(mouse)
        case .paste(let text): takePaste(text)
        case .resize(let size): self.size = size
        case .tick: break
        case .signal: return leave()
        case .outcome(let outcome): take(outcome)
        }
        return []
    }

    private mutating func take(_ key: Key) -> [Effect] {
        if key == .ctrl("c") { return interrupt() }
        if let overlay { return take(key, over: overlay) }
        if let command = Keymap.command(for: key, on: screen) { return perform(command) }
        sayUnbound(key)
        return []
    }

    /// Says what a key that does nothing here is for.
    private mutating func sayUnbound(_ key: Key) {
        let others = Keymap.bindings.filter { $0.keys.contains(key) }
        let screens = Screen.allCases.filter { screen in others.contains { $0.works(on: screen) } }
        let places = screens.map { "\($0.title) (\($0.rawValue))" }.joined(separator: ", ")
        say(
            .note,
            screens.isEmpty
                ? "\(key.label) does nothing; ? lists the keys"
                : "\(key.label) does nothing here, only on \(places); ? lists the keys")
    }

    private mutating func take(_ outcome: TerminalOutcome) {
        switch outcome {
        case .copied: break
        case .copyFailed(let reason): say(.trouble, "\(reason) Text: \(lastCopy)")
        case .shellEnded(let status): say(.note, status == 0 ? "back from the shell" : "the shell ended with \(status)")
        case .shellFailed(let reason): say(.trouble, reason)
        case .notice(let text): say(.note, text)
        }
    }

    // MARK: Mouse

    /// Rows a turn of the wheel scrolls.
    private static let wheelRows = 3

    private mutating func take(_ mouse: Mouse) -> [Effect] {
        if let overlay { return take(mouse, over: overlay) }
        switch mouse.action {
        case .press(.left): return click(mouse)
        case .doublePress(.left): return click(mouse) + doubleClick(mouse)
        case .wheelUp: wheel(-Self.wheelRows, mouse)
        case .wheelDown: wheel(Self.wheelRows, mouse)
        case .press, .doublePress, .release: break
        }
        return []
    }

    private mutating func take(_ mouse: Mouse, over overlay: Overlay) -> [Effect] {
        switch (overlay, mouse.action) {
        case (.dialog(let question), .press(.left)) where question.isListening(at: now):
            let bounds = Rect(x: 0, y: 0, width: size.columns, height: size.rows)
            guard let button = question.dialog.button(atX: mouse.x, y: mouse.y, in: bounds) else { return [] }
            return proceed(question, button: button)
        case (.help, .wheelUp), (.themes, .wheelUp), (.past, .wheelUp), (.detail, .wheelUp):
            return take(.up, over: overlay)
        case (.help, .wheelDown), (.themes, .wheelDown), (.past, .wheelDown), (.detail, .wheelDown):
            return take(.down, over: overlay)
        default: return []
        }
    }

    private mutating func click(_ mouse: Mouse) -> [Effect] {
        let layout = layout
        if layout.header.contains(x: mouse.x, y: mouse.y) {
            if let place = crumb(atX: mouse.x) { open(place) }
            return []
        }
        if layout.hint.contains(x: mouse.x, y: mouse.y) {
            return hint(atX: mouse.x).map { perform($0) } ?? []
        }
        guard let target = pane(at: mouse) else { return [] }
        if target.pane.isList { focuses[screen] = target.pane }
        if let row = row(at: mouse, in: target) {
            self[list: target.pane].select(
                row, count: count(in: target.pane), visible: visibleRows(of: target.pane))
        } else if target.pane.hasHeader, mouse.y == target.rows.y - 1 {
            sort(byColumnAt: mouse.x - target.rows.x, in: target)
        }
        return []
    }

    private mutating func doubleClick(_ mouse: Mouse) -> [Effect] {
        guard let target = pane(at: mouse), row(at: mouse, in: target) != nil else { return [] }
        return Keymap.command(for: .enter, on: screen).map { perform($0) } ?? []
    }

    private mutating func wheel(_ rows: Int, _ mouse: Mouse) {
        guard let target = pane(at: mouse), target.pane.isList else { return }
        scroll(by: rows, in: target.pane)
    }

    private func pane(at mouse: Mouse) -> PaneFrame? {
        panes.first { $0.frame.contains(x: mouse.x, y: mouse.y) }
    }

    /// The row of a list under the pointer; nil beside and below its rows.
    private func row(at mouse: Mouse, in target: PaneFrame) -> Int? {
        guard target.pane.isList, target.rows.contains(x: mouse.x, y: mouse.y) else { return nil }
        let count = count(in: target.pane)
        let row = self[list: target.pane].offset(count: count, visible: target.rows.height) + mouse.y - target.rows.y
        return row < count ? row : nil
    }

    private mutating func sort(byColumnAt x: Int, in target: PaneFrame) {
        switch target.pane {
        case .repositories:
            if let column = repositoryTable.column(atX: x, width: target.rows.width),
                let sort = RepositoryColumn.allCases[column].sort
            {
                setRepositorySort(sort)
            }
        case .tags:
            if let column = tagTable.column(atX: x, width: target.rows.width),
                let sort = TagColumn.allCases[column].sort
            {
                setTagSort(sort)
            }
        default: break
        }
    }
}
