import Foundation
import Glibc

/// A program of the field that tests use as a client, a server or a terminal.
enum Tool: String, CaseIterable, Sendable {
    case buildah, curl, docker, dockerd, openssl, podman, skopeo, tmux
    case dockerRegistry = "docker-registry"
    /// In neither Debian nor PyPI: its tests run only where somebody has put it.
    case crane
    /// A Python that can import oras, which has no command of its own.
    case oras

    /// How a program that was run to its end has ended.
    struct Result: Sendable {
        var exit: ChildProcess.Exit
        var output: [UInt8]
        var errors: String

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    struct Missing: Error, CustomStringConvertible {
        let tool: Tool
        var description: String { "\(tool.rawValue) is missing; .ci/packages test installs it" }
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// True in continuous integration, where no test is skipped because something is missing: it fails and says what.
    static let areRequired = ProcessInfo.processInfo.environment["CI"] == "true"

    /// False where a program is missing, so that its tests are skipped.
    static func areUsable(_ tools: Tool...) -> Bool { areRequired || tools.allSatisfy { $0.path != nil } }

    /// Where the program is.
    var path: String? { candidates.first { access($0, X_OK) == 0 } }

    private var candidates: [String] {
        let environment = ProcessInfo.processInfo.environment
        if self == .oras {
            // Where `.ci/packages test` makes it, whole or not at all.
            let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
            return ["\(cache)/berth-ci/venv/bin/python"]
        }
        let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return (folders + ["/usr/sbin", "/sbin"]).map { "\($0)/\(rawValue)" }
    }

    /// Starts the program.
    func start(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
    ) throws -> ChildProcess {
        guard let path else { throw Missing(tool: self) }
        return try ChildProcess(
            path, arguments, environment: folder.environment.merging(environment) { $1 })
    }

    /// Runs the program to its end, whatever that is; it is killed at the deadline.
    func result(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:],
        within limit: Duration = .seconds(60)
    ) async throws -> Result {
        try await start(arguments, in: folder, environment: environment).result(within: limit)
    }

    /// Runs the program and returns its standard output.
    /// - Throws: `Failed` with what it wrote, when it ends with anything but status 0.
    @discardableResult
    func run(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:],
        within limit: Duration = .seconds(60)
    ) async throws -> String {
        let result = try await result(arguments, in: folder, environment: environment, within: limit)
        guard result.exit == .status(0) else {
            let line = ([rawValue] + arguments).joined(separator: " ")
            throw Failed(description: "\(line): \(result.exit)\n\(result.text)\(result.errors)")
        }
        return result.text
    }
}

extension ChildProcess {
    /// Waits for its end and takes what it wrote; kills it at the deadline.
    func result(within limit: Duration) async -> Tool.Result {
        closeInput()
        let exit = await withDeadline(limit) { await self.exit }
        await output.waitForEnd()
        await errors.waitForEnd()
        return Tool.Result(exit: exit, output: output.bytes, errors: errors.text)
    }

    /// Does something that ends when the process does, and kills the process at the deadline.
    func withDeadline<Value>(_ limit: Duration, _ work: () async throws -> Value) async rethrows -> Value {
        let watchdog = Task {
            try await ContinuousClock().sleep(for: limit)
            signal(SIGKILL)
        }
        defer { watchdog.cancel() }
        return try await work()
    }
}
