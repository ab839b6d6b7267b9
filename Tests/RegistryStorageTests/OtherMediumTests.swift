import Foundation
import Glibc
import RegistryStorage
import StorageProbes
import Testing

/// A tree of which a part is on another file system, as by a mount or a link to another disk.
@Suite("A tree on two file systems")
struct OtherMediumTests {
    /// `far` in the tree is on the other file system.
    private func withTree(_ body: (FileSystemDriver, _ root: String) async throws -> Void) async throws {
        try await withScratchDirectory { root in
            let driver = try FileSystemDriver(root: root, calls: SplitDisk(far: "\(root)/far"))
            try await driver.createDirectory(path("far"))
            try await body(driver, root)
        }
    }

    private func modified(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_mtim.tv_sec) : -1
    }

    @Test("moves a file there and back, with its time, over what is there")
    func file() async throws {
        try await withTree { driver, root in
            let content = String(repeating: "bytes ", count: 500_000)
            try await driver.write("near/data", content)
            let times = [timespec(tv_sec: 7, tv_nsec: 0), timespec(tv_sec: 9, tv_nsec: 0)]
            utimensat(AT_FDCWD, "\(root)/near/data", times, 0)
            try await driver.write("far/a/b/data", "old")
            try await driver.move(path("near/data"), to: path("far/a/b/data"))
            let there = try await driver.read(path("far/a/b/data"), limit: 4 << 20)
            let isSame = there == Array(content.utf8)
            #expect(isSame)
            #expect(modified("\(root)/far/a/b/data") == 9)
            #expect(try await driver.tree(path("near")) == [])
            #expect(try await driver.tree(path("far")) == ["far/a/b/data"])
            try await driver.move(path("far/a/b/data"), to: path("near/again"))
            #expect(try await driver.tree() == ["far/a/b/", "near/again"])
        }
    }

    @Test("moves a directory with all below it, links as links")
    func directory() async throws {
        try await withTree { driver, root in
            for place in ["current/link", "index/sha256/1/link", "index/sha256/2/link"] {
                try await driver.write("tags/v1/\(place)", place)
            }
            try #require(symlink("current", "\(root)/tags/v1/alias") == 0)
            try await driver.move(path("tags/v1"), to: path("far/kept/v1"))
            #expect(try await driver.names("tags") == [])
            #expect(try await driver.names("far/kept/v1") == ["alias", "current", "index"])
            #expect(try await driver.text("far/kept/v1/index/sha256/2/link") == "index/sha256/2/link")
            #expect(try await driver.stat(path("far/kept/v1/alias"))?.isLink == true)
            try await driver.move(path("far/kept/v1"), to: path("tags/v1"))
            #expect(try await driver.text("tags/v1/alias/link") == "current/link")
            #expect(try await driver.names("far/kept") == [])
        }
    }

    @Test("leaves what it could not copy where it was, and nothing half made")
    func failedCopy() async throws {
        try await withTree { driver, root in
            try await driver.write("up/startedat", "now")
            try #require(mkfifo("\(root)/up/data", 0o600) == 0)
            await #expect(throws: StorageError.self) { try await driver.move(path("up"), to: path("far/kept/up")) }
            #expect(try await driver.names("up") == ["data", "startedat"])
            #expect(try await driver.names("far/kept") == [])
            await #expect(throws: StorageError.self) { try await driver.move(path("absent"), to: path("far/x")) }
        }
    }

    @Test("says that a rename is not enough, and has done nothing then")
    func relocation() async throws {
        try await withTree { driver, _ in
            try await driver.write("a/data", "bytes")
            let error = await #expect(throws: StorageError.self) {
                try await driver.relocate(path("a/data"), to: path("far/b/data"))
            }
            #expect(error?.isOfOtherMedium == true)
            #expect(try await driver.text("a/data") == "bytes")
        }
    }
}
