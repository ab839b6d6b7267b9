import Foundation
import Glibc
import RegistryStorage
import Testing

extension EndToEndTests {
    /// Verbs whose standard output has no room, as on a full disk, or has nobody who reads it.
    @Suite struct UnwrittenOutputTests {
        private func onFullDisk(_ tree: GarbageTree, _ arguments: String) async throws -> Tool.Result {
            try await shell(tree, "\"$0\" \(arguments) \"$1\" >/dev/full")
        }

        private func shell(_ tree: GarbageTree, _ script: String) async throws -> Tool.Result {
            let process = try ChildProcess(
                "/bin/sh", ["-c", script, try BerthProgram.path, tree.folder.path("config.yml")],
                environment: tree.folder.environment)
            return await process.result(within: .seconds(30))
        }

        @Test(arguments: [
            "gc", "gc --json", "gc --untagged --json", "gc --runs", "gc --runs --json", "check", "check --json",
            "garbage-collect -d", "garbage-collect -d --json", "garbage-collect -m", "gc --reclaim '*:*'",
        ])
        func whatCouldNotBeWrittenIsNoSuccess(arguments: String) async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let before = try tree.files
            let result = try await onFullDisk(tree, arguments)
            #expect(result.exit == .status(3))
            let lines = result.errors.split(separator: "\n")
            #expect(lines.count == 1, "\(result.errors)")
            #expect(lines.first?.contains(StorageError.text(of: ENOSPC)) == true)
            // Also not by the verb that would have gone on to remove it.
            #expect(try tree.files == before)
        }

        @Test(arguments: ["gc --untagged --run --yes", "gc --untagged --run --yes --json"])
        func aRunWhoseReportIsLostSaysThatItWasDone(arguments: String) async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let result = try await onFullDisk(tree, arguments)
            #expect(result.exit == .status(3))
            #expect(tree.isClean)
            let lines = result.errors.split(separator: "\n")
            #expect(lines.last?.contains("was done all the same") == true, "\(result.errors)")
        }

        @Test func helpThatCouldNotBeWrittenIsNoSuccess() async throws {
            let result = try await shell(try await GarbageTree(), "\"$0\" gc --help >/dev/full")
            #expect(result.exit == .status(3))
            #expect(result.errors.split(separator: "\n").count == 1)
        }

        @Test(arguments: ["gc --untagged --json", "check", "garbage-collect -d", "--help"])
        func aReaderThatGoesIsNoFailure(arguments: String) async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            // The reader has gone before a word is written.
            let pipe = "mkfifo \"$1.pipe\"; : <\"$1.pipe\" & exec 3>\"$1.pipe\"; wait"
            let result = try await shell(tree, "\(pipe); \"$0\" \(arguments) \"$1\" >&3; echo $?")
            #expect(result.errors.isEmpty, "\(result.errors)")
            #expect(result.text == "0\n", "\(result.text)")
        }
    }
}
