import Drawing

extension Model {
    /// Draws what lies over the screen; the filter and what is typed after `:` stand in the bottom line.
    func drawOverlay(on canvas: inout Canvas) {
        switch overlay {
        case .dialog(let question): question.dialog.draw(on: &canvas)
        case .palette(let palette): drawCompletions(of: palette, on: &canvas)
        case .help(let help): drawHelp(help, on: &canvas)
        case .themes: drawThemes(on: &canvas)
        case .past(let past): drawPast(past, on: &canvas)
        case .detail(let detail): drawDetail(detail, on: &canvas)
        case .filter, nil: break
        }
    }

    /// Candidates shown above the palette's line.
    private static let candidatesMax = 12

    private func drawCompletions(of palette: Palette, on canvas: inout Canvas) {
        let candidates = completions(of: palette.prompt.text)
        let room = min(Self.candidatesMax, layout.body.height - 2)
        guard !candidates.isEmpty, room > 0 else { return }
        let shown = candidates.prefix(room)
        let help = Dictionary(Palette.entries.map { ($0.word, $0.help) }) { first, _ in first }
        let width = min(canvas.bounds.width, max(36, (shown.map(\.columns).max() ?? 0) + 28))
        let frame = Rect(x: 0, y: layout.hint.y - shown.count - 2, width: width, height: shown.count + 2)
        canvas.fill(frame)
        canvas.within(frame) { canvas in
            let hidden = candidates.count - shown.count
            canvas.box(canvas.bounds, footer: hidden > 0 ? "\(hidden) more" : "", isFocused: true)
            for (index, candidate) in shown.enumerated() {
                let x = canvas.put(
                    candidate, x: 2, y: 1 + index, style: index == 0 ? .selection : .text, width: width - 4)
                canvas.put(help[candidate] ?? "", x: max(x + 2, 14), y: 1 + index, style: .dim, width: width - 16)
            }
        }
    }

    private func drawHelp(_ help: Help, on canvas: inout Canvas) {
        let lines = help.lines(on: screen, columns: canvas.bounds.width)
        let height = canvas.bounds.height - 1
        let frame = Rect(x: 0, y: 0, width: canvas.bounds.width, height: height)
            .centred(width: Help.columns, height: height - 1)
        canvas.fill(frame)
        canvas.within(frame) { canvas in
            let trailing = help.filter.isActive ? "/\(help.filter.text)" : ""
            let inner = canvas.box(canvas.bounds, title: "help", trailing: trailing, isFocused: true)
            canvas.within(inner) { canvas in
                guard !lines.isEmpty else { return drawEmpty("nothing matches", on: &canvas) }
                let offset = help.list.offset(count: lines.count, visible: canvas.bounds.height)
                for (y, line) in lines.dropFirst(offset).prefix(canvas.bounds.height).enumerated() {
                    if line.isHeading {
                        canvas.put(line.text, x: 1, y: y, style: .header)
                    } else {
                        canvas.put(line.keys, x: 2, y: y, style: .hintKey, width: 16)
                        canvas.put(
                            line.text, x: Help.textColumn, y: y,
                            width: max(0, canvas.bounds.width - Help.textColumn - 1))
                    }
                }
            }
        }
    }

    private func drawThemes(on canvas: inout Canvas) {
        let names = setup.themes.map { "\($0.name)  \($0.appearance)" }
        let width = max(24, (names.map(\.columns).max() ?? 0) + 6)
        let frame = canvas.bounds.centred(width: width, height: names.count + 2)
        canvas.fill(frame)
        canvas.within(frame) { canvas in
            let inner = canvas.box(canvas.bounds, title: "themes", footer: "enter · esc", isFocused: true)
            let offset = ListState(selection: themeIndex).offset(count: names.count, visible: inner.height)
            for (y, name) in names.dropFirst(offset).prefix(inner.height).enumerated() {
                let isSelected = y + offset == themeIndex
                canvas.put(
                    isSelected ? "▸ \(name)" : "  \(name)", x: 2, y: 1 + y, style: isSelected ? .selection : .text,
                    width: max(0, inner.width - 2))
            }
        }
    }
}
