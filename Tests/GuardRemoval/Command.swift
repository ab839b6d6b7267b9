import Foundation
import Synchronization

/// A program that is run to its end, or to the end of its time, with all that it starts.
struct Command {
    let folder: URL
    let arguments: [String]
    var environment: [String: String] = [:]

    struct Outcome {
        /// The exit code; nil when its time was up, or it had said enough, and it was ended.
        var code: CInt?
        var output: String
    }

    /// How often the output is looked at.
    private static let millisecondsLook = 500

    /// - Parameter isEnough: asked of the output while it grows; the program is ended when it says so.
    func run(secondsMax: Int, until isEnough: (String) -> Bool = { _ in false }) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // `timeout` ends the whole group of what it began.
        process.arguments = ["timeout", "--kill-after=5", "\(secondsMax)"] + arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // A file, not a pipe: a test that hangs may leave children that hold a pipe open.
        let log = FileManager.default.temporaryDirectory.appending(path: "guard-\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: log.path(percentEncoded: false), contents: nil)
        defer { try? FileManager.default.removeItem(at: log) }
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        var output = ""
        var wasEnough = false
        repeat {
            output = String(decoding: try Data(contentsOf: log), as: UTF8.self)
            guard !wasEnough, isEnough(output) else { continue }
            wasEnough = true
            process.terminate()
        } while ended.wait(timeout: .now() + .milliseconds(Self.millisecondsLook)) != .success
        output = String(decoding: try Data(contentsOf: log), as: UTF8.self)
        let isWhole = !wasEnough && process.terminationReason == .exit && process.terminationStatus != Self.timeIsUp
        return Outcome(code: isWhole ? process.terminationStatus : nil, output: output)
    }

    /// The status of timeout(1) when it had to end the program.
    private static let timeIsUp: CInt = 124
}
