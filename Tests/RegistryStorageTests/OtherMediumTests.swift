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
                try await driver.rename(path("a/data"), to: path("far/b/data"))
            }
            #expect(error?.isOfOtherMedium == true)
            #expect(try await driver.text("a/data") == "bytes")
        }
    }

    /// Wherever the power goes, the bytes are whole in one of the two places; once it has returned, in the new one.
    @Test("a move is in one of the two places at every moment", arguments: [true, false])
    func powerCut(isThere: Bool) async throws {
        try await withScratchDirectory { top in
            let journal = DiskJournal(top: top)
            let calls = SplitDisk(far: "\(top)/data/far", calls: journal)
            let driver = try FileSystemDriver(root: "\(top)/data", calls: calls)
            let (from, to) = isThere ? ("near/v1", "far/x/v1") : ("far/x/v1", "near/v1")
            let files = ["current/link": "a tag", "index/sha256/1/link": "its past"]
            try await driver.write([
                [FileContent(path("\(from)/index/sha256/1/link"), Array("its past".utf8))],
                [FileContent(path("\(from)/current/link"), Array("a tag".utf8))],
            ])
            let before = journal.count
            try await driver.move(path(from), to: path(to))
            var history = DiskHistory()
            var dice = SystemRandomNumberGenerator()
            for (number, record) in journal.records.enumerated() {
                history.apply(record)
                guard number >= before else { continue }
                for state in history.states(limit: 50, using: &dice) {
                    for (name, text) in files {
                        let found = [from, to].contains { state.files["data/\($0)/\(name)"] == Array(text.utf8) }
                        #expect(found, "\(name) is nowhere after call \(number - before)")
                    }
                    // What makes it a tag is there after all else.
                    if state.files["data/\(to)/current/link"] == Array("a tag".utf8) {
                        #expect(state.files["data/\(to)/index/sha256/1/link"] == Array("its past".utf8))
                    }
                }
            }
            for state in history.states(limit: 50, using: &dice) {
                #expect(state.files["data/\(from)/current/link"] == nil, "lost: \(state.lost)")
                #expect(state.files["data/\(to)/current/link"] == Array("a tag".utf8), "lost: \(state.lost)")
            }
        }
    }
}
