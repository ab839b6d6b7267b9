import DequeModule
import Dispatch
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

    /// Begins a thread that lives as long as what it is given takes; false where the system has none left to give.
    package typealias Begin = @Sendable (_ life: @escaping @Sendable () -> Void) -> Bool

    /// - Parameters:
    ///   - niceness: 0 for threads as they are, up to 19 for such that give way to all others (`nice(2)`): requests do not
    ///     wait for a processor that a sweep is using.
    ///   - rest: how long a thread without work stays.
    ///   - begin: how a thread begins.
    package init(
        threads: Int = threadsDefault, niceness: CInt = 0, rest: Duration = restDefault,
        begin: @escaping Begin = BlockingThread.begin
    ) {
        crew = BlockingCrew(threadsMax: max(1, threads), niceness: niceness, rest: rest, begin: begin)
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
    private let begin: BlockingExecutor.Begin

    init(threadsMax: Int, niceness: CInt, rest: Duration, begin: @escaping BlockingExecutor.Begin) {
        (self.threadsMax, self.niceness, self.rest, self.begin) = (threadsMax, niceness, rest, begin)
    }

    var threads: Int { state.withLock { $0.threads } }

    private enum Taker {
        case resting(Seat)
        case new
        case whoeverIsDone
        /// No thread of ours: the system has none to give.
        case nobody([BlockingWork])
    }

    func take(_ work: BlockingWork) {
        let taker = state.withLock { state in
            if let taker = Self.atRest(&state, for: work) { return taker }
            guard state.threads < threadsMax else {
                state.waiting.append(work)
                return .whoeverIsDone
            }
            state.threads += 1
            return .new
        }
        guard case .new = taker else { return hand(to: taker) }
        if !begin({ [self] in live(beginningWith: work) }) { hand(to: takerWithoutNew(work)) }
    }

    /// Where the system gives no thread, as at the limit of a container's processes, those that there are do the work later. The
    /// last that was to begin and did not leaves nothing behind that waits for it.
    private func takerWithoutNew(_ work: BlockingWork) -> Taker {
        state.withLock { state in
            state.threads -= 1
            if let taker = Self.atRest(&state, for: work) { return taker }
            state.waiting.append(work)
            guard state.threads == 0 else { return .whoeverIsDone }
            defer { state.waiting = [] }
            return .nobody(Array(state.waiting))
        }
    }

    private static func atRest(_ state: inout State, for work: BlockingWork) -> Taker? {
        guard let seat = state.resting.popLast() else { return nil }
        seat.work.withLock { $0 = work }
        return .resting(seat)
    }

    private func hand(to taker: Taker) {
        switch taker {
        case .resting(let seat): seat.bell.signal()
        case .new, .whoeverIsDone: break
        // Dispatch has threads, or gets some as soon as it can.
        case .nobody(let all): for work in all { DispatchQueue.global().async { work.run() } }
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

/// Threads as the system gives them. Those of Foundation do not say when it gives none, and what they were for is lost.
package enum BlockingThread {
    private final class Life: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    package static let begin: BlockingExecutor.Begin = { run in
        let life = Unmanaged.passRetained(Life(run))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { life in
                if let life { Unmanaged<Life>.fromOpaque(life).takeRetainedValue().run() }
                return nil
            }, life.toOpaque())
        guard code == 0 else {
            life.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
