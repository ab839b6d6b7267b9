import DequeModule
import Dispatch
import Foundation
import Glibc
import RegistryCore
import Synchronization

/// Runs tasks on threads that may block: the verbs of the registry make system calls and wait for the disk, which must
/// stop neither an event loop nor the threads of Swift's own pool.
///
/// There are only as many threads as there is work: one begins when a task comes and none is at rest, and ends when it has
/// been at rest for a while. Who rested last works first, so that the others can end.
package final class BlockingExecutor: TaskExecutor {
    /// Threads at the most: enough that a few slow disks' worth of waiting requests do not hold up the rest.
    package static let threadsDefault = 32
    /// A thread without work ends after it: a pause between two requests is no reason to begin anew.
    package static let restDefault = Duration.seconds(10)

    private let crew: BlockingCrew

    /// - Parameter niceness: 0 for threads as they are, up to 19 for such that give way to all others (`nice(2)`): requests do
    ///   not wait for a processor that a sweep is using.
    package init(threads: Int = threadsDefault, niceness: CInt = 0, rest: Duration = restDefault) {
        crew = BlockingCrew(threadsMax: max(1, threads), niceness: niceness, rest: rest)
    }

    /// Threads that there are now.
    package var threads: Int { crew.threads }

    package func enqueue(_ job: consuming ExecutorJob) {
        crew.take(BlockingWork(job: UnownedJob(job), executor: asUnownedTaskExecutor()))
    }
}

/// A task's next piece.
private struct BlockingWork: Sendable {
    let job: UnownedJob
    let executor: UnownedTaskExecutor

    func run() { job.runSynchronously(on: executor) }
}

/// The threads of an executor, which they may outlive.
private final class BlockingCrew: Sendable {
    /// A thread at rest, and what it is woken for.
    private final class Seat: Sendable {
        let bell = DispatchSemaphore(value: 0)
        let work = Mutex<BlockingWork?>(nil)
    }

    private struct State {
        /// What has to wait, for all threads are at work.
        var waiting: Deque<BlockingWork> = []
        /// Those at rest; who rested last is the last.
        var resting: [Seat] = []
        var threads = 0
    }

    private let state = Mutex(State())
    private let threadsMax: Int
    private let niceness: CInt
    private let rest: Duration

    init(threadsMax: Int, niceness: CInt, rest: Duration) {
        (self.threadsMax, self.niceness, self.rest) = (threadsMax, niceness, rest)
    }

    var threads: Int { state.withLock { $0.threads } }

    private enum Taker {
        case resting(Seat)
        case new
        case whoeverIsDone
    }

    func take(_ work: BlockingWork) {
        let taker: Taker = state.withLock { state in
            if let seat = state.resting.popLast() {
                seat.work.withLock { $0 = work }
                return .resting(seat)
            }
            guard state.threads < threadsMax else {
                state.waiting.append(work)
                return .whoeverIsDone
            }
            state.threads += 1
            return .new
        }
        switch taker {
        case .resting(let seat): seat.bell.signal()
        case .new: Thread.detachNewThread { [self] in live(beginningWith: work) }
        case .whoeverIsDone: break
        }
    }

    private func live(beginningWith first: BlockingWork) {
        // On Linux this is of the thread alone.
        if niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
        let seat = Seat()
        var work: BlockingWork? = first
        while let now = work {
            now.run()
            work = next(seat)
        }
    }

    /// What a thread that is done does now; nil when it is to end.
    private func next(_ seat: Seat) -> BlockingWork? {
        let waiting = state.withLock { state -> BlockingWork? in
            if let work = state.waiting.popFirst() { return work }
            state.resting.append(seat)
            return nil
        }
        if let waiting { return waiting }
        if seat.bell.wait(timeout: .now() + rest.seconds) == .timedOut {
            let isOver = state.withLock { state -> Bool in
                guard let index = state.resting.lastIndex(where: { $0 === seat }) else { return false }
                state.resting.remove(at: index)
                state.threads -= 1
                return true
            }
            if isOver { return nil }
            // It was given work in this very moment.
            seat.bell.wait()
        }
        return seat.work.withLock { work in
            defer { work = nil }
            return work
        }
    }
}
