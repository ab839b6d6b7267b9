import Dispatch
import Synchronization

/// Two calls of which one runs from its beginning to its end in the middle of the other, each on a thread of its own: the
/// order is the same every time. Where the second waits for something that the first holds, the first goes on, and the second
/// after it.
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
        let outcome = await Task(executorPreference: OneThread()) { try await first() }.result
        interlude.run()
        let other = await interlude.outcome()
        try outcome.get()
        try other.get()
    }
}

/// Runs once, on a thread of its own, while who asks waits.
private final class Interlude: Sendable {
    private let body: @Sendable () async throws -> Void
    private let task = Mutex<Task<Void, any Error>?>(nil)

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    /// Returns when nothing of it can go on: it is over, or waits for somebody.
    func run() {
        let thread = OneThread()
        let hasBegun = task.withLock { task in
            if task != nil { return false }
            task = Task(executorPreference: thread) { try await self.body() }
            return true
        }
        if hasBegun { thread.waitUntilIdle() }
    }

    func outcome() async -> Result<Void, any Error> { await task.withLock { $0 }?.result ?? .success(()) }
}

private final class OneThread: TaskExecutor {
    private let queue = DispatchQueue(label: "berth.test.one-thread")
    private let jobs = DispatchGroup()

    func enqueue(_ job: UnownedJob) {
        jobs.enter()
        queue.async {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
            self.jobs.leave()
        }
    }

    /// Returns when no job is left.
    func waitUntilIdle() { jobs.wait() }
}
