import NIOCore

/// A time limit that is moved far more often than it strikes: moving it is one look at the clock, and one timer at most is
/// in the event loop for it, whatever the number of moves.
final class Countdown {
    private let loop: any EventLoop
    private let struck: () -> Void
    private var deadline: NIODeadline?
    private var timer: Scheduled<Void>?
    private var timerDeadline = NIODeadline.distantFuture

    /// - Parameter struck: called on the event loop, once for each time the limit is reached.
    init(on loop: any EventLoop, struck: @escaping () -> Void) {
        self.loop = loop
        self.struck = struck
    }

    /// Strikes `seconds` from now unless it is started or stopped before.
    func start(_ seconds: Double) {
        let deadline = loop.now + .nanoseconds(Int64(seconds * 1e9))
        self.deadline = deadline
        guard timer != nil else { return schedule(deadline) }
        guard deadline < timerDeadline else { return }
        timer?.cancel()
        schedule(deadline)
    }

    func stop() { deadline = nil }

    /// Gives up the timer too; to be called when the connection goes, for the timer keeps this object alive.
    func cancel() {
        deadline = nil
        timer?.cancel()
        timer = nil
    }

    private func schedule(_ deadline: NIODeadline) {
        timerDeadline = deadline
        timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in check() }
    }

    private func check() {
        timer = nil
        guard let deadline else { return }
        if loop.now < deadline { return schedule(deadline) }
        self.deadline = nil
        struck()
    }
}
