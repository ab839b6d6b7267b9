import Foundation
import Glibc
import OCI
import Patience
import RegistryCore
import RegistryStorage
import SeededRandom
import Testing

extension EndToEndTests {
    /// Plans of any size beside a registry that serves: every answer whole, and the memory of both sides bounded.
    ///
    /// Three thousand lines in the suite; `BERTH_PLAN_LINES=10000` and `BERTH_PLAN_ROUNDS=50` for more.
    @Suite(.timeLimit(.minutes(30))) struct LargePlanTests {
        private static let environment = ProcessInfo.processInfo.environment
        private static let lines =
            environment["BERTH_PLAN_LINES"].flatMap { Int($0) }.map { [$0] } ?? [10, 600, 3000]
        private static let rounds = environment["BERTH_PLAN_ROUNDS"].flatMap { Int($0) } ?? 2
        /// What a server holds of a plan while it makes it, beside what it needs for itself; bytes.
        private static let serverBytes = 160 << 20
        private static let bytesPerLine = 2048

        /// A tree with this many blobs that nothing needs.
        private func tree(_ count: Int) async throws -> GarbageTree {
            let tree = try await GarbageTree()
            for number in 0..<count {
                let digest = Digest.of(Array("blob \(number)".utf8))
                let folder = tree.folder.path("\(tree.data)/\(Layout.blob(digest))")
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data("blob \(number)".utf8).write(to: URL(filePath: "\(folder)/data"))
            }
            return tree
        }

        private func expectDone(_ result: Tool.Result, at location: SourceLocation = #_sourceLocation) {
            #expect(result.exit == .status(0), "\(result.errors.prefix(300))", sourceLocation: location)
        }

        private func count(_ key: String, in result: Tool.Result) throws -> Int {
            let json = try #require(try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
            return try #require(json[key] as? [Any]).count
        }

        private func berth(_ tree: GarbageTree, _ arguments: String...) async throws -> Tool.Result {
            let words = ["gc"] + arguments + [tree.folder.path("config.yml")]
            return try await BerthProgram.start(words, in: tree.folder).result(within: .seconds(1200))
        }

        @Test(arguments: lines) func everyAnswerIsWhole(_ count: Int) async throws {
            let tree = try await tree(count)
            try await tree.serving { registry in
                for _ in 0..<Self.rounds {
                    let plan = try await berth(tree, "--json")
                    expectDone(plan)
                    #expect(try self.count("lines", in: plan) == count)
                    expectDone(try await berth(tree, "--reclaim", "team/*"))
                }
                for round in 0..<Self.rounds {
                    let run = try await berth(tree, "--run", "--yes", "--json")
                    expectDone(run)
                    #expect(try self.count("removed", in: run) == count, "round \(round)")
                    let runs = try await berth(tree, "--runs", "--json")
                    expectDone(runs)
                    let listed = try JSONSerialization.jsonObject(with: Data(runs.output)) as? [[String: Any]] ?? []
                    #expect(listed.count == 1 && listed.first?["lines_held"] as? Int == count)
                    let id = try #require(listed.first?["run"] as? String)
                    expectDone(try await berth(tree, "--runs"))
                    let undo = try await berth(tree, "--undo", id, "--json")
                    expectDone(undo)
                    #expect(try self.count("restored", in: undo) == count, "round \(round)")
                }
                let peak = try #require(Self.peakBytes(of: registry.process.id))
                let bound = Self.serverBytes + count * Self.bytesPerLine
                #expect(peak <= bound, "the server held \(peak >> 20) MiB")
                print("\(count) lines: the server held \(peak >> 20) MiB at most")
            }
        }

        /// A peak of the resident set; bytes.
        private static func peakBytes(of process: pid_t) -> Int? {
            let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let line = text?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            return line?.split(separator: " ").dropFirst().first.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 }
        }

        /// The one who asks stands still in the middle of the answer: nothing waits for it for ever.
        @Test(.enabled(if: environment["BERTH_LONG_TESTS"] != nil)) func aClientThatStandsStillHoldsUpNothing()
            async throws
        {
            let tree = try await tree(2000)
            try await tree.serving { _ in
                let run = try BerthProgram.start(
                    ["gc", "--run", "--yes", "--json", "--rate", "400", tree.folder.path("config.yml")], in: tree.folder
                )
                defer { run.signal(SIGKILL) }
                try await until { try await berth(tree, "--runs").text.contains("  running  ") }
                run.signal(SIGSTOP)
                try await until { try await !berth(tree, "--runs").text.contains("  running  ") }
                #expect(try await berth(tree, "--runs").text.contains("  finished  "))
                run.signal(SIGCONT)
                _ = await run.result(within: .seconds(60))
            }
        }

        // MARK: Numbers

        @Test(arguments: [
            "\"bytes\":9223372036854775807", "\"bytes\":-1", "\"bytes\":1e308", "\"bytes\":18446744073709551616",
        ])
        func aPlanOfNumbersThatNothingHasIsRefused(_ bytes: String) async throws {
            let tree = try await tree(3)
            let plan = try await berth(tree, "--json")
            let text = plan.text.replacing(/"bytes":\d+/, with: bytes)
            #expect(text != plan.text)
            try tree.folder.write(text, to: "plan.json")
            try await tree.serving { registry in
                let result = try await berth(tree, "--plan", tree.folder.path("plan.json"), "--run", "--yes")
                #expect(result.exit == .status(2), "\(result.errors)")
                #expect(result.errors.contains("plan.json is no plan"))
                // What is sent past the command is refused by the server itself.
                expectDone(try await berth(tree))
                #expect(try tree.isServed(at: registry.address))
            }
        }

        @Test(arguments: [
            #""grace_seconds":9223372036854775807"#, #""grace_seconds":-5"#, #""upload_seconds":9223372036854775807"#,
        ])
        func aRequestOfSuchNumbersIsRefused(_ option: String) async throws {
            let tree = try await GarbageTree()
            try await tree.serving { registry in
                expectDone(try await berth(tree))
                let options = #"{"untagged":true,"layer_links":true,"retention":false,"grace_seconds":1,\#(option)}"#
                let body = option.contains("grace") ? options.replacing(#""grace_seconds":1,"#, with: "") : options
                let answer = try await Tool.curl.run(
                    [
                        "-s", "-d", body, "--unix-socket", tree.folder.path("\(tree.data)/berth/control.sock"),
                        "http://localhost/gc/plan",
                    ], in: tree.folder)
                #expect(answer.contains("_seconds is"), "\(answer)")
                #expect(try tree.isServed(at: registry.address))
            }
        }

        @Test(arguments: [
            ["--grace", "2562047h"], ["--quarantine", "1000000h"], ["--rate", "9223372036854775807"],
            ["--grace", "9223372036854775807h"], ["--quarantine", "-1s"],
        ])
        func numbersOfTheCommandLineAreBounded(_ arguments: [String]) async throws {
            let folder = try TemporaryFolder()
            let result = try await BerthProgram.result(["gc", "--data", folder.path("data")] + arguments, in: folder)
            #expect(result.exit == .status(2), "\(result.errors)")
        }

        @Test func aPlanThatWasCutIsNotRun() async throws {
            let tree = try await tree(20)
            let plan = try await berth(tree, "--json")
            try tree.folder.write(Array(plan.output.dropLast(30)), to: "plan.json")
            let result = try await berth(tree, "--plan", tree.folder.path("plan.json"), "--run", "--yes")
            #expect(result.exit == .status(2))
            #expect(result.errors.contains("cut short"))
            #expect(try await berth(tree, "--runs").text == "the quarantine is empty\n")
        }
    }
}
