import Foundation
import Glibc

/// The program under test, and where its files are.
struct Berth {
    let binary: String
    /// The data directory.
    let data: String

    /// Seconds in which a start must have read or compared its whole directory.
    private static let patience = 7200.0

    private var environment: [String: String] { ["HOME": data, "PATH": "/usr/bin:/bin"] }

    // MARK: The registry alone

    /// Starts `berth serve`; returns where it listens, too.
    func serve() throws -> (program: RunningProgram, address: String) {
        let program = try RunningProgram(
            binary, ["serve", "--data", data, "--listen", "127.0.0.1:0"], environment: environment,
            streams: ["/dev/null", "/dev/null", errors])
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let line = Self.lines(errors).first(where: { $0.contains("listening on ") }),
                let found = line.range(of: "listening on ")
            {
                return (program, String(line[found.upperBound...].prefix { !"\", ".contains($0) }))
            }
            usleep(20_000)
        }
        program.end()
        throw Absent(description: "berth serve does not listen; see \(errors)")
    }

    /// Waits until it has compared its index with the tree.
    func waitUntilRead() throws {
        let end = ContinuousClock.now + .seconds(Self.patience)
        while !Self.lines(errors).contains(where: { $0.contains(Self.isRead) }) {
            guard ContinuousClock.now < end else { throw Absent(description: "not read; see \(errors)") }
            usleep(50_000)
        }
    }

    /// Builds the index where there is none, so that a start has only to compare it.
    func index() throws {
        guard !FileManager.default.fileExists(atPath: "\(data)/berth/index.sqlite") else { return }
        let began = ContinuousClock.now
        let reindex = try RunningProgram(
            binary, ["reindex", "--data", data], environment: environment,
            streams: ["/dev/null", "\(data)/reindex.log", "\(data)/reindex.log"])
        guard reindex.waitForEnd() == 0 else { throw Absent(description: "no index; see \(data)/reindex.log") }
        say("built the index in \(Int(milliseconds(.now - began) / 1000)) s")
    }

    /// Has the system look at every file, so that who comes first does not pay for the disk.
    func readTree() throws {
        let find = try RunningProgram(
            "/usr/bin/find", [data, "-type", "f", "-size", "-1"], environment: environment,
            streams: ["/dev/null", "/dev/null", "/dev/null"])
        _ = find.waitForEnd()
    }

    /// Removes what it derived from the tree.
    func forget() throws { try FileManager.default.removeItem(atPath: "\(data)/berth") }

    private var errors: String { "\(data)/serve.log" }
    private static let isRead = "index compared with the tree"

    // MARK: The cockpit

    /// Opens the cockpit; waits until it serves.
    func open(columns: Int = 120, rows: Int = 40) throws -> CockpitScreen {
        let before = timesRead
        let terminal = try PseudoTerminal(
            binary, ["--data", data, "--listen", "127.0.0.1:0", "--theme", "berth-dark"], environment: environment,
            columns: columns, rows: rows)
        return try CockpitScreen(terminal: terminal, readsBefore: before)
    }

    /// Waits until a cockpit has compared its index with the tree.
    func waitUntilRead(_ cockpit: CockpitScreen) throws {
        let end = ContinuousClock.now + .seconds(Self.patience)
        while timesRead == cockpit.readsBefore {
            guard ContinuousClock.now < end else { throw Absent(description: "not read; see \(data)/berth/berth.log") }
            try cockpit.terminal.pass(.milliseconds(50))
        }
    }

    private var timesRead: Int {
        Self.lines("\(data)/berth/berth.log").count { $0.contains(Self.isRead) }
    }

    private static func lines(_ file: String) -> [Substring] {
        ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: "\n")
    }
}
