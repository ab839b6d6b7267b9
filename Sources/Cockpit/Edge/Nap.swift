import Dispatch
import Synchronization

/// A sleep that somebody else may end. For one sleeper.
final class Nap: Sendable {
    private struct State: Sendable {
        /// Ended by whoever wakes.
        var sleep: AsyncStream<Never>.Continuation?
        /// A thread sleeps, until the bell.
        var isBlocking = false
        /// Somebody wanted to wake who is not asleep: the next sleep is none.
        var isAwake = false
    }

    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)

    /// Returns when the time is over, when it was ended since the last sleep, or when the task is cancelled.
    func sleep(for duration: Duration) async {
        let (wakes, wake) = AsyncStream.makeStream(of: Never.self)
        let isAwake = state.withLock { state in
            state.sleep = wake
            return state.isAwake
        }
        if !isAwake {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    try? await ContinuousClock().sleep(for: duration, tolerance: .milliseconds(50))
                    wake.finish()
                }
                for await _ in wakes {}
                group.cancelAll()
            }
        }
        state.withLock { $0 = State() }
    }

    /// The same for a task on a thread that may block. It costs the one wake-up at its end: a timer of Swift's has half a
    /// dozen, each on another thread.
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
        let (sleep, isBlocking) = state.withLock { state in
            defer { (state.isAwake, state.isBlocking) = (true, false) }
            return (state.sleep, state.isBlocking)
        }
        sleep?.finish()
        if isBlocking { bell.signal() }
    }
}
