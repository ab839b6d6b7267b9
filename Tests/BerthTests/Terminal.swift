import Foundation
import Glibc

/// The built program in a real terminal, driven by keys alone: tmux with a server of its own.
///
/// A second tmux client in control mode reports every output of the program, so that a wait looks at the screen only
/// when something has been drawn (tmux(1), "CONTROL MODE").
final class Terminal {
    struct Size: Sendable, CustomStringConvertible {
        var columns: Int
        var rows: Int
        var description: String { "\(columns)x\(rows)" }
    }

    struct NotShown: Error, CustomStringConvertible {
        let description: String
    }

    private let folder: TemporaryFolder
    private let control: ChildProcess
    private var serverID: pid_t = 0
    private var screen = ""

    /// Runs the built program in a new terminal. What it writes to standard error goes to the file `errors`, its process
    /// id to the file `pid`; when it has ended, the screen says with which status, and `stty-before` and `stty-after`
    /// hold the settings of the line.
    init(
        _ size: Size, _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws {
        self.folder = folder
        let variables = environment.merging(["TERM": environment["TERM"] ?? "screen-256color"]) { $1 }
        let words = ([try BerthProgram.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
        try folder.write(
            """
            export \(variables.map { "\($0.key)='\($0.value)'" }.joined(separator: " "))
            cd '\(folder.path)'
            stty -g > stty-before
            sh -c 'echo $$ > pid; exec "$@"' sh \(words) 2> errors
            echo "ended with status $?"
            stty -g > stty-after
            echo "terminal left"
            exec cat

            """, to: "run.sh")
        // With the option in a configuration file tmux 3.3a crashes at its start.
        try await Tool.tmux.run(
            Self.server + [
                "-u", "new-session", "-d", "-s", "main", "-x", "\(size.columns)", "-y", "\(size.rows)",
                "sh \(folder.path("run.sh"))", ";", "set", "-g", "window-size", "manual",
            ], in: folder, environment: Self.environment(folder))
        control = try Tool.tmux.start(
            Self.server + ["-u", "-C", "attach-session", "-t", "main"], in: folder,
            environment: Self.environment(folder))
        // The answer to the attaching itself.
        _ = try await answer()
        serverID = pid_t(try await property("#{pid}")) ?? 0
    }

    /// The end of the server takes the terminal away from whatever runs in it.
    deinit {
        if serverID > 0 { kill(serverID, SIGTERM) }
        control.signal(SIGKILL)
    }

    private static let server = ["-L", "berth", "-f", "/dev/null"]

    /// The socket of the server lies in the test's folder.
    private static func environment(_ folder: TemporaryFolder) -> [String: String] {
        ["TMUX_TMPDIR": folder.path, "SHELL": "/bin/sh", "TERM": "screen-256color"]
    }

    // MARK: Keys

    /// Presses keys by tmux's names for them: `j`, `Enter`, `Escape`.
    func press(_ keys: String...) async throws {
        for key in keys { _ = try await command("send-keys -t main '\(key)'") }
    }

    // MARK: The screen

    /// What is on the screen now, without trailing blanks.
    func capture() async throws -> String {
        screen = try await command("capture-pane -p -t main").joined(separator: "\n")
        return screen
    }

    /// Waits until the screen holds all of `texts`, and returns it.
    /// - Throws: `NotShown` with the screen, at the deadline.
    @discardableResult
    func wait(for texts: String..., within limit: Duration = .seconds(20)) async throws -> String {
        try await wait("\(texts)", within: limit) { screen in texts.allSatisfy(screen.contains) }
    }

    /// Waits until the screen is as it should be, and returns it.
    @discardableResult
    func wait(
        _ what: String, within limit: Duration = .seconds(20), until isRight: (String) -> Bool
    ) async throws -> String {
        do {
            return try await control.withDeadline(limit) {
                while true {
                    let screen = try await capture()
                    if isRight(screen) { return screen }
                    // What was drawn before the capture was reported before its answer.
                    while try await !line().hasPrefix("%output") {}
                }
            }
        } catch is NotShown {
            throw NotShown(description: "not on the screen: \(what)\n\(screen)\n\(errors)")
        }
    }

    /// What tmux knows about the terminal, as `#{alternate_on}`.
    func property(_ format: String) async throws -> String {
        try await command("display-message -p -t main '\(format)'").joined()
    }

    // MARK: The program

    /// The process id of the program.
    var processID: pid_t {
        get throws { pid_t(try folder.text("pid").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 }
    }

    /// What the program has written to standard error.
    var errors: String { (try? folder.text("errors")) ?? "" }

    // MARK: Control mode

    private func command(_ text: String) async throws -> [String] {
        control.write(text + "\n")
        return try await answer()
    }

    /// The lines between `%begin` and `%end`.
    private func answer() async throws -> [String] {
        while try await !line().hasPrefix("%begin ") {}
        var lines: [String] = []
        while true {
            let line = try await line()
            if line.hasPrefix("%end ") { return lines }
            if line.hasPrefix("%error ") { throw Tool.Failed(description: lines.joined(separator: "\n")) }
            lines.append(line)
        }
    }

    private func line() async throws -> String {
        // An iterator shares its place with every other of the stream.
        var lines = control.output.lines.makeAsyncIterator()
        guard let line = await lines.next() else { throw NotShown(description: "tmux has ended: \(screen)") }
        return line
    }
}
