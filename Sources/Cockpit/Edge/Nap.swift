import Synchronization

/// A sleep that somebody else may end. For one sleeper.
final class Nap: Sendable {
    private struct State: Sendable {
        /// Ended by whoever wakes.
        var sleep: AsyncStream<Never>.Continuation?
        /// Somebody wanted to wake who is not asleep: the next sleep is none.
        var isAwake = false
    }

    private let state = Mutex(State())

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

    /// Never waits.
    func end() {
        let sleep = state.withLock { state in
            state.isAwake = true
            return state.sleep
        }
        sleep?.finish()
    }
}
