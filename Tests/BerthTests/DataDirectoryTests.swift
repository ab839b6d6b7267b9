import Foundation
import Glibc
import PlainHTTP
import RegistryStorage
import Testing

extension EndToEndTests {
    /// Data directories of other users, of groups, such as may only be read, and such that nothing is in yet.
    @Suite struct DataDirectoryTests {
        // MARK: Other users

        /// Everything below a data directory with its owner and its rights.
        private func entries(_ root: String) throws -> [(path: String, status: stat)] {
            try FileManager.default.subpathsOfDirectory(atPath: root).map { path in
                var status = stat()
                try #require(lstat("\(root)/\(path)", &status) == 0)
                return (path, status)
            }
        }

        private func give(_ root: String, to user: uid_t) throws {
            for path in try [root] + entries(root).map({ "\(root)/\($0.path)" }) {
                try #require(lchown(path, user, user) == 0)
            }
        }

        /// Whoever cleans up by the machine's clock is root, and the service is not.
        @Test(.enabled(if: AnotherUser.isThere))
        func whatRootLeavesBelongsToTheOwnerOfTheDirectory() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let root = tree.folder.path(tree.data)
            try? FileManager.default.removeItem(atPath: "\(root)/berth")
            try give(root, to: AnotherUser.id)
            // The service's umask is seen in what it made.
            for place in [root, "\(root)/docker"] { try #require(chmod(place, 0o2775) == 0) }
            for arguments in [["check"], ["gc", "--untagged"], ["gc", "--untagged", "--run", "--yes"], ["reindex"]] {
                let file = tree.folder.path("config.yml")
                let result = try await BerthProgram.result(arguments + [file], in: tree.folder)
                #expect(result.exit == .status(0), "\(arguments) \(result.errors)")
                let roots = try entries(root).filter { $0.status.st_uid == 0 }.map(\.path)
                #expect(roots.first == nil, "after \(arguments)")
            }
            // As the owner's own process would have made it: the group may write where it may in the directory.
            let made = try entries("\(root)/berth").filter { !$0.path.contains("/docker/") }
            let narrow = made.filter { $0.status.st_mode & 0o020 == 0 }.map(\.path)
            #expect(narrow.first == nil)
        }

        @Test(.enabled(if: AnotherUser.isThere))
        func whatCannotBeOpenedIsNamedWithItsOwnerAndWhatMendsIt() async throws {
            let tree = try await GarbageTree()
            #expect(try await tree.berth("check").exit == .status(0))
            let root = tree.folder.path(tree.data)
            try give(root, to: AnotherUser.id)
            let index = "\(root)/berth/index.sqlite"
            try #require(chown(index, 0, 0) == 0 && chmod(index, 0o644) == 0)
            let process = try AnotherUser.start(["serve", tree.folder.path("config.yml")], in: tree.folder)
            let result = await process.result(within: .seconds(30))
            #expect(result.exit == .status(2))
            #expect(result.errors.hasPrefix("berth: cannot write to \(index), which belongs to root (mode 644)"))
            #expect(result.errors.contains("\(root)/berth' as root mends it"))
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        }

        @Test func theGroupMayWriteWhatTheUmaskLetsIt() async throws {
            let tree = try await GarbageTree()
            let root = tree.folder.path("new")
            let process = try ChildProcess(
                "/bin/sh",
                [
                    "-c", "umask 002; exec \"$@\"", "sh", try BerthProgram.path, "serve", "--data", root, "--listen",
                    "127.0.0.1:0",
                ], environment: tree.folder.environment)
            try await RegistryProcess.running(process) { registry in
                let client = try PlainClient(address: registry.address)
                #expect(try client("POST", "/v2/a/blobs/uploads/").status == 202)
                // The socket is made behind the requests; who asks for it waits for it.
                let runs = try await BerthProgram.result(["gc", "--runs", "--data", root], in: tree.folder)
                #expect(runs.exit == .status(0), "\(runs.errors)")
                #expect(access("\(root)/berth/control.sock", F_OK) == 0)
                let narrow = try entries(root).filter { $0.status.st_mode & 0o020 == 0 }.map(\.path)
                #expect(narrow.first == nil)
                let open = try entries(root).filter { $0.status.st_mode & 0o002 != 0 }.map(\.path)
                #expect(open.first == nil)
            }
        }

        // MARK: Only to be read

