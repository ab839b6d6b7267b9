import Foundation
import Glibc

/// What the benchmark cannot go on without did not come.
struct Absent: Error, CustomStringConvertible {
    let description: String
}

/// A program that was started here, and what the system knows of it.
struct RunningProgram {
    let id: pid_t

    /// Seconds until a program that was told to stop must have ended.
    private static let patience = 60.0
    /// `POSIX_SPAWN_SETSID` of glibc, which Swift does not see.
    private static let ownSession: Int16 = 0x80

    /// Starts it in a session of its own.
    ///
    /// - Parameter streams: the files of its three streams; a terminal among them becomes that of its session.
    init(_ program: String, _ arguments: [String], environment: [String: String], streams: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, path) in streams.enumerated() {
            let flags = path.hasPrefix("/dev/") ? O_RDWR : O_WRONLY | O_CREAT | O_TRUNC
            posix_spawn_file_actions_addopen(&actions, CInt(number), path, flags, 0o644)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Self.ownSession)
        let words = ([program] + arguments).map { strdup($0) }
        let variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (words + variables).forEach { free($0) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, program, &actions, &attributes, words + [nil], variables + [nil])
        guard failure == 0 else {
            throw Absent(description: "\(program) cannot be started: \(String(cString: strerror(failure)))")
        }
        id = child
    }

    /// Asks it to end and waits until it has; kills it when it does not.
    func end() {
        kill(id, SIGTERM)
        let end = ContinuousClock.now + .seconds(Self.patience)
        var status: CInt = 0
        while waitpid(id, &status, WNOHANG) == 0 {
            if ContinuousClock.now > end { kill(id, SIGKILL) }
            usleep(20_000)
        }
    }

    /// Waits until it has ended by itself; returns its status as wait(2) has it.
    func waitForEnd() -> CInt {
        var status: CInt = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status
    }

    // MARK: What it costs

    /// Seconds of a core so far, its own and the system's for it (proc(5), `/proc/pid/stat`); in steps of 10 ms.
    var cpuSeconds: Double {
        // The name may hold anything, also blanks; what follows it is numbers.
        let fields = text("stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let own = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (own + system) / Double(sysconf(CInt(_SC_CLK_TCK)))
    }

    /// How often each of its threads has slept and been woken so far.
    var wakeUps: [String: Int] {
        var counts: [String: Int] = [:]
        for thread in threads { counts[thread] = field("voluntary_ctxt_switches", in: text("task/\(thread)/status")) }
        return counts
    }

    var threads: [String] { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")) ?? [] }

    /// KiB of memory that it has now.
    var memoryKiB: Int { field("VmRSS", in: text("status")) }

    /// KiB of memory that it had at the most.
    var memoryPeakKiB: Int { field("VmHWM", in: text("status")) }

    private func text(_ file: String) -> String {
        (try? String(contentsOfFile: "/proc/\(id)/\(file)", encoding: .utf8)) ?? ""
    }

    private func field(_ name: String, in text: String) -> Int {
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") } ?? ""
        return Int(line.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
    }
}
