import ArgumentParser
import Glibc

/// The program's words: `berth` alone is the cockpit, everything else a verb.
struct Berth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "A container registry you can see into.",
        discussion: """
            Without a verb it opens the cockpit with the registry embedded. Exit status: 0 done, 1 the answer is no, \
            2 wrong usage or surroundings, 3 could not.
            """,
        version: "berth 0.1.0",
        subcommands: [
            CockpitCommand.self, ServeCommand.self, GCCommand.self, GarbageCollectCommand.self, RollbackCommand.self,
            CheckCommand.self, ReindexCommand.self, InspectCommand.self,
        ],
        defaultSubcommand: CockpitCommand.self
    )
}

/// Why a command ends without having done its work: one line for standard error, and the exit status.
struct Refusal: Error, CustomStringConvertible {
    /// What is wrong and what to do, as half a sentence without a full stop.
    let message: String
    /// 2 where the user can mend it by another command line, another file or another place; 3 where the work failed.
    let status: Int32

    var description: String { message }

    init(_ message: String, status: Int32 = 2) {
        self.message = message
        self.status = status
    }
}

@main
enum Main {
    static func main() async {
        beginWithoutPrompts()
        // Before anything else, for who serves must not end by it, and waits for it only once that can be done. Others get
        // back what they were started with.
        let hangup = signal(SIGHUP, SIG_IGN)
        // A client that goes away, or a log reader that ends, is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        openStandardStreams()
        do {
            let arguments = GarbageCollectCommand.spelled(Array(CommandLine.arguments.dropFirst()))
            var command = try Berth.parseAsRoot(arguments)
            if !(command is ServeCommand) { signal(SIGHUP, hangup) }
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
            end(0)
        } catch let refusal as Refusal {
            Output.flush()
            complain(refusal.message)
            exit(refusal.status)
        } catch let code as ExitCode {
            end(code.rawValue)
        } catch let answer where Berth.exitCode(for: answer) == .success {
            // What was asked for is help.
            Output.write(Berth.fullMessage(for: answer))
            end(0)
        } catch {
            // ArgumentParser's own number for wrong usage is 64; ours is 2, as in the rest of the field.
            guard Berth.exitCode(for: error) == .validationFailure else { Berth.exit(withError: error) }
            complain("\(Berth.message(for: error)); berth --help says what there is")
            exit(2)
        }
    }

    /// Ends with this status, or with 3 when something that was printed could not be written.
    private static func end(_ status: Int32) -> Never {
        guard let failure = Output.end() else { exit(status) }
        complain(failure)
        exit(3)
    }

    /// In a terminal the runtime of Swift asks after a crash whether to look into it, and waits 30 seconds for a key while the
    /// shell does not come back. It reads its settings before anything of ours runs, so the program begins again with another
    /// one; where that cannot be, it goes on without. Costs milliseconds, and nothing where there is no terminal.
    private static func beginWithoutPrompts() {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, getenv("SWIFT_BACKTRACE") == nil else { return }
        // By its own path: by that of the link it would be called `exe` from then on.
        var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { return }
        setenv("SWIFT_BACKTRACE", "interactive=no", 1)
        execv(path, CommandLine.unsafeArgv)
    }

    /// What was started without one of the three streams would else give its number to the next file, and write a log
    /// into it.
    private static func openStandardStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Milliseconds that the last word waits for somebody to read what came before it.
    private static let lastWordPatience: CInt = 1000

    private static func complain(_ message: String) {
        let line = Array("berth: \(message)\n".utf8)
        var stream = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&stream, 1, lastWordPatience) > 0 else { return }
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
