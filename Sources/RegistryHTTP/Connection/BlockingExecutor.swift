import NIOPosix

/// Runs tasks on threads that may block: the verbs of the registry make system calls and wait for the disk, which must
/// stop neither an event loop nor the threads of Swift's own pool.
package final class BlockingExecutor: TaskExecutor {
    /// Threads: enough that a few slow disks' worth of waiting requests do not hold up the rest. Idle ones cost only
    /// address space.
    package static let threadsDefault = 32

    private let pool: NIOThreadPool

    package init(threads: Int = threadsDefault) {
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        pool.submit { _ in job.runSynchronously(on: executor) }
    }
}
