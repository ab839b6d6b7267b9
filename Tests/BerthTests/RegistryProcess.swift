import Foundation
import Glibc
import Testing

/// A registry that runs: the built program, or the one that Debian has.
final class RegistryProcess: Sendable {
    let process: ChildProcess
    /// Where it listens, as `127.0.0.1:5000`.
    let address: String

    /// Seconds until a registry must listen, and until it must have ended.
    private static let patience = Duration.seconds(30)

    private init(_ process: ChildProcess) async throws {
        self.process = process
        let address = await process.withDeadline(Self.patience) { () -> String? in
            for await line in process.errors.lines {
                guard let found = line.range(of: "listening on ") else { continue }
                return String(line[found.upperBound...].prefix { !"\", ".contains($0) })
            }
            return nil
        }
        guard let address else { throw Tool.Failed(description: "does not listen: \(process.errors.text)") }
        self.address = address
    }

    /// Serves with the built program while `body` runs, then ends it with SIGTERM, to which the answer must be status 0.
    static func serving<Value>(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:],
        _ body: (RegistryProcess) async throws -> Value
    ) async throws -> Value {
        let process = try BerthProgram.start(["serve"] + arguments, in: folder, environment: environment)
        return try await running(process, body)
    }

    /// Serves `data` on a port that the system chooses.
    static func serving<Value>(
        data: String, in folder: TemporaryFolder, _ body: (RegistryProcess) async throws -> Value
    ) async throws -> Value {
        try await serving(["--data", folder.path(data), "--listen", "127.0.0.1:0"], in: folder, body)
    }

    /// Serves `data` with distribution's registry of Debian, deletion on.
    static func servingDistribution<Value>(
        data: String, in folder: TemporaryFolder, _ body: (RegistryProcess) async throws -> Value
    ) async throws -> Value {
        try folder.write(configuration(data: folder.path(data), extra: "\n  delete: {enabled: true}"), to: "debian.yml")
        return try await servingDistribution(configuration: "debian.yml", in: folder, body)
    }

    /// Serves what a configuration file of the folder says, with distribution's registry of Debian.
    static func servingDistribution<Value>(
        configuration file: String, in folder: TemporaryFolder, _ body: (RegistryProcess) async throws -> Value
    ) async throws -> Value {
        // With Go's own setting half of the time of a small request goes to its collection of memory.
        let process = try Tool.dockerRegistry.start(
            ["serve", folder.path(file)], in: folder, environment: ["GOGC": "1000"])
        // Distribution 2.8 knows no tidy stop: the signal ends it.
        return try await running(process, exits: [.status(0), .signal(SIGTERM), .status(2)], body)
    }

    /// Serves `data` with the program that sweeps it all the time, while `body` runs, which has to kill it.
    static func servingAndSweeping<Value>(
        data: String, in folder: TemporaryFolder, _ body: (RegistryProcess) async throws -> Value
    ) async throws -> Value {
        let process = try ChildProcess(
            try BerthProgram.built("SweepingRegistry"), [folder.path(data)], environment: folder.environment)
        return try await running(process, exits: [.signal(SIGKILL)], body)
    }

    /// The least configuration file of distribution.
    static func configuration(data: String, address: String = "127.0.0.1:0", extra: String = "") -> String {
        """
        version: 0.1
        storage:
          filesystem: {rootdirectory: \(data)}\(extra)
        http:
          addr: \(address)

        """
    }

    /// Takes a program that was started until `body` has run, then ends it with SIGTERM.
    static func running<Value>(
        _ process: ChildProcess, exits: [ChildProcess.Exit] = [.status(0)],
        _ body: (RegistryProcess) async throws -> Value
    ) async throws -> Value {
        defer { process.signal(SIGKILL) }
        let registry = try await RegistryProcess(process)
        let value = try await body(registry)
        process.signal(SIGTERM)
        let result = await process.result(within: patience)
        #expect(exits.contains(result.exit), "\(result.exit): \(result.errors)")
        return value
    }
}

/// The program under test, as it was built.
enum BerthProgram {
    /// `BERTH_BINARY`, or the one beside the test bundle.
    static var path: String {
        get throws {
            if let path = ProcessInfo.processInfo.environment["BERTH_BINARY"] { return path }
            return try built("berth")
        }
    }

    /// A program of the package, beside the test bundle.
    static func built(_ name: String) throws -> String {
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
    }

    static func start(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
    ) throws -> ChildProcess {
        try ChildProcess(
            path, arguments, environment: folder.environment.merging(environment) { $1 })
    }

    /// Runs it to its end with standard input at its end.
    static func result(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws -> Tool.Result {
        try await start(arguments, in: folder, environment: environment).result(within: .seconds(30))
    }
}
