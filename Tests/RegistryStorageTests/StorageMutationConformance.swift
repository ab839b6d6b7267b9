import OCI
import RegistryStorage
import StorageProbes
import Testing

/// What `StorageDriver` promises about files that grow and go, unchanged on every driver.
@Suite("Storage driver, changes")
struct StorageMutationConformance {
    @Test("append creates at 0, with the directories above, and goes on at the length", arguments: DriverMaker.all)
    func appendGrows(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            let first = try await driver.upload(to: path("u/1/data"), at: 0)
            #expect(try await driver.stat(path("u/1/data"))?.size == 0)
            try first.append("abc")
            try first.append("")
            try first.append("de")
            #expect(first.offset == 5)
            try await first.flush()
            try await first.synchronize(for: .goingOn(beside: []))
            first.close()
            first.close()
            let second = try await driver.upload(to: path("u/1/data"), at: 5)
            #expect(second.offset == 5)
            try second.append("fg")
            try await second.synchronize(for: .goingOn(beside: []))
            second.close()
            #expect(try await driver.text("u/1/data") == "abcdefg")
        }
    }

    @Test("append at 0 takes an empty file that is there", arguments: DriverMaker.all)
    func appendToEmpty(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "")
            let writer = try await driver.upload(to: path("f"), at: 0)
            try writer.append("x")
            try await writer.synchronize(for: .goingOn(beside: []))
            writer.close()
            #expect(try await driver.text("f") == "x")
        }
    }

    @Test(
        "truncate takes back what was appended, and appending goes on there", arguments: DriverMaker.all, [0, 2, 5, 7])
    func truncate(maker: DriverMaker, length: Int) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("u/data", "abcde")
            let writer = try await driver.upload(to: path("u/data"), at: 5)
            try writer.append("fg")
            try await writer.truncate(to: Int64(length))
            #expect(writer.offset == Int64(length))
            try await writer.synchronize(for: .goingOn(beside: []))
            let kept = String("abcdefg".prefix(length))
            #expect(try await driver.stat(path("u/data"))?.size == Int64(length))
            #expect(try await driver.text("u/data") == kept)
            try writer.append("xyz")
            try await writer.synchronize(for: .goingOn(beside: []))
            writer.close()
            #expect(writer.offset == Int64(length + 3))
            #expect(try await driver.text("u/data") == kept + "xyz")
            try await driver.upload(to: path("u/data"), at: Int64(length + 3)).close()
        }
    }

    @Test("append at another offset than the length throws both numbers", arguments: DriverMaker.all, [0, 2, 4, 99])
    func appendAtWrongOffset(maker: DriverMaker, offset: Int64) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "abc")
            await #expect(throws: StorageError.wrongOffset(path: path("f"), expected: offset, actual: 3)) {
                try await driver.upload(to: path("f"), at: offset)
            }
            #expect(try await driver.text("f") == "abc")
        }
    }

    @Test("append to an absent file at another offset than 0 throws and makes nothing", arguments: DriverMaker.all)
    func appendToAbsent(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver async throws in
            await #expect(throws: StorageError.self) { try await driver.upload(to: path("a/f"), at: 3) }
            #expect(try await driver.tree() == [])
        }
    }

    @Test("remove takes a file, and leaves its directory", arguments: DriverMaker.all)
    func removeFile(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("a/f", "x")
            try await driver.write("a/g", "y")
            try await driver.remove(path("a/f"))
            #expect(try await driver.tree() == ["a/g"])
            try await driver.remove(path("a/g"))
            #expect(try await driver.stat(path("a/g")) == nil)
        }
    }

    @Test("remove takes a directory with all below it, and nothing beside it", arguments: DriverMaker.all)
    func removeDirectory(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            for place in ["tags/a/x/link", "tags/a/y/z/link", "tags/ab/link", "tags/b"] {
                try await driver.write(place, "")
            }
            try await driver.createDirectory(path("tags/a/empty"))
            try await driver.remove(path("tags/a"), .lasting)
            #expect(try await driver.tree() == ["tags/ab/link", "tags/b"])
            #expect(try await driver.stat(path("tags/a/x")) == nil)
            #expect(try await driver.text("tags/a/x/link") == nil)
        }
    }

    @Test(
        "remove of what is not there is no error", arguments: DriverMaker.all, ["absent", "no/such/place", "f/below"])
    func removeAbsent(maker: DriverMaker, place: String) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "x")
            try await driver.remove(path(place))
            #expect(try await driver.tree() == ["f"])
        }
    }

    @Test("remove of the root is refused", arguments: DriverMaker.all)
    func removeRoot(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "x")
            await #expect(throws: StorageError.self) { try await driver.remove(.root) }
            #expect(try await driver.tree() == ["f"])
        }
    }

    @Test("a reader survives the removal and the replacement of its file", arguments: DriverMaker.all)
    func readerSurvives(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("a/removed", "first")
            try await driver.write("b", "second")
            let removed = try #require(try await driver.open(path("a/removed")))
            let replaced = try #require(try await driver.open(path("b")))
            try await driver.remove(path("a/removed"))
            try await driver.write("b", "other")
            #expect(try await removed.read(at: 0, count: 9) == Array("first".utf8))
            #expect(try await replaced.read(at: 0, count: 9) == Array("second".utf8))
            #expect(removed.size == 5)
        }
    }

    @Test("a writer whose file was removed does not bring it back", arguments: DriverMaker.all)
    func writerAfterRemoval(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            let writer = try await driver.upload(to: path("u/data"), at: 0)
            try await driver.remove(path("u"))
            try writer.append("late")
            try await writer.truncate(to: 2)
            writer.close()
            #expect(try await driver.tree() == [])
        }
    }

    @Test("write puts all files of all groups in place", arguments: DriverMaker.all)
    func writeGroups(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("c/current", "old")
            let files = ["a/data", "b/one/link", "b/two/link", "c/current"].map {
                FileContent(path($0), Array($0.utf8))
            }
            try await driver.write([[files[0]], [], [files[1], files[2]], [files[3]]])
            #expect(try await driver.tree() == ["a/data", "b/one/link", "b/two/link", "c/current"])
            for file in files { #expect(try await driver.read(file.path, limit: 99) == file.bytes) }
        }
    }

    @Test("write that fails leaves nothing of the groups after", arguments: DriverMaker.renaming)
    func writeGroupsRefused(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("c/current", "old")
            try await driver.createDirectory(path("b/link"))
            await #expect(throws: StorageError.self) {
                try await driver.write(
                    [
                        [FileContent(path("a/data"), [1])], [FileContent(path("b/link"), [1])],
                        [FileContent(path("c/current"), [1])],
                    ])
            }
            #expect(try await driver.text("c/current") == "old")
            #expect(try await driver.names("c") == ["current"])
            #expect(try await driver.names("b") == ["link"])
        }
    }

    @Test("entries gives every entry once, in parts", arguments: DriverMaker.all)
    func entries(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            for number in 0..<10 { try await driver.write("d/\(number)", "x") }
            try await driver.write("d/e/below", "x")
            let reader = try #require(try await driver.entries(of: path("d")))
            var found: [StorageEntry] = []
            while case let part = try await reader.next(4), !part.isEmpty {
                #expect(part.count <= 4)
                found += part
            }
            found.sort { $0.name < $1.name }
            #expect(try await driver.list(path("d")) == found)
            #expect(found.count == 11)
            #expect(try await driver.entries(of: path("absent")) == nil)
            #expect(try await driver.entries(of: path("d/1")) == nil)
        }
    }

    @Test("what is removed in passing is gone, too", arguments: DriverMaker.all)
    func removeInPassing(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("d/e/f", "x")
            try await driver.write("g", "x")
            try await driver.remove(path("d/e"), .passing)
            try await driver.remove(path("g"), .passing)
            try await driver.remove(path("h"), .passing)
            #expect(try await driver.stat(path("d/e/f")) == nil)
            #expect(try await driver.stat(path("g")) == nil)
        }
    }

    @Test("only a directory with nothing in it goes as an empty one", arguments: DriverMaker.all)
    func removeEmptyDirectory(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("d/e/f", "x")
            try await driver.createDirectory(path("d/g"))
            #expect(try await !driver.remove(path("d"), .emptyDirectory))
            #expect(try await driver.remove(path("d/g"), .emptyDirectory))
            #expect(try await driver.remove(path("absent"), .emptyDirectory))
            #expect(try await driver.tree() == ["d/e/f"])
        }
    }

    @Test("commit gives what grew its place, and puts files after it", arguments: DriverMaker.all, [0, 3, 11])
    func commit(maker: DriverMaker, size: Int) async throws {
        try await maker.withEmptyTree { driver in
            let content = [UInt8](repeating: 7, count: size)
            try await driver.write("blob/data", "old")
            let writer = try await driver.upload(to: path("u/data"), at: 0)
            try content.withUnsafeBytes { try writer.append($0) }
            try await writer.flush()
            try await writer.synchronize(for: .commit)
            var changes = 0
            let groups = ["one", "two"].map { [FileContent(path("links/\($0)"), Array($0.utf8))] }
            try await writer.commit(to: path("blob/data"), then: groups) { changes += 1 }
            writer.close()
            #expect(try await driver.read(path("blob/data"), limit: 99) == content)
            #expect(try await driver.text("links/one") == "one")
            #expect(try await driver.text("links/two") == "two")
            #expect(try await driver.stat(path("u/data")) == nil)
            #expect(changes >= 3)
        }
    }

    @Test("a commit goes no further than it may", arguments: DriverMaker.all, 0..<4)
    func commitIsStopped(maker: DriverMaker, allowed: Int) async throws {
        struct Stopped: Error {}
        try await maker.withEmptyTree { driver in
            let writer = try await driver.upload(to: path("u/data"), at: 0)
            try writer.append("content")
            try await writer.synchronize(for: .commit)
            var left = allowed
            let groups = ["one", "two"].map { [FileContent(path("links/\($0)"), Array($0.utf8))] }
            _ = try? await writer.commit(to: path("blob/data"), then: groups) {
                left -= 1
                if left < 0 { throw Stopped() }
            }
            writer.close()
            let whole = ["blob/data", "links/one", "links/two"]
            let tree = try await driver.tree().filter { !$0.hasSuffix("/") && $0 != "u/data" }
            #expect(whole.starts(with: tree))
            #expect(tree.count <= allowed)
            // It is whole in one of the two places.
            let texts = [try await driver.text("blob/data"), try await driver.text("u/data")]
            #expect(texts.contains("content"))
        }
    }
}
