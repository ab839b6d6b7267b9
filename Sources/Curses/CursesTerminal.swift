private import CNcurses
package import Drawing

/// Runs a program on the terminal: keys in, rows out.
///
/// An actor whose executor is a thread of its own, asleep in `poll(tty, eventfd)` whenever nothing happens. Only that
/// thread touches ncurses, and the only lock it shares with the rest of the process is the mailbox's.
package actor CursesTerminal<P: Program> {
    private nonisolated let executor = TerminalExecutor()
    private let mailbox: Mailbox<P.Message>
    private let options: TerminalOptions
    private var program: P

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// A terminal for one run of `program`, which receives what is posted to `mailbox`.
    package init(program: P, mailbox: Mailbox<P.Message>, options: TerminalOptions = TerminalOptions()) {
        self.program = program
        self.mailbox = mailbox
        self.options = options
    }

    /// Takes the terminal, runs the program until it asks to quit or is told to end twice, gives the terminal back and
    /// returns the program as it ended.
    ///
    /// To be called once. Throws before anything is drawn, when there is no terminal to use. Cancelling the task has no
    /// effect: post a message that makes the program quit.
    package nonisolated func run() async throws(TerminalError) -> P {
        let result: Result<P, TerminalError> = await withCheckedContinuation { continuation in
            let isRunning = TerminalThread.start {
                self.executor.bind()
                let result = self.assumeIsolated { terminal in terminal.runToEnd() }
                continuation.resume(returning: result)
            }
            if !isRunning { continuation.resume(returning: .failure(.noThread)) }
        }
        return try result.get()
    }

    private func runToEnd() -> Result<P, TerminalError> {
        var reason: String?
        let logPath = options.logPath ?? ""
        logPath.withCString { path in
            var settings = berth_term_options()
            settings.color =
                switch options.colour {
                case .never: BERTH_TERM_COLOR_NEVER
                case .auto: BERTH_TERM_COLOR_AUTO
                case .always: BERTH_TERM_COLOR_ALWAYS
                }
            settings.mouse = options.mouse
            settings.log_fd = options.logDescriptor
            settings.log_path = logPath.isEmpty ? nil : path
            reason = berth_term_open(&settings).map { String(cString: $0) }
        }
        if let reason { return .failure(.unusable(reason)) }
        mailbox.onArrival { berth_term_wake() }
        var loop = TerminalLoop(program: program, mailbox: mailbox, options: options)
        loop.run { executor.drain() }
        mailbox.onArrival(nil)
        berth_term_close()
        program = loop.program
        return .success(program)
    }
}
