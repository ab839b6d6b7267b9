import Glibc

/// What this process has needed.
enum ProcessMemory {
    /// Bytes of memory at the most so far (`ru_maxrss`, in KiB on Linux).
    static var peak: Int64 {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Int64(usage.ru_maxrss) * 1024
    }
}
