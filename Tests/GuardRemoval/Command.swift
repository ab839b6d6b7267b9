import Foundation
import Synchronization

/// A program that is run to its end, or to the end of its time.
struct Command {
    let folder: URL
    let arguments: [String]
    var environment: [String: String] = [:]

    struct Outcome {
        /// The exit code; nil when its time was up and it was ended.
        var code: CInt?
        var output: String
    }

    func run(secondsMax: Int) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
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
        let isInTime = ended.wait(timeout: .now() + .seconds(secondsMax)) == .success
        if !isInTime {
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
        }
        let output = String(decoding: try Data(contentsOf: log), as: UTF8.self)
        return Outcome(code: isInTime ? process.terminationStatus : nil, output: output)
    }
}
