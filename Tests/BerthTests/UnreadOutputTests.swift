import Foundation
import Glibc
import Testing

extension EndToEndTests {
    /// Streams that nobody reads, and signals of a terminal that is gone.
    @Suite(.enabled(if: Tool.areUsable(.curl))) struct UnreadOutputTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Requests whose lines are longer than a pipe and a page more.
        private static let requests = 80

        @Test func aLogThatNobodyReadsHoldsUpNeitherRequestsNorTheEnd() async throws {
            let log = folder.path("log")
            try #require(mkfifo(log, 0o600) == 0)
            // Open for reading, and never read.
            let reader = open(log, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            try #require(reader >= 0)
            defer { close(reader) }
            let command = "exec \"$0\" serve --data \"$1\" --listen 127.0.0.1:0 >\"$2\""
            let process = try ChildProcess(
                "/bin/sh", ["-c", command, BerthProgram.path, folder.path("data"), log],
                environment: folder.environment)
            try await RegistryProcess.running(process) { registry in
                let curl = Curl(folder: folder, origin: "http://\(registry.address)")
                let name = String(repeating: "a", count: 1200)
                for _ in 0..<Self.requests { _ = try await curl("GET", "/v2/\(name)/tags/list") }
                let answer = try await curl("GET", "/v2/")
                #expect(answer.status == 200)
            }
            #expect(process.errors.text.contains("lines of the access log were dropped"))
        }

        @Test func aHangupDoesNotEndWhoServes() async throws {
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                registry.process.signal(SIGHUP)
                for await line in registry.process.errors.lines where line.contains("SIGHUP") { break }
                let curl = Curl(folder: folder, origin: "http://\(registry.address)")
                let answer = try await curl("GET", "/v2/")
                #expect(answer.status == 200)
            }
        }
    }
}
