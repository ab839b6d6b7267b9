internal import CNcurses
internal import Drawing

/// From the terminal's events to a program's inputs: keys, double presses, pastes. Belongs to the terminal's thread.
struct TerminalKeys {
    /// Two presses on one cell within this time are a double press.
    static let doublePressMax = Duration.milliseconds(400)
    /// The longest paste handed over, in UTF-8 bytes; the rest of it is dropped.
    static let pasteBytesMax = 64 * 1024

    private var lastPress: (mouse: Mouse, at: ContinuousClock.Instant)?
    private var paste: String?

    /// The input `event` makes; nil for none, or none yet.
    mutating func input(of event: berth_term_event, at now: ContinuousClock.Instant) -> Input? {
        if event.kind == BERTH_TERM_PASTE_BEGIN {
            paste = ""
            return nil
        }
        if let text = paste {
            guard event.kind != BERTH_TERM_PASTE_END else {
                paste = nil
                return .paste(text)
            }
            if text.utf8.count < Self.pasteBytesMax, let character = Self.pasted(event) {
                // Appended in place; `text` is only what was there before.
                paste?.append(character)
            }
            return nil
        }
        if event.kind == BERTH_TERM_MOUSE { return mouse(of: event, at: now).map(Input.mouse) }
        return Self.key(of: event).map(Input.key)
    }

    private static func character(_ code: UInt32) -> Character? { Unicode.Scalar(code).map { Character($0) } }

    private static func pasted(_ event: berth_term_event) -> Character? {
        switch event.kind {
        case BERTH_TERM_CHARACTER: character(event.code)
        case BERTH_TERM_ENTER: "\n"
        case BERTH_TERM_TAB: "\t"
        default: nil
        }
    }

    private static func key(of event: berth_term_event) -> Key? {
        switch event.kind {
        case BERTH_TERM_CHARACTER: character(event.code).map(Key.character)
        case BERTH_TERM_CTRL: character(event.code).map(Key.ctrl)
        case BERTH_TERM_FUNCTION: .f(Int(event.code))
        case BERTH_TERM_ENTER: .enter
        case BERTH_TERM_ESCAPE: .escape
        case BERTH_TERM_TAB: .tab
        case BERTH_TERM_BACK_TAB: .backTab
        case BERTH_TERM_UP: .up
        case BERTH_TERM_DOWN: .down
        case BERTH_TERM_LEFT: .left
        case BERTH_TERM_RIGHT: .right
        case BERTH_TERM_PAGE_UP: .pageUp
        case BERTH_TERM_PAGE_DOWN: .pageDown
        case BERTH_TERM_HOME: .home
        case BERTH_TERM_END: .end
        case BERTH_TERM_INSERT: .insert
        case BERTH_TERM_DELETE: .delete
        case BERTH_TERM_BACKSPACE: .backspace
        default: nil
        }
    }

    private mutating func mouse(of event: berth_term_event, at now: ContinuousClock.Instant) -> Mouse? {
        let x = Int(event.x)
        let y = Int(event.y)
        let button: Mouse.Button
        switch berth_term_mouse(event.code) {
        case BERTH_TERM_PRESS_LEFT: button = .left
        case BERTH_TERM_PRESS_MIDDLE: button = .middle
        case BERTH_TERM_PRESS_RIGHT: button = .right
        case BERTH_TERM_RELEASE: return Mouse(.release, x: x, y: y)
        case BERTH_TERM_WHEEL_UP: return Mouse(.wheelUp, x: x, y: y)
        case BERTH_TERM_WHEEL_DOWN: return Mouse(.wheelDown, x: x, y: y)
        default: return nil
        }
        let press = Mouse(.press(button), x: x, y: y)
        if let last = lastPress, last.mouse == press, now - last.at <= Self.doublePressMax {
            lastPress = nil
            return Mouse(.doublePress(button), x: x, y: y)
        }
        lastPress = (press, now)
        return press
    }
}