        /// Root reads and writes whatever the rights say, so it is another user's process that looks.
        @Test(.enabled(if: AnotherUser.isThere || geteuid() != 0))
        func aDirectoryThatMayOnlyBeReadIsServedReadOnly() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let root = tree.folder.path(tree.data)
            let before = try tree.folder.tree(tree.data)
            chmod(root, 0o555)
            defer { chmod(root, 0o755) }
            let file = tree.folder.path("config.yml")
            let refused = await (try AnotherUser.start(["serve", file], in: tree.folder)).result(within: .seconds(30))
            #expect(refused.exit == .status(2))
            #expect(refused.errors.contains("cannot write to the data directory \(root)"), "\(refused.errors)")

            let variables = ["REGISTRY_STORAGE_MAINTENANCE_READONLY": "{enabled: true}"]
            let process = try AnotherUser.start(["serve", file], in: tree.folder, environment: variables)
            try await RegistryProcess.running(process) { registry in
                #expect(try tree.isServed(at: registry.address))
                let client = try PlainClient(address: registry.address)
                #expect(try client("GET", "/v2/_catalog").text.contains("team/app"))
                #expect(try client("GET", "/v2/team/app/tags/list").text.contains("stays"))
                #expect(try client("POST", "/v2/team/app/blobs/uploads/").status == 405)
            }
            for (arguments, status) in [
                (["check"], Int32(0)), (["gc", "--untagged"], 0), (["garbage-collect", "-d", "-m"], 0),
                (["gc", "--untagged", "--run", "--yes"], 2), (["garbage-collect", "-m"], 2), (["reindex"], 2),
            ] {
                let process = try AnotherUser.start(arguments + [file], in: tree.folder)
                let result = await process.result(within: .seconds(30))
                #expect(result.exit == .status(status), "\(arguments) \(result.errors)")
                if status == 2 { #expect(result.errors.contains(root), "\(arguments) \(result.errors)") }
            }
            let isSame = try tree.folder.tree(tree.data) == before
            #expect(isSame)
        }

        // MARK: Nothing in it

        @Test(arguments: [
            ["garbage-collect", "-m"], ["garbage-collect"], ["gc"], ["gc", "--run", "--yes"], ["gc", "--runs"],
            ["check"], ["check", "--repair"], ["reindex"],
        ])
        func anEmptyDirectoryIsNothingToDo(arguments: [String]) async throws {
            let folder = try TemporaryFolder()
            let root = folder.path("data")
            try FileManager.default.createDirectory(atPath: "\(root)/lost+found", withIntermediateDirectories: true)
            let before = try folder.tree()
            let result = try await BerthProgram.result(arguments + ["--data", root], in: folder)
            #expect(result.exit == .status(0), "\(result.errors)")
            let isSame = try folder.tree() == before
            #expect(isSame)
            // Another directory, or none, is a mistake.
            try FileManager.default.createDirectory(atPath: "\(root)/photos", withIntermediateDirectories: true)
            for place in [root, folder.path("dota")] {
                let result = try await BerthProgram.result(arguments + ["--data", place], in: folder)
                #expect(result.exit == .status(2))
                #expect(result.errors.hasPrefix("berth: there is no registry in \(place)"), "\(result.errors)")
            }
        }
    }
}

/// A user of the machine who is not root, as whom root can run the program.
enum AnotherUser {
    static let id: uid_t = 65534

    /// Root is who runs the tests, and others may run the program where it was built.
    static let isThere: Bool = {
        guard geteuid() == 0, access("/usr/bin/setpriv", X_OK) == 0, var place = try? BerthProgram.path else {
            return false
        }
        while place != "/" {
            var status = stat()
            guard stat(place, &status) == 0, status.st_mode & 0o001 != 0 else { return false }
            place = URL(fileURLWithPath: place).deletingLastPathComponent().path
        }
        return true
    }()

    /// Starts the program as that user; as whoever runs the tests where that is not root.
    static func start(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
    ) throws -> ChildProcess {
        let words = [try BerthProgram.path] + arguments
        let drop = ["/usr/bin/setpriv", "--reuid", "\(id)", "--regid", "\(id)", "--clear-groups"]
        let all = geteuid() == 0 ? drop + words : words
        return try ChildProcess(
            all[0], Array(all.dropFirst()), environment: folder.environment.merging(environment) { $1 })
    }
}
