internal import CNcurses
private import Glibc
internal import Drawing

/// The life of a program on an open terminal. Belongs to the terminal's thread.
///
/// Sleeps without a limit when nothing is to be drawn and the program does not tick; draws no faster than a
/// ``FramePace``, and takes the mailbox only when a frame is due, so a flood of messages costs one wake-up per frame and
/// not one per message.
struct TerminalLoop<P: Program> {
    private(set) var program: P
    private let mailbox: Mailbox<P.Message>
    private var screen: TerminalScreen
    private var keys = TerminalKeys()
    private let clock = ContinuousClock()
    private var pace: FramePace
    private var nextTick: ContinuousClock.Instant
    private var isDirty = true
    private var isEnding = false
    private var endSignals: UInt32 = 0
    private var hasHungUp = false

    /// A loop over an open terminal.
    init(program: P, mailbox: Mailbox<P.Message>, options: TerminalOptions) {
        self.program = program
        self.mailbox = mailbox
        screen = TerminalScreen(glyphs: options.glyphs)
        let now = clock.now
        pace = FramePace(at: now)
        nextTick = now + .seconds(1)
        screen.apply(options.theme)
    }

    /// Runs until the program quits or two signals asked it to end; `drain` runs the actor's waiting jobs.
    mutating func run(drain: () -> Bool) {
        give(.resize(screen.size))
        if let notice = berth_term_notice() { give(.outcome(.notice(String(cString: notice)))) }
        while !isEnding {
            takeSignals()
            takeKeys()
            if drain() { isDirty = true }
            let now = clock.now
            tick(at: now)
            if now >= pace.due(at: now) {
                takeMailbox()
                if isDirty, !isEnding { draw(at: now) }
            }
            if !isEnding { berth_term_wait(timeout(at: clock.now)) }
        }
    }

    /// Milliseconds until there is something to do without being woken; -1 for never.
    private func timeout(at now: ContinuousClock.Instant) -> Int32 {
        var until: ContinuousClock.Instant?
        if isDirty || !mailbox.isEmpty { until = pace.due(at: now) }
        if program.ticking { until = min(until ?? nextTick, nextTick) }
        guard let until else { return -1 }
        let (seconds, attoseconds) = (until - now).components
        // Rounded up, or the last millisecond would be spent turning round.
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1
        return Int32(min(max(0, milliseconds), 60_000))
    }

    private mutating func takeSignals() {
        let signals = berth_term_take_signals()
        if signals.resize > 0 || signals.resume > 0 {
            berth_term_apply_resize()
            screen.redraw()
            give(.resize(screen.size))
        }
        for (count, signal) in [
            (signals.hangup, EndSignal.hangup), (signals.terminate, .terminate), (signals.interrupt, .interrupt),
        ] where count > 0 {
            // A lost terminal shows twice, as a signal and as a descriptor that has hung up, and is one event.
            if signal == .hangup, hasHungUp { continue }
            hasHungUp = hasHungUp || signal == .hangup
            endSignals += signal == .hangup ? 1 : count
            if endSignals > 1 {
                isEnding = true
                return
            }
            give(.signal(signal))
        }
    }

    private mutating func takeKeys() {
        var event = berth_term_event()
        while !isEnding, berth_term_next_event(&event) {
            let now = clock.now
            if let input = keys.input(of: event, at: now) {
                pace.userActed(at: now)
                give(input)
            }
        }
    }

    private mutating func takeMailbox() {
        let batch = mailbox.take()
        guard !batch.messages.isEmpty else { return }
        program.receive(batch.messages, dropped: batch.dropped)
        didChange()
    }

    private mutating func tick(at now: ContinuousClock.Instant) {
        guard program.ticking else {
            nextTick = now + .seconds(1)
            return
        }
        guard now >= nextTick else { return }
        // After a pause one tick is enough.
        nextTick = max(nextTick + .seconds(1), now)
        give(.tick)
    }

    private mutating func give(_ input: Input) {
        program.input(input)
        didChange()
    }

    private mutating func didChange() {
        isDirty = true
        for request in program.takeRequests() where !isEnding { perform(request) }
    }

    private mutating func perform(_ request: TerminalRequest) {
        switch request {
        case .quit: isEnding = true
        case .redraw: screen.redraw()
        case .theme(let theme): screen.apply(theme)
        case .mouse(let isOn): berth_term_set_mouse(isOn)
        case .bell: berth_term_bell()
        case .copy(let text): give(.outcome(Clipboard.copy(text)))
        case .shell(let notice): runShell(notice)
        }
    }

    private mutating func runShell(_ notice: String) {
        // Printed past the canvas, so it is stripped here of what could steer the terminal.
        let line = notice.padded(to: notice.columns)
        var status: Int32 = 0
        let error = line.withCString { berth_term_shell($0, &status) }
        screen.redraw()
        give(.resize(screen.size))
        guard error == 0 else {
            give(.outcome(.shellFailed("the shell could not be started: \(String(cString: strerror(error)))")))
            return
        }
        give(.outcome(.shellEnded(status)))
    }

    private mutating func draw(at now: ContinuousClock.Instant) {
        let size = screen.size
        var canvas = Canvas(columns: size.columns, rows: size.rows, glyphs: screen.glyphs)
        program.view(&canvas)
        screen.present(canvas)
        isDirty = false
        pace.drew(at: now)
    }
}
