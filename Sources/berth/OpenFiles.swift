import Glibc

/// How many files and sockets this process may have open.
enum OpenFiles {
    /// Raises the limit as far as the system lets us, as Go's programs do, and returns it; the soft limit of most systems,
    /// 1,024, is for programs that wait with `select`.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }
}
