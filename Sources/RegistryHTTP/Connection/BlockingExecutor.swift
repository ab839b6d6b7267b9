import Glibc
import NIOPosix

/// Runs tasks on threads that may block: the verbs of the registry make system calls and wait for the disk, which must
/// stop neither an event loop nor the threads of Swift's own pool.
package final class BlockingExecutor: TaskExecutor {
    /// Threads: enough that a few slow disks' worth of waiting requests do not hold up the rest. Idle ones cost only
    /// address space.
    package static let threadsDefault = 32

    private let pool: NIOThreadPool
    private let niceness: CInt

    /// - Parameter niceness: 0 for threads as they are, up to 19 for such that give way to all others (`nice(2)`): requests do
    ///   not wait for a processor that a sweep is using.
    package init(threads: Int = threadsDefault, niceness: CInt = 0) {
        self.niceness = niceness
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        guard niceness > 0 else { return pool.submit { _ in job.runSynchronously(on: executor) } }
        pool.submit { [niceness] _ in
            // On Linux this is of the thread alone. Said again with every job, for it costs less than to remember.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
            job.runSynchronously(on: executor)
        }
    }
}
