private import CNcurses
private import Glibc
private import Synchronization

/// The terminal's thread as an executor: jobs of the actor that owns the terminal run there and nowhere else.
///
/// Jobs are appended to a list and the thread is woken once for a batch; the run loop drains the list between two
/// sleeps. Jobs that arrive after the thread has ended wait for ever, so the owner must not be used after its run.
final class TerminalExecutor: SerialExecutor, TaskExecutor {
    private let state = Mutex(State())

    private struct State {
        var jobs: [UnownedJob] = []
        /// The thread's identity; nil until it runs.
        var thread: pthread_t?
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        let isFirst = state.withLock { state in
            state.jobs.append(unowned)
            return state.jobs.count == 1
        }
        if isFirst { berth_term_wake() }
    }

    func isIsolatingCurrentContext() -> Bool? {
        state.withLock { state in state.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    func checkIsolated() {
        precondition(isIsolatingCurrentContext() == true, "the terminal is used outside its own thread")
    }

    /// Makes the calling thread the one the jobs run on.
    func bind() {
        state.withLock { $0.thread = pthread_self() }
    }

    /// Runs what has been enqueued; returns whether there was anything. Only on the bound thread.
    func drain() -> Bool {
        let jobs = state.withLock { state in
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
        return !jobs.isEmpty
    }
}

/// Starting an operating system thread that runs one closure.
enum TerminalThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new detached thread; false when the system has none to give, and `body` is not called.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(body))
        let error = pthread_create(
            &thread, nil,
            { context in
                berth_term_name_thread("terminal")
                // The reference passed to the thread is its own; this takes it over.
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        guard error == 0 else {
            context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
