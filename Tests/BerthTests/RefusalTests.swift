import Foundation
import Testing

extension EndToEndTests {
    /// What cannot be done is said in one line, with status 2.
    @Suite struct RefusalTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// The one line on standard error.
        private func refusal(
            _ arguments: [String], environment: [String: String] = [:], at location: SourceLocation = #_sourceLocation
        ) async throws -> String {
            let result = try await BerthProgram.result(arguments, in: folder, environment: environment)
            #expect(result.exit == .status(2), sourceLocation: location)
            #expect(result.text.isEmpty, sourceLocation: location)
            #expect(result.errors.hasSuffix("\n"), sourceLocation: location)
            let lines = result.errors.split(separator: "\n")
            #expect(lines.count == 1, "\(result.errors)", sourceLocation: location)
            return lines.first.map(String.init) ?? ""
        }

        @Test(arguments: [
            ("version: 0.1\nstorage:\n  floppy: {}\n", 3, "storage.floppy"),
            ("version: 0.1\nstorage: inmemory\nhttp:\n  draintimeout: soon\n", 4, "http.draintimeout"),
            ("version: 0.1\nstorage: inmemory\nlog:\n  level: loud\n", 4, "log.level"),
            ("version: 9\nstorage: inmemory\n", 1, "version"),
        ])
        func aWrongFileIsNamedWithLineAndKey(text: String, line: Int, key: String) async throws {
            try folder.write(text, to: "config.yml")
            let said = try await refusal(["serve", folder.path("config.yml")])
            #expect(said.hasPrefix("berth: \(folder.path("config.yml")):\(line):"), "\(said)")
            #expect(said.contains(key), "\(said)")
        }

        @Test func aFileThatIsNoYAMLIsNamedWithItsLine() async throws {
            try folder.write("version: 0.1\nstorage: [\n", to: "config.yml")
            let said = try await refusal(["serve", folder.path("config.yml")])
            #expect(said.hasPrefix("berth: \(folder.path("config.yml")):"), "\(said)")
        }

        @Test func aWrongVariableIsNamed() async throws {
            let said = try await refusal(
                ["serve", "--data", folder.path("data"), "--listen", "127.0.0.1:0"],
                environment: ["REGISTRY_LOG_LEVEL": "loud"])
            #expect(said.contains("REGISTRY_LOG_LEVEL"), "\(said)")
        }

        @Test func aFileThatIsNotThereIsNamed() async throws {
            #expect(try await refusal(["serve", folder.path("none.yml")]).contains(folder.path("none.yml")))
        }

        @Test func aPortInUseIsNamed() async throws {
            try await RegistryProcess.serving(data: "first", in: folder) { first in
                let said = try await refusal(["serve", "--data", folder.path("second"), "--listen", first.address])
                #expect(said.contains(first.address))
                #expect(said.contains("--listen"))
            }
        }

        /// Below a file no one can make a directory, not even root.
        @Test func aDataDirectoryThatCannotBeIsNamed() async throws {
            try folder.write("", to: "file")
            let data = folder.path("file/data")
            #expect(try await refusal(["serve", "--data", data, "--listen", "127.0.0.1:0"]).contains(data))
        }

        /// There nothing can be created, not even by root.
        @Test func aDataDirectoryThatCannotBeWrittenIsNamed() async throws {
            let said = try await refusal(["serve", "--data", "/proc/self", "--listen", "127.0.0.1:0"])
            #expect(said.contains("/proc/self"))
        }

        @Test(arguments: ["nowhere", "127.0.0.1", "127.0.0.1:port", "127.0.0.1:99999"])
        func anAddressThatIsNoneIsNamed(address: String) async throws {
            let said = try await refusal(["serve", "--data", folder.path("data"), "--listen", address])
            #expect(said.contains(address))
        }

        @Test func withoutATerminalTheCockpitSaysWhatToRun() async throws {
            for arguments in [[], ["--data", folder.path("data")], ["cockpit"]] {
                #expect(try await refusal(arguments).contains("berth serve"))
            }
            #expect(try folder.tree("data").isEmpty)
        }

        @Test func aNameThatIsNoneIsNamed() async throws {
            #expect(try await refusal(["inspect", "--resolve", "upper/Case"]).contains("upper/Case"))
        }

        @Test(arguments: [["serve", "--unheard"], ["unheard-of"], ["inspect"], ["serve", "a", "b"]])
        func wrongUsageHasStatus2(arguments: [String]) async throws {
            let result = try await BerthProgram.result(arguments, in: folder)
            #expect(result.exit == .status(2))
            #expect(result.text.isEmpty)
            #expect(result.errors.hasPrefix("berth: "))
        }
    }
}
