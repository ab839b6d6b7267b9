import Glibc
import OCI
import RegistryStorage
import StorageProbes
import Testing

/// What `StorageDriver` promises about reading and whole files, one test a promise, unchanged on every driver.
@Suite("Storage driver")
struct StorageDriverConformance {
    @Test("reads an absent thing as nil", arguments: DriverMaker.all, ["a", "a/b/c", "d/x", "f/below", "f/below/more"])
    func absentIsNil(maker: DriverMaker, place: String) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "file")
            try await driver.write("d/y", "file")
            #expect(try await driver.stat(path(place)) == nil)
            #expect(try await driver.open(path(place)) == nil)
            #expect(try await driver.read(path(place), limit: 10) == nil)
            #expect(try await driver.list(path(place)) == nil)
            #expect(try driver.immediate?.statNow(path(place)) == nil)
            #expect(try driver.immediate?.openNow(path(place)) == nil)
            #expect(try driver.immediate?.readNow(path(place), limit: 10) == nil)
        }
    }

    @Test("starts with an empty root that is there", arguments: DriverMaker.all)
    func emptyRoot(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver async throws in
            #expect(try await driver.list(.root) == [])
            #expect(try await driver.stat(.root)?.isDirectory == true)
        }
    }

    @Test("gives back the bytes that were written, none and all values", arguments: DriverMaker.all)
    func writtenBytes(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            for bytes in [[], [0], Array(0...255), [UInt8](repeating: 7, count: 200_000)] as [[UInt8]] {
                try await driver.write(path("x/y"), bytes)
                #expect(try await driver.read(path("x/y"), limit: 200_000) == bytes)
                if let now = driver.immediate { #expect(try now.readNow(path("x/y"), limit: 200_000) == bytes) }
                #expect(try await driver.stat(path("x/y"))?.size == Int64(bytes.count))
            }
        }
    }

    @Test("stat tells files from directories, and when a file was written", arguments: DriverMaker.all)
    func statuses(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            try await driver.write("a/b", "four")
            let file = try #require(try await driver.stat(path("a/b")))
            #expect(file.size == 4)
            #expect(!file.isDirectory)
            #expect((Int64(now.tv_sec) - 2...Int64(now.tv_sec) + 60).contains(file.modified))
            if let now = driver.immediate { #expect(try now.statNow(path("a/b")) == file) }
            let directory = try #require(try await driver.stat(path("a")))
            #expect(directory.isDirectory)
            #expect(directory.size == 0)
        }
    }

    @Test("write makes the directories above", arguments: DriverMaker.all)
    func writeMakesParents(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("a/b/c/d", "x")
            #expect(try await driver.names("") == ["a"])
            #expect(try await driver.list(path("a/b")) == [StorageEntry(name: "c", isDirectory: true)])
            #expect(try await driver.list(path("a/b/c")) == [StorageEntry(name: "d", isDirectory: false)])
        }
    }

    @Test("write replaces at once: a reader has the old or the new, never a part", arguments: DriverMaker.all)
    func writeReplaces(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            let old = [UInt8](repeating: 1, count: 70_000)
            let new = [UInt8](repeating: 2, count: 50_000)
            try await driver.write(path("f"), old)
            let reader = try #require(try await driver.open(path("f")))
            try await driver.write(path("f"), new)
            #expect(try await reader.read(at: 0, count: 100_000) == old)
            #expect(try await driver.read(path("f"), limit: 100_000) == new)
            #expect(try await driver.names("") == ["f"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for turn in 0..<60 { try await driver.write(path("f"), turn.isMultiple(of: 2) ? old : new) }
                }
                group.addTask {
                    for _ in 0..<200 {
                        let seen = try await driver.read(path("f"), limit: 100_000)
                        #expect(seen == old || seen == new)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("write to a directory, or below a file, throws and leaves what was there", arguments: DriverMaker.renaming)
    func writeRefused(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("d/inside", "kept")
            try await driver.write("f", "kept")
            for place in ["", "d", "f/below", "f/below/deeper"] {
                await #expect(throws: StorageError.self, "\(place)") { try await driver.write(place, "lost") }
            }
            #expect(try await driver.tree() == ["d/inside", "f"])
            #expect(try await driver.text("f") == "kept")
            #expect(try await driver.text("d/inside") == "kept")
        }
    }

    @Test("list is in byte order and says which entries are directories", arguments: DriverMaker.all)
    func listOrder(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            for name in ["b", "é", "B", "_x", "a-b", "a", "10", "a.b", "9", "Z"] {
                try await driver.write("d/\(name)", "")
            }
            try await driver.write("d/a_dir/below", "")
            try await driver.write("d/c/below", "")
            #expect(
                try await driver.names("d")
                    == ["10", "9", "B", "Z", "_x", "a", "a-b", "a.b", "a_dir", "b", "c", "é"])
            let directories = try await driver.list(path("d"))?.filter(\.isDirectory).map(\.name)
            #expect(directories == ["a_dir", "c"])
        }
    }

    @Test("list of a file is nil", arguments: DriverMaker.all)
    func listOfFile(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "x")
            #expect(try await driver.list(path("f")) == nil)
        }
    }

    @Test("a directory where a file should be throws, and says so", arguments: DriverMaker.renaming)
    func directoryForFile(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.createDirectory(path("d"))
            let expected = StorageError.system(operation: "open", path: path("d"), code: StorageError.isDirectoryCode)
            await #expect(throws: expected) { try await driver.open(path("d")) }
            await #expect(throws: expected) { try await driver.read(path("d"), limit: 9) }
            #expect(throws: expected) { try driver.immediate?.openNow(path("d")) }
            #expect(throws: expected) { try driver.immediate?.readNow(path("d"), limit: 9) }
            await #expect(throws: StorageError.self) { try await driver.upload(to: path("d"), at: 0) }
        }
    }

    @Test("read throws above its limit and not at it", arguments: DriverMaker.all)
    func readLimit(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "12345")
            #expect(try await driver.read(path("f"), limit: 5)?.count == 5)
            if let now = driver.immediate { #expect(try now.readNow(path("f"), limit: 5)?.count == 5) }
            let expected = StorageError.tooLarge(path: path("f"), limit: 4)
            await #expect(throws: expected) { try await driver.read(path("f"), limit: 4) }
            if let now = driver.immediate { #expect(throws: expected) { try now.readNow(path("f"), limit: 4) } }
        }
    }

    @Test("a reader gives any part, fewer bytes at the end and none beyond", arguments: DriverMaker.all)
    func readParts(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "0123456789")
            let reader = try #require(try await driver.open(path("f")))
            #expect(reader.size == 10)
            for (offset, count, expected) in [
                (0, 10, "0123456789"), (0, 3, "012"), (3, 4, "3456"), (8, 100, "89"), (10, 5, ""), (99, 5, ""),
                (4, 0, ""),
            ] {
                let bytes = try await reader.read(at: Int64(offset), count: count)
                #expect(String(decoding: bytes, as: UTF8.self) == expected)
            }
        }
    }
}
