import Foundation
import RegistryCore
import Synchronization

/// The one running sweep: where it is, and what it was told.
final class SweepControl: Sendable {
    private struct State {
        var isRunning = false
        var plan: UUID?
        /// What it has for itself: see ``HoldKey/sweep``.
        var place: HoldWatch?
        var progress: SweepProgress?
        var isPaused = false
        var isStopping = false
        /// The run, asleep until it is told to go on.
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var isRunning: Bool { state.withLock { $0.isRunning } }

    /// The plan of the running sweep; nil while none runs.
    var plan: UUID? { state.withLock { $0.plan } }

    /// How far it is; nil while none runs.
    var progress: SweepProgress? {
        state.withLock { state in
            guard var progress = state.progress else { return nil }
            progress.isPaused = state.isPaused
            progress.isStopping = state.isStopping
            return progress
        }
    }

    /// A sweep begins, or what only one may do at a time: see ``HoldKey/sweep``.
    ///
    /// - Parameter place: has to last until ``leave()``.
    func enter(_ plan: UUID? = nil, _ place: HoldWatch) {
        state.withLock { $0 = State(isRunning: true, plan: plan, place: place) }
    }

    /// Asked before each thing that is taken out, put back or freed.
    ///
    /// - Throws: `notHeld` when somebody else may be doing the same by now.
    func confirm() throws(RegistryError) { try state.withLock { $0.place }?.confirm() }

    func leave() { state.withLock { $0 = State() } }

    func report(_ progress: SweepProgress) { state.withLock { $0.progress = progress } }

    /// Waits while the sweep is paused; false when it is to end, as it is when its task is cancelled.
    func mayGoOn() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let sleeps = state.withLock { state in
                    guard state.isPaused, !state.isStopping, !Task.isCancelled else { return false }
                    state.waiting = continuation
                    return true
                }
                if !sleeps { continuation.resume() }
            }
        } onCancel: {
            stop()
        }
        return state.withLock { !$0.isStopping }
    }

    func pause() { state.withLock { if $0.isRunning { $0.isPaused = true } } }

    func resume() { wake { $0.isPaused = false } }

    func stop() { wake { $0.isStopping = true } }

    private func wake(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.isRunning else { return nil }
            change(&state)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }
}
