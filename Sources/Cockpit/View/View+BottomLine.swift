import Drawing
import RegistryCollector
import RegistryCore

/// The bottom line: what is being typed, else the toast, else the hints.
extension Model {
    /// Draws what is being typed, else the toast, else the hints.
    func drawBottomLine(on canvas: inout Canvas) {
        let width = canvas.bounds.width
        switch overlay {
        case .filter(let prompt): return drawPrompt(prompt, note: matchNote, on: &canvas)
        case .palette(let palette): return drawPrompt(palette.prompt, note: "tab completes", on: &canvas)
        case .help(let help):
            if let prompt = help.prompt { return drawPrompt(prompt, note: "", on: &canvas) }
            canvas.put(
                [Span("/", .hintKey), Span(" search   ", .hintText), Span("esc", .hintKey), Span(" close", .hintText)],
                x: 1, y: 0, width: max(0, width - 2))
            return
        case .dialog, .themes, .past, .detail, nil: break
        }
        if let toast {
            canvas.put(toast.span.text, x: 1, y: 0, style: toast.span.style, width: max(0, width - 2))
            return
        }
        for slot in hintSlots {
            canvas.put(
                [Span(slot.keys, .hintKey), Span(" " + slot.text, .hintText)], x: slot.x, y: 0,
                width: max(0, width - slot.x))
        }
    }

    /// Lines that a toast takes at most.
    private static let toastLinesMax = 5

    /// Draws a toast that does not fit in the bottom line over as many lines as it needs, the last of them there.
    func drawLongToast(above hint: Rect, on canvas: inout Canvas) {
        guard canShowLongToast, let toast, toast.span.text.columns > hint.width - 2 else { return }
        let lines = Self.brokenWords(toast.span.text, width: max(1, hint.width - 2)).prefix(Self.toastLinesMax)
        let top = max(1, hint.y + 1 - lines.count)
        canvas.fill(Rect(x: 0, y: top, width: hint.width, height: hint.y + 1 - top))
        for (y, line) in lines.enumerated() {
            canvas.put(line, x: 1, y: top + y, style: toast.span.style, width: hint.width - 2)
        }
    }

    /// What is typed into stands on the bottom line; a list over the screen leaves room for what it says of a row.
    private var canShowLongToast: Bool {
        switch overlay {
        case nil, .past: true
        default: false
        }
    }

    private func drawPrompt(_ prompt: Prompt, note: String, on canvas: inout Canvas) {
        let width = canvas.bounds.width
        let field = max(1, width - 2 - (note.columns + 10 < width ? note.columns + 2 : 0))
        canvas.within(Rect(x: 1, y: 0, width: field, height: 1)) { prompt.draw(on: &$0) }
        if note.columns + 10 < width { canvas.put(note, x: width - note.columns - 1, y: 0, style: .dim) }
    }

    private var matchNote: String {
        switch screen {
        case .repositories: "\(repositories.list.rows.count) of \(repositories.list.all.count)"
        case .tags: "\(tags.list.rows.count) of \(tags.list.all.count)"
        case .graph: filter.isActive ? "\(graph.matches.count) match" : ""
        case .activity: "\(activity.list.rows.count) of \(activity.list.all.count)"
        case .sweep: "\(sweep.list.rows.count) of \(sweep.list.all.count)"
        case .server: "\(serverScreen.log.rows.count) of \(serverScreen.log.all.count)"
        case .check: "\(check.list.rows.count) of \(check.list.all.count)"
        }
    }

    /// What a click on the bottom line asks for.
    func hint(atX x: Int) -> Command? {
        guard toast == nil else { return nil }
        return hintSlots.first { x >= $0.x && x < $0.x + $0.keys.columns + 1 + $0.text.columns }?.command
    }

