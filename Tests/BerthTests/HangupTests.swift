import Foundation
import Glibc
import Patience
import PlainHTTP
import Testing

extension EndToEndTests {
    /// SIGHUP, which whoever turns logs over sends to all that serve, whatever they are at.
    @Suite struct HangupTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Bytes of a configuration file that takes a while to read.
        private static let configurationBytes = 4 << 20

        @Test func aHangupBeforeItListensDoesNotEndWhoServes() async throws {
            let remark = "# nothing\n"
            let remarks = String(repeating: remark, count: Self.configurationBytes / remark.utf8.count)
            try folder.write(
                RegistryProcess.configuration(data: folder.path("data")) + remarks, to: "config.yml")
            let process = try BerthProgram.start(["serve", folder.path("config.yml")], in: folder)
            // The system counts what it has read.
            try await until { Self.bytesRead(by: process.id) >= Self.configurationBytes }
            process.signal(SIGHUP)
            try await RegistryProcess.running(process) { registry in
                registry.process.signal(SIGHUP)
                let answer = try PlainClient(address: registry.address)("GET", "/v2/")
                #expect(answer.status == 200)
            }
        }

        /// All there is when it has ended.
        private static func bytesRead(by process: pid_t) -> Int {
            guard let text = try? String(contentsOfFile: "/proc/\(process)/io", encoding: .utf8),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("rchar: ") })
            else { return .max }
            return Int(line.dropFirst("rchar: ".count)) ?? .max
        }
    }
}
