/// One key, whatever bytes the terminal sent for it.
package enum Key: Hashable, Sendable {
    /// A character that was typed; never a control character.
    case character(Character)
    /// A character typed with ctrl, in lower case: `.ctrl("c")`.
    case ctrl(Character)
    case enter
    case escape
    case tab
    case backTab
    case up
    case down
    case left
    case right
    case pageUp
    case pageDown
    case home
    case end
    case insert
    case delete
    case backspace
    /// A function key, from 1.
    case f(Int)
}

/// Something the mouse did, at a cell of the whole canvas.
package struct Mouse: Hashable, Sendable {
    /// What it did.
    package enum Action: Hashable, Sendable {
        /// A button went down.
        case press(Button)
        /// The second press on the same cell within 400 ms; the first one came as ``press(_:)``.
        case doublePress(Button)
        /// A button went up.
        case release
        /// One notch away from the user.
        case wheelUp
        /// One notch towards the user.
        case wheelDown
    }

    /// Which button.
    package enum Button: Hashable, Sendable {
        case left
        case middle
        case right
    }

    /// The column, from 0.
    package var x: Int
    /// The row, from 0.
    package var y: Int
    /// What happened there.
    package var action: Action

    /// An event at (`x`, `y`).
    package init(_ action: Action, x: Int, y: Int) {
        self.x = x
        self.y = y
        self.action = action
    }
}

/// A request from outside to end, delivered so that the program can drain first. A second one ends it at once.
package enum EndSignal: Hashable, Sendable {
    /// SIGTERM.
    case terminate
    /// SIGINT from elsewhere; ctrl-c in the terminal is ``Key/ctrl(_:)``.
    case interrupt
    /// SIGHUP, or the terminal is gone.
    case hangup
}

/// What became of a ``TerminalRequest``, or of the terminal.
package enum TerminalOutcome: Hashable, Sendable {
    /// The text was handed to a clipboard.
    case copied(Clipboard)
    /// The text could not be copied; the reason is a sentence.
    case copyFailed(String)
    /// The shell has ended with this status.
    case shellEnded(Int32)
    /// No shell could be started; the reason is a sentence.
    case shellFailed(String)
    /// Something about the terminal worth a line in the status bar.
    case notice(String)

    /// Which clipboard took a text.
    package enum Clipboard: Hashable, Sendable {
        /// tmux, which passes it on to its own terminal.
        case tmux
        /// The terminal, by OSC 52. Terminals may ignore it without a word.
        case terminal
    }
}

/// Everything that reaches a ``Program`` from the terminal.
package enum Input: Hashable, Sendable {
    /// A key was pressed.
    case key(Key)
    /// The mouse did something; only while the terminal takes mouse events.
    case mouse(Mouse)
    /// Text pasted in one piece, at most 64 KiB; may hold newlines and anything else.
    case paste(String)
    /// The terminal's size: once at the start, then after each change.
    case resize(Size)
    /// A second has passed; only while ``Program/ticking`` is true.
    case tick
    /// The process is asked to end; a second one ends the run without asking.
    case signal(EndSignal)
    /// A request was carried out or was not, or the terminal has something to say.
    case outcome(TerminalOutcome)
}
