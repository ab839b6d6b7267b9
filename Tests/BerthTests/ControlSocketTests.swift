import Foundation
import Glibc
import ImageBuilder
import RegistryStorage
import Testing

extension EndToEndTests {
    /// The control socket in the data directory: where it is, for whom, and what it refuses.
    @Suite(.enabled(if: Tool.areUsable(.curl))) struct ControlSocketTests {
        private func socket(_ tree: GarbageTree) -> String { tree.folder.path("\(tree.data)/berth/control.sock") }

        private func mode(_ path: String) -> mode_t? {
            var status = stat()
            return lstat(path, &status) == 0 ? status.st_mode : nil
        }

        private func expectAnswer(_ tree: GarbageTree, at location: SourceLocation = #_sourceLocation) async throws {
            let result = try await tree.berth("gc", "--runs")
            #expect(result.exit == .status(0), "\(result.errors)", sourceLocation: location)
        }

        private func ask(
            _ tree: GarbageTree, _ method: String, _ path: String, _ body: String = "{}"
        ) async throws -> (status: String, text: String) {
            // What the socket answers to the program shows that it is open.
            try await expectAnswer(tree)
            let text = try await Tool.curl.run(
                [
                    "-s", "-X", method, "-d", body, "-w", "\n%{http_code}", "--unix-socket", socket(tree),
                    "http://localhost\(path)",
                ], in: tree.folder)
            let lines = text.split(separator: "\n").map(String.init)
            return (lines.last ?? "", lines.dropLast().joined(separator: "\n"))
        }

        @Test func itIsTheOwnersAndGoesWithTheServer() async throws {
            let tree = try await GarbageTree()
            try await tree.serving { _ in
                try await expectAnswer(tree)
                #expect(mode(socket(tree)) == S_IFSOCK | 0o600)
            }
            #expect(mode(socket(tree)) == nil)
        }

        /// `sockaddr_un` holds 107 bytes.
        @Test func aLongPathIsNoObstacle() async throws {
            let tree = try await GarbageTree(below: String(repeating: "a-long-name-of-a-directory/", count: 8))
            #expect(socket(tree).utf8.count > 200)
            try await tree.untag()
            try await tree.serving { _ in
                let result = try await tree.berth("gc", "--untagged", "--run", "--yes")
                #expect(result.exit == .status(0), "\(result.errors)")
                #expect(tree.isClean)
            }
        }

        /// A process that was killed leaves its socket behind.
        @Test func oneThatWasLeftBehindIsReplaced() async throws {
            let tree = try await GarbageTree()
            try tree.folder.write("", to: "\(tree.data)/berth/control.lock")
            let descriptor = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socket(tree).utf8)) }
            let isBound = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            close(descriptor)
            #expect(isBound)
            // Nobody serves: the tree itself is opened.
            #expect(try await tree.berth("gc").exit == .status(0))
            try await tree.serving { _ in try await expectAnswer(tree) }
            #expect(mode(socket(tree)) == nil)
        }

        @Test func aSecondServerLeavesItToTheFirst() async throws {
            let tree = try await GarbageTree()
            try await tree.serving { _ in
                try await expectAnswer(tree)
                var before = stat()
                lstat(socket(tree), &before)
                try await tree.serving { second in
                    #expect(await second.logLine(with: "index compared with the tree") != nil)
                    try await expectAnswer(tree)
                    // The first is not alone now, so nothing is taken out of the tree.
                    try await tree.untag()
                    let refused = try await tree.berth("gc", "--untagged", "--run", "--yes")
                    #expect(refused.exit == .status(3))
                }
                var after = stat()
                lstat(socket(tree), &after)
                #expect(before.st_ino == after.st_ino)
                try await expectAnswer(tree)
            }
        }

        @Test func whoHoldsTheDirectoryAndSaysNothingIsNamed() async throws {
            let tree = try await GarbageTree()
            let lock = try DirectoryLock(root: tree.folder.path(tree.data))
            let result = try await tree.berth("gc")
            #expect(result.exit == .status(2))
            #expect(result.errors.contains("does not answer on its control socket"))
            withExtendedLifetime(lock) {}
        }

        @Test func whatItCannotDoIsAnErrorInWords() async throws {
            let tree = try await GarbageTree()
            try await tree.serving { _ in
                let run = UUID().uuidString
                let expected = [
                    ("POST", "/gc/nothing", "{}", "404"), ("GET", "/gc/plan", "", "404"), ("POST", "/", "", "404"),
                    ("POST", "/gc/plan", "no JSON", "400"), ("POST", "/gc/run", "{}", "400"),
                    ("POST", "/gc/undo", "{\"run\":\"\(run)\"}", "404"),
                    ("POST", "/gc/purge", "{\"run\":\"\(run)\"}", "404"),
                    ("POST", "/tag", "{\"repository\":\"..\",\"tag\":\"a\"}", "400"),
                ]
                for (method, path, body, status) in expected {
                    let answer = try await ask(tree, method, path, body)
                    #expect(answer.status == status, "\(method) \(path): \(answer.text)")
                    #expect(answer.text.hasPrefix("{\"error\":\""), "\(method) \(path): \(answer.text)")
                }
                let tooLarge = try await Tool.curl.run(
                    [
                        "-s", "-d", "{}", "-H", "Content-Length: 268435457", "--unix-socket", socket(tree),
                        "http://localhost/gc/plan",
                    ], in: tree.folder)
                #expect(tooLarge == "{\"error\":\"the body has more than 16777216 bytes\"}")
                for order in ["stop", "pause", "continue"] {
                    #expect(try await ask(tree, "POST", "/gc/\(order)") == ("200", "{\"end\":{}}"))
                }
                #expect(try await ask(tree, "GET", "/gc/runs") == ("200", "{\"end\":{}}"))
            }
        }
    }
}
