/// A terminal application as a value: model, update and view. It never sees a terminal.
///
/// A runner calls it on one thread. ``input(_:)`` and ``receive(_:dropped:)`` change the model and must not wait;
/// ``view(_:)`` draws it and must not change anything. After each change the runner takes the requests and, when a
/// frame is due, draws.
package protocol Program: Sendable {
    /// What the rest of the process tells the program, through a ``Mailbox``.
    associatedtype Message: Sendable

    /// Takes one input.
    mutating func input(_ input: Input)

    /// Takes what has collected in the mailbox, oldest first; `dropped` older messages were lost because it was full.
    mutating func receive(_ messages: [Message], dropped: Int)

    /// Draws the model. The canvas is blank; its size is the terminal's.
    func view(_ canvas: inout Canvas)

    /// Whether ``Input/tick`` is wanted once a second. False lets the terminal's thread sleep until something happens.
    var ticking: Bool { get }

    /// Returns what the program wants from the terminal and forgets it; called after each change.
    mutating func takeRequests() -> [TerminalRequest]
}

/// What a program can ask of the terminal it does not see.
package enum TerminalRequest: Sendable, Equatable {
    /// Restore the terminal and return from the run.
    case quit
    /// Leave the screen to the user's shell until it ends; `notice` is printed above its prompt.
    case shell(notice: String)
    /// Put the text on the user's clipboard; answered by ``Input/outcome(_:)``.
    case copy(String)
    /// Draw everything again, for a screen that something else has written on.
    case redraw
    /// Use this theme from the next frame on.
    case theme(Theme)
    /// Take mouse events, or leave the mouse to the terminal so that text can be selected.
    case mouse(Bool)
    /// Sound the terminal's bell.
    case bell
}
