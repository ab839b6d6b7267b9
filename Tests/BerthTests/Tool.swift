import Foundation
import Glibc

/// A program of the field that tests use as a client, a server or a terminal.
enum Tool: String, CaseIterable, Sendable {
    case buildah, curl, openssl, podman, skopeo, tmux
    case dockerRegistry = "docker-registry"

    /// How a program that was run to its end has ended.
    struct Result: Sendable {
        var exit: ChildProcess.Exit
        var output: [UInt8]
        var errors: String

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    struct Missing: Error, CustomStringConvertible {
        let tool: Tool
        var description: String { "\(tool.rawValue) is missing; apt-get install \(tool.debianPackage)" }
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    var debianPackage: String { rawValue }

    /// False where a program is missing, so that its tests are skipped; in continuous integration never, so that they
    /// fail there and name the package.
    static func areUsable(_ tools: Tool...) -> Bool {
        ProcessInfo.processInfo.environment["CI"] == "true" || tools.allSatisfy { $0.path != nil }
    }

    /// Where the program is.
    var path: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return (folders + ["/usr/sbin", "/sbin"]).map { "\($0)/\(rawValue)" }.first { access($0, X_OK) == 0 }
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
