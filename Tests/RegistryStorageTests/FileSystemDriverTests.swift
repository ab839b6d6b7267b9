import Foundation
import Glibc
import OCI
import RegistryStorage
import StorageProbes
import Testing

/// What only a disk can show: temporary files, names too long for it, files of other kinds, a root that cannot be one.
@Suite("File system driver")
struct FileSystemDriverTests {
    private func withDriver(_ body: (FileSystemDriver, _ root: String) async throws -> Void) async throws {
        try await withScratchDirectory { root in try await body(try FileSystemDriver(root: root), root) }
    }

    /// Every name below the root as the system gives it, not as the driver does.
    private func onDisk(_ root: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
    }

    @Test("leaves no temporary file beside what it wrote")
    func noTemporaries() async throws {
        try await withDriver { driver, root in
            try await driver.write("a/link", "one")
            try await driver.write("a/link", "two")
            #expect(try onDisk(root) == ["a", "a/link"])
            #expect(try String(contentsOfFile: "\(root)/a/link", encoding: .utf8) == "two")
        }
    }

    @Test("leaves no trace of a write that failed")
    func failedWrite() async throws {
        try await withDriver { driver, root in
            try await driver.createDirectory(path("a/link"))
            await #expect(
                throws: StorageError.system(
                    operation: "rename", path: path("a/link"), code: StorageError.isDirectoryCode)
            ) { try await driver.write("a/link", "x") }
            #expect(try onDisk(root) == ["a", "a/link"])
        }
    }

    @Test("writes over a file that is a reader's now without touching its bytes")
    func newFile() async throws {
        try await withDriver { driver, root in
            try await driver.write("f", "old")
            let reader = try #require(try await driver.open(path("f")))
            let descriptor = try #require(reader.descriptor)
            try await driver.write("f", "newer")
            var bytes = [UInt8](repeating: 0, count: 9)
            #expect(pread(descriptor, &bytes, 9, 0) == 3)
            #expect(Array(bytes.prefix(3)) == Array("old".utf8))
        }
    }

    @Test("closes what it opened", .timeLimit(.minutes(1)))
    func descriptorsAreClosed() async throws {
        try await withDriver { driver, _ in
            // More rounds than any usual limit of open files.
            for round in 0..<3_000 {
                let writer = try await driver.upload(to: path("w"), at: Int64(round))
                try writer.append("x")
                writer.close()
                #expect(try driver.readNow(path("w"), limit: 10_000)?.count == round + 1)
                _ = try await driver.list(.root)
                _ = try? await driver.open(.root)
            }
        }
    }

    @Test("reads a component longer than the file system takes as absent")
    func longComponent() async throws {
        try await withDriver { driver, root in
            for place in [String(repeating: "x", count: 256), "a/\(String(repeating: "x", count: 300))/link"].map(path)
            {
                #expect(try await driver.stat(place) == nil)
                #expect(try await driver.open(place) == nil)
                #expect(try await driver.list(place) == nil)
                #expect(try driver.readNow(place, limit: 1) == nil)
                #expect(try await driver.link(at: place) == .absent)
                try await driver.remove(place)
                await #expect(throws: StorageError.self) { try await driver.write(place, []) }
            }
        }
    }

    @Test("neither waits for nor reads what is no regular file", .timeLimit(.minutes(1)))
    func pipe() async throws {
        try await withDriver { driver, root in
            #expect(mkfifo("\(root)/data", 0o600) == 0)
            await #expect(throws: StorageError.system(operation: "open", path: path("data"), code: EINVAL)) {
                try await driver.open(path("data"))
            }
        }
    }

    @Test("removes a link to a directory and not what it points to")
    func symbolicLink() async throws {
        try await withScratchDirectory { outside in
            try Data([1]).write(to: URL(filePath: "\(outside)/precious"))
            try await withDriver { driver, root in
                try await driver.write("a/f", "x")
                #expect(symlink(outside, "\(root)/a/way-out") == 0)
                try await driver.remove(path("a"))
                #expect(try onDisk(root) == [])
            }
            #expect(FileManager.default.fileExists(atPath: "\(outside)/precious"))
        }
    }

    @Test("creates its root with the directories above, and opens it again", arguments: ["", "/", "//"])
    func createsRoot(tail: String) async throws {
        try await withScratchDirectory { place in
            let first = try FileSystemDriver(root: "\(place)/var/lib/berth\(tail)")
            #expect(first.root == "\(place)/var/lib/berth")
            try await first.write("f", "x")
            #expect(try onDisk(place) == ["var", "var/lib", "var/lib/berth", "var/lib/berth/f"])
            #expect(try await FileSystemDriver(root: first.root).text("f") == "x")
        }
    }

    @Test("makes its root anew when somebody removed it")
    func rootRemoved() async throws {
        try await withDriver { driver, root in
            try FileManager.default.removeItem(atPath: root)
            #expect(try await driver.list(.root) == nil)
            try await driver.write("a/f", "x")
            #expect(try onDisk(root) == ["a", "a/f"])
        }
    }

    @Test("says in one line what is wrong with a root and what to do")
    func unusableRoot() async throws {
        try await withScratchDirectory { place in
            try Data().write(to: URL(filePath: "\(place)/file"))
            for (root, words) in [
                ("\(place)/file", "Not a directory"), ("\(place)/file/below", "Not a directory"),
                ("\(place)/file/far/below", "Not a directory"), ("/proc/no/such", "No such file or directory"),
                ("\(place)/\(String(repeating: "x", count: 256))", "File name too long"),
            ] {
                let message = "cannot create the data directory \(root): \(words); choose another with --data"
                #expect(throws: StorageError.unusableRoot(message)) { try FileSystemDriver(root: root) }
                #expect(StorageError.unusableRoot(message).description == message)
            }
        }
    }

    @Test("knows how much room there is")
    func capacity() async throws {
        try await withDriver { driver, _ in
            let room = try #require(driver.capacity)
            #expect(room.bytesTotal > 0)
            #expect((0...room.bytesTotal).contains(room.bytesFree))
        }
    }
}