    /// The hints that fit, from the key table in the order of their rank.
    private var hintSlots: [(x: Int, keys: String, text: String, command: Command)] {
        let bindings = Keymap.bindings(on: screen).filter { !$0.hint.isEmpty && isUseful($0.command) }
        var slots: [(x: Int, keys: String, text: String, command: Command)] = []
        var x = 1
        // Where little fits, the way out is among it; what stops the work that runs is everywhere.
        let rank = { (binding: Binding) in
            switch binding.command {
            case .quit where layout.shape == .narrow: isStoppable ? 1 : 2
            case .back where isStoppable: 1
            default: binding.rank
            }
        }
        for binding in bindings.sorted(by: { rank($0) < rank($1) }) {
            guard let key = binding.keys.first?.label else { continue }
            let text = hintText(binding)
            let columns = key.columns + 1 + text.columns
            guard x + columns < size.columns else { break }
            slots.append((x, key, text, binding.command))
            x += columns + 2
        }
        return slots
    }

    /// Whether `esc` would stop what runs on this screen.
    private var isStoppable: Bool {
        screen == .sweep && sweep.session.isRunning || screen == .check && check.session.isRunning
    }

    /// The words of a hint; some depend on what the key would do now.
    private func hintText(_ binding: Binding) -> String {
        switch binding.command {
        case .back where filter.isActive: "clear filter"
        case .back where isStoppable: "stop"
        case .usedBy where focus == .users: "tree"
        case .startStop: if case .serving = server { "stop" } else { "start" }
        case .pause: activity.pausedAfter == nil ? "pause" : "go on"
        case .open where screen == .sweep && sweep.category == .quarantine: "lines"
        case .holdSweep: sweepIsPaused ? "go on" : "pause"
        default: binding.hint
        }
    }

    private var sweepIsPaused: Bool {
        if case .running(_, let progress, _) = sweep.session.state {
            progress.isPaused
        } else {
            sweep.elsewhere?.isPaused == true
        }
    }

    private var sweepCanOpen: Bool {
        sweep.category == .quarantine ? !sweep.list.rows.isEmpty : sweep.session.canRun
    }

    /// Whether a command would do something here and now, so that its hint is worth the room.
    private func isUseful(_ command: Command) -> Bool {
        switch command {
        case .back: filter.isActive || place.parent != nil
        case .right: screen == .sweep
        case .screen(let target): target != screen
        case .open where screen == .repositories: !repositories.list.rows.isEmpty
        case .open where screen == .tags: !tags.list.rows.isEmpty
        case .sort: screen == .tags ? !tags.list.rows.isEmpty : !repositories.list.rows.isEmpty
        case .delete, .history: !tags.list.rows.isEmpty
        // On the home screen marks are worth less than the way to the other screens.
        case .toggleMark: screen == .tags && !tags.list.rows.isEmpty
        case .reclaim where screen == .repositories: !repositories.list.rows.isEmpty
        case .reclaim where screen == .tags: !tags.list.rows.isEmpty
        case .undo where screen == .tags: canPutTagsBack
        case .undo, .purge: sweep.category == .quarantine && !sweep.list.rows.isEmpty && !sweep.isRunning
        case .resume: !sweep.isRunning && sweep.list.selected?.run?.state == .interrupted
        case .open where screen == .sweep: sweepCanOpen
        case .keep: sweep.session.state == .ready && sweep.category == .remove && !sweep.list.rows.isEmpty
        case .export: sweep.category != .quarantine && (sweep.session.state == .ready || sweep.session.report != nil)
        case .holdSweep: sweep.session.isRunning || sweep.elsewhere != nil
        case .preview: !sweep.session.isRunning && sweep.category != .quarantine
        case .checkLinks, .checkBytes: !check.session.isRunning && !check.session.isRepairing
        case .repair: !check.session.repairable.isEmpty
        case .copy where screen == .check: !check.list.rows.isEmpty
        default: true
        }
    }
}

extension Toast {
    var span: Span {
        switch kind {
        case .done: Span("✔ " + text, .ok)
        case .note: Span("● " + text, .title)
        case .trouble: Span("✖ " + text, .error)
        }
    }
}
