import RegistryCollector
import RegistryCore
import Synchronization

/// The check that is running: how far it is, and its stop. One at a time.
final class CheckJob: Sendable {
    private struct State: Sendable {
        var progress: CheckProgress?
        var isStopping = false
        /// Ended by a stop.
        var stop: AsyncStream<Never>.Continuation?
    }

    private let state = Mutex(State())

    /// Nil while none runs, and before its first word.
    var progress: CheckProgress? { state.withLock { $0.progress } }

    /// From here on a stop is heard; called before ``run(_:by:)``.
    func begin() { state.withLock { $0 = State() } }

    func stop() {
        let stop = state.withLock { state in
            state.isStopping = true
            return state.stop
        }
        stop?.finish()
    }

    /// A stop cancels it, also in the middle of a large file; its report is partial then.
    func run(_ options: CheckOptions, by registry: any CockpitRegistry) async throws(RegistryError) -> CheckReport {
        let (stops, stop) = AsyncStream.makeStream(of: Never.self)
        let isStopping = state.withLock { state in
            state.stop = stop
            return state.isStopping
        }
        if isStopping { stop.finish() }
        defer { state.withLock { $0 = State() } }
        let result = await withTaskGroup(of: Result<CheckReport, RegistryError>?.self) { group in
            group.addTask {
                do throws(RegistryError) {
                    return .success(try await registry.check(options) { self.take($0) })
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                for await _ in stops {}
                return nil
            }
            var result = Result<CheckReport, RegistryError>.failure(.interrupted)
            // Whichever of the two ends first ends the other.
            while let outcome = await group.next() {
                group.cancelAll()
                if let outcome { result = outcome }
            }
            return result
        }
        return try result.get()
    }

    /// False when it is to end.
    private func take(_ progress: CheckProgress) -> Bool {
        state.withLock { state in
            state.progress = progress
            return !state.isStopping
        }
    }
}
