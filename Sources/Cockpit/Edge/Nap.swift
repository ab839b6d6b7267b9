import Dispatch
import Synchronization

/// A wait that somebody else may end. For one thread that may block: it costs the one wake-up at its end, where a timer of
/// Swift's has half a dozen, each on another thread.
final class Nap: Sendable {
    private struct State: Sendable {
        /// A thread waits, until the bell.
        var isBlocking = false
        /// Somebody wanted to wake who is not asleep: the next wait is none.
        var isAwake = false
    }

    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)

    /// Returns when the time is over, when it was ended since the last wait, or when the task is cancelled.
    func block(for duration: Duration) async {
        await withTaskCancellationHandler {
            block(until: .now() + duration / .seconds(1))
        } onCancel: {
            end()
        }
    }

    private func block(until end: DispatchTime) {
        let isAwake = state.withLock { state in
            state.isBlocking = !state.isAwake
            return state.isAwake
        }
        let isTimedOut = !isAwake && bell.wait(timeout: end) == .timedOut
        let isRinging = state.withLock { state in
            defer { state = State() }
            return isTimedOut && !state.isBlocking
        }
        // Ended in this very moment.
        if isRinging { bell.wait() }
    }

    /// Never waits.
    func end() {
        let isBlocking = state.withLock { state in
            defer { state = State(isBlocking: false, isAwake: true) }
            return state.isBlocking
        }
        if isBlocking { bell.signal() }
    }
}
