import Foundation
import Glibc
import RegistryStorage
import StorageProbes
import Testing

/// Directories with entries that are neither files nor directories, or that cannot be reached.
@Suite("Odd entries of a directory")
struct OddEntryTests {
    private func withTree(_ body: (FileSystemDriver, _ root: String) async throws -> Void) async throws {
        try await withScratchDirectory { root in try await body(try FileSystemDriver(root: root), root) }
    }

    @Test("each says what it is, and none keeps the others from being listed")
    func kinds() async throws {
        try await withTree { driver, root in
            try await driver.write("file", "x")
            try await driver.createDirectory(path("folder"))
            for (name, goal) in [
                ("to-file", "file"), ("to-folder", "folder"), ("to-nothing", "no"), ("to-self", "to-self"),
            ] {
                try #require(symlink(goal, "\(root)/\(name)") == 0)
            }
            try #require(mkfifo("\(root)/pipe", 0o600) == 0)
            let listed = try #require(try await driver.list(.root))
            #expect(
                listed == [
                    StorageEntry(name: "file", kind: .file), StorageEntry(name: "folder", kind: .directory),
                    StorageEntry(name: "pipe", kind: .special),
                    StorageEntry(name: "to-file", kind: .file, isLink: true),
                    StorageEntry(name: "to-folder", kind: .directory, isLink: true),
                    StorageEntry(name: "to-nothing", kind: .deadLink, isLink: true),
                    StorageEntry(name: "to-self", kind: .deadLink, isLink: true),
                ])
        }
    }

    @Test("a name that is no UTF-8 is listed as one that cannot be reached")
    func names() async throws {
        try await withTree { driver, root in
            try #require(mkdir(root.utf8CString.dropLast() + [0x2F, -1, 0x61, 0], 0o777) == 0)
            try await driver.write("file", "x")
            let listed = try #require(try await driver.list(.root))
            #expect(listed.count == 2)
            #expect(listed.contains { if case .unreachable = $0.kind { !$0.isDirectory } else { false } })
        }
    }

    /// Who would take it for a deletion asks what is in the way.
    @Test("a link to itself is as absent as one to nothing, and both are in the way", arguments: ["loop", "/no/such"])
    func loop(goal: String) async throws {
        try await withTree { driver, root in
            try #require(symlink(goal, "\(root)/loop") == 0)
            for (place, reason) in [
                ("loop", "the link leads nowhere"), ("loop/below", "the link loop leads nowhere"),
            ] {
                let place = path(place)
                #expect(try await driver.stat(place) == nil)
                #expect(try await driver.open(place) == nil)
                #expect(try await driver.list(place) == nil)
                #expect(try await driver.link(at: place) == .damaged(reason: reason))
                #expect(driver.obstruction(of: place, isDirectory: true) == reason)
            }
            #expect(driver.obstruction(of: path("gone/below"), isDirectory: true) == nil)
            #expect(try await driver.link(at: path("gone/below")) == .absent)
        }
    }

    @Test("a file where a directory is looked for is in the way, and none where a file is")
    func file() async throws {
        try await withTree { driver, _ in
            try await driver.write("file", "x")
            #expect(driver.obstruction(of: path("file"), isDirectory: true) != nil)
            #expect(driver.obstruction(of: path("file"), isDirectory: false) == nil)
            #expect(driver.obstruction(of: path("file/below"), isDirectory: false) == "file is no directory")
            #expect(driver.obstruction(of: .root, isDirectory: true) == nil)
        }
    }

    @Test("two ways to one directory have one identity")
    func identity() async throws {
        try await withTree { driver, root in
            try await driver.write("a/file", "x")
            try #require(symlink("a", "\(root)/b") == 0)
            let (one, other) = (try await driver.stat(path("a")), try await driver.stat(path("b")))
            #expect(one?.identity != nil && one?.identity == other?.identity)
            #expect(one?.isLink == false && other?.isLink == true)
            #expect(try await driver.stat(path("b/file"))?.isLink == false)
        }
    }
}
