import Dispatch
import Synchronization

/// Two calls of which one runs from its beginning to its end in the middle of the other, each on a thread of its own: the
/// order is the same every time. The second must not wait for anything that the first holds.
package struct Overlap: Sendable {
    private let journal: DiskJournal

    package init(_ journal: DiskJournal) { self.journal = journal }

    /// - Parameter isMoment: asked after each record of the first; true has it wait there for the second. If it never is,
    ///   the second follows the first.
    package func run(
        _ first: @escaping @Sendable () async throws -> Void, _ second: @escaping @Sendable () async throws -> Void,
        when isMoment: @escaping @Sendable (DiskJournal.Record) -> Bool
    ) async throws {
        let interlude = Interlude(second)
        journal.observe { record in
            if isMoment(record) { interlude.run() }
        }
        defer { journal.observe(nil) }
        try await Task(executorPreference: OneThread()) { try await first() }.value
        interlude.run()
        try interlude.outcome.withLock { $0 }?.get()
    }
}

/// Runs once, on a thread of its own, while who asks waits.
private final class Interlude: Sendable {
    let outcome = Mutex<Result<Void, any Error>?>(nil)
    private let body: @Sendable () async throws -> Void
    private let hasBegun = Atomic<Bool>(false)

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    func run() {
        guard !hasBegun.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let end = DispatchSemaphore(value: 0)
        Task(executorPreference: OneThread()) {
            let outcome: Result<Void, any Error>
            do {
                try await self.body()
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            self.outcome.withLock { $0 = outcome }
            end.signal()
        }
        end.wait()
    }
}

private final class OneThread: TaskExecutor {
    private let queue = DispatchQueue(label: "berth.test.one-thread")

    func enqueue(_ job: UnownedJob) {
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
