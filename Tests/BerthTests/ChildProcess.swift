import Foundation
import Glibc
import Synchronization

/// A program that was started here, with pipes on its three streams and a process group of its own.
final class ChildProcess: Sendable {
    /// How it ended.
    enum Exit: Equatable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    struct CannotStart: Error, CustomStringConvertible {
        let description: String
    }

    /// One start at a time, so that no program inherits the pipes of another before they are marked as not for it: the
    /// end of a pipe is what tests wait for.
    private static let starting = NSLock()
    /// Writing to a program that has ended is an error here, and not the end of the tests.
    private static let withoutBrokenPipes: Void = { Glibc.signal(SIGPIPE, SIG_IGN) }()

    let id: pid_t
    let output: PipeReader
    let errors: PipeReader
    private let input: Mutex<CInt>
    private let isReaped = Mutex(false)
    private let ended = Latch<Exit>()

    /// - Parameter environment: all of it; nothing is inherited.
    init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
        Self.withoutBrokenPipes
        Self.starting.lock()
        defer { Self.starting.unlock() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var pipes: [[CInt]] = []
        for descriptor in CInt(0)...2 {
            var ends: [CInt] = [-1, -1]
            guard pipe(&ends) == 0 else { throw CannotStart(description: "no more pipes: errno \(errno)") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            posix_spawn_file_actions_adddup2(&actions, descriptor == 0 ? ends[0] : ends[1], descriptor)
            pipes.append(ends)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let words = ([program] + arguments).map { strdup($0) }
        let variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (words + variables).forEach { free($0) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, program, &actions, &attributes, words + [nil], variables + [nil])
        close(pipes[0][0])
        close(pipes[1][1])
        close(pipes[2][1])
        id = child
        input = Mutex(pipes[0][1])
        output = PipeReader(pipes[1][0])
        errors = PipeReader(pipes[2][0])
        guard failure == 0 else {
            ended.open(.status(127))
            isReaped.withLock { $0 = true }
            throw CannotStart(description: "\(program) cannot be started: \(String(cString: strerror(failure)))")
        }
        Thread.detachNewThread { [self] in reap() }
    }

    deinit { closeInput() }

    /// Waits for the end of the program.
    var exit: Exit { get async { await ended.value } }

    /// Sends a signal to it and all that it started; nothing when it has ended.
    func signal(_ number: Int32) {
        isReaped.withLock { isReaped in
            if !isReaped { kill(-id, number) }
        }
    }

    /// Writes to its standard input. The text must fit into a pipe's buffer, or the program must be reading.
    func write(_ text: String) {
        input.withLock { descriptor in
            var rest = Array(text.utf8)[...]
            while descriptor >= 0, !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    func closeInput() {
        input.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    /// Sees the end first and takes the status under the lock, so that no signal can reach a later process of that id.
    private func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        var status: CInt = 0
        isReaped.withLock { isReaped in
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
            isReaped = true
        }
        let signal = status & 0x7f
        ended.open(signal == 0 ? .status((status >> 8) & 0xff) : .signal(signal))
    }
}
