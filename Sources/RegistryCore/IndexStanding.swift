import Synchronization

/// Whether the index is known to agree with the tree.
///
/// It does after a comparison, as long as every write to it has succeeded since. One that failed leaves it behind: lists come
/// from the tree then, nothing is swept, and whoever waits for `lags` compares the two again.
package final class IndexStanding: Sendable {
    private struct State {
        var isCurrent = false
        var failures = 0
        var additionsLost = 0
    }

    private let state = Mutex(State())
    private let signal = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    package var isCurrent: Bool { state.withLock { $0.isCurrent } }

    /// Writes that failed since the start.
    package var failures: Int { state.withLock { $0.failures } }

    /// Those among them after which the index may not know of something that is in the tree: nothing that is judged by it may
    /// go then.
    package var additionsLost: Int { state.withLock { $0.additionsLost } }

    /// A write has failed.
    package func failed(onlyRemoves: Bool) {
        state.withLock { state in
            state.failures += 1
            if !onlyRemoves { state.additionsLost += 1 }
            state.isCurrent = false
        }
        signal.continuation.yield()
    }

    /// A comparison that began when `failures` had failed has found and corrected every difference. False when another write
    /// has failed meanwhile: it may have been one behind the comparison's back.
    package func agreed(since failures: Int) -> Bool {
        state.withLock { state in
            guard state.failures == failures else { return false }
            state.isCurrent = true
            return true
        }
    }

    /// A value after a write has failed; ends when the waiting task is cancelled. For one reader.
    package var lags: AsyncStream<Void> { signal.stream }
}
