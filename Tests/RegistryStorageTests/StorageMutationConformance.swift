import OCI
import RegistryStorage
import Testing

/// What `StorageDriver` promises about files that grow, move and go, unchanged on every driver.
@Suite("Storage driver, changes")
struct StorageMutationConformance {
    @Test("append creates at 0, with the directories above, and goes on at the length", arguments: DriverMaker.all)
    func appendGrows(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            let first = try await driver.append(to: path("u/1/data"), at: 0)
            #expect(try await driver.stat(path("u/1/data"))?.size == 0)
            try first.append("abc")
            try first.append("")
            try first.append("de")
            #expect(first.offset == 5)
            try await first.flush()
            try await first.synchronize()
            first.close()
            first.close()
            let second = try await driver.append(to: path("u/1/data"), at: 5)
            #expect(second.offset == 5)
            try second.append("fg")
            try await second.synchronize()
            second.close()
            #expect(try await driver.text("u/1/data") == "abcdefg")
        }
    }

    @Test("append at 0 takes an empty file that is there", arguments: DriverMaker.all)
    func appendToEmpty(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "")
            let writer = try await driver.append(to: path("f"), at: 0)
            try writer.append("x")
            writer.close()
            #expect(try await driver.text("f") == "x")
        }
    }

    @Test(
        "truncate takes back what was appended, and appending goes on there", arguments: DriverMaker.all, [0, 2, 5, 7])
    func truncate(maker: DriverMaker, length: Int) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("u/data", "abcde")
            let writer = try await driver.append(to: path("u/data"), at: 5)
            try writer.append("fg")
            try await writer.truncate(to: Int64(length))
            #expect(writer.offset == Int64(length))
            try await writer.synchronize()
            let kept = String("abcdefg".prefix(length))
            #expect(try await driver.stat(path("u/data"))?.size == Int64(length))
            #expect(try await driver.text("u/data") == kept)
            try writer.append("xyz")
            writer.close()
            #expect(writer.offset == Int64(length + 3))
            #expect(try await driver.text("u/data") == kept + "xyz")
            try await driver.append(to: path("u/data"), at: Int64(length + 3)).close()
        }
    }

    @Test("append at another offset than the length throws both numbers", arguments: DriverMaker.all, [0, 2, 4, 99])
    func appendAtWrongOffset(maker: DriverMaker, offset: Int64) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "abc")
            await #expect(throws: StorageError.wrongOffset(path: path("f"), expected: offset, actual: 3)) {
                try await driver.append(to: path("f"), at: offset)
            }
            #expect(try await driver.text("f") == "abc")
        }
    }

    @Test("append to an absent file at another offset than 0 throws and makes nothing", arguments: DriverMaker.all)
    func appendToAbsent(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver async throws in
            await #expect(throws: StorageError.self) { try await driver.append(to: path("a/f"), at: 3) }
            #expect(try await driver.tree() == [])
        }
    }

    @Test("move renames a file into directories that are missing", arguments: DriverMaker.all)
    func moveIntoMissing(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("u/data", "bytes")
            try await driver.move(path("u/data"), to: path("blobs/ab/cd/data"))
            #expect(try await driver.tree() == ["blobs/ab/cd/data", "u/"])
            #expect(try await driver.text("blobs/ab/cd/data") == "bytes")
        }
    }

    @Test("move replaces a file that is there", arguments: DriverMaker.all)
    func moveOverFile(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("a", "new")
            try await driver.write("b", "old")
            try await driver.move(path("a"), to: path("b"))
            #expect(try await driver.tree() == ["b"])
            #expect(try await driver.text("b") == "new")
        }
    }

    @Test("move takes a directory with all below it, also to the place of an empty one", arguments: DriverMaker.all)
    func moveDirectory(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("blob/x/data", "1")
            try await driver.write("blob/y/z/data", "2")
            try await driver.createDirectory(path("blob/empty"))
            try await driver.move(path("blob"), to: path("trash/run/blob"))
            let moved = ["trash/run/blob/empty/", "trash/run/blob/x/data", "trash/run/blob/y/z/data"]
            #expect(try await driver.tree() == moved)
            #expect(try await driver.text("trash/run/blob/y/z/data") == "2")
            try await driver.createDirectory(path("back"))
            try await driver.move(path("trash/run/blob"), to: path("back"))
            #expect(try await driver.text("back/x/data") == "1")
            #expect(try await driver.names("trash/run") == [])
        }
    }

    @Test("move to its own place changes nothing", arguments: DriverMaker.all, ["f", "d"])
    func moveToItself(maker: DriverMaker, place: String) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "1")
            try await driver.write("d/x", "2")
            try await driver.move(path(place), to: path(place))
            #expect(try await driver.tree() == ["d/x", "f"])
            #expect(try await driver.text("d/x") == "2")
        }
    }

    @Test("move of an absent thing throws and makes nothing", arguments: DriverMaker.all, ["absent", "a/b", "f/below"])
    func moveAbsent(maker: DriverMaker, source: String) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "x")
            await #expect(throws: StorageError.self) { try await driver.move(path(source), to: path("new/place")) }
            #expect(try await driver.tree() == ["f"])
        }
    }

    @Test(
        "move that would have to destroy more than a file throws and changes nothing", arguments: DriverMaker.all,
        [("f", "full"), ("f", "empty"), ("full", "other"), ("full", "f"), ("f", "f/below"), ("other", "f/below")])
    func moveRefused(maker: DriverMaker, places: (String, String)) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("f", "x")
            try await driver.write("full/a", "1")
            try await driver.write("other/b", "2")
            try await driver.createDirectory(path("empty"))
            await #expect(throws: StorageError.self) { try await driver.move(path(places.0), to: path(places.1)) }
            #expect(try await driver.tree() == ["empty/", "f", "full/a", "other/b"])
            #expect(try await driver.text("f") == "x")
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
            #expect(try await driver.tree() == ["a/"])
        }
    }

    @Test("remove takes a directory with all below it, and nothing beside it", arguments: DriverMaker.all)
    func removeDirectory(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            for place in ["tags/a/x/link", "tags/a/y/z/link", "tags/ab/link", "tags/b"] {
                try await driver.write(place, "")
            }
            try await driver.createDirectory(path("tags/a/empty"))
            try await driver.remove(path("tags/a"))
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

    @Test("createDirectory makes those above, and again is fine", arguments: DriverMaker.all)
    func createDirectory(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.createDirectory(path("a/b/c"))
            try await driver.write("a/b/f", "x")
            try await driver.createDirectory(path("a/b"))
            try await driver.createDirectory(.root)
            #expect(try await driver.tree() == ["a/b/c/", "a/b/f"])
            for place in ["a/b/f", "a/b/f/below"] {
                await #expect(throws: StorageError.self) { try await driver.createDirectory(path(place)) }
            }
        }
    }

    @Test("a reader survives the removal and the move of its file", arguments: DriverMaker.all)
    func readerSurvives(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("a/removed", "first")
            try await driver.write("a/moved", "second")
            let removed = try #require(try await driver.open(path("a/removed")))
            let moved = try #require(try driver.openNow(path("a/moved")))
            try await driver.remove(path("a/removed"))
            try await driver.move(path("a/moved"), to: path("b"))
            try await driver.write("b", "other")
            #expect(try await removed.read(at: 0, count: 9) == Array("first".utf8))
            #expect(try await moved.read(at: 0, count: 9) == Array("second".utf8))
            #expect(removed.size == 5)
        }
    }

    @Test("a writer whose file was removed does not bring it back", arguments: DriverMaker.all)
    func writerAfterRemoval(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            let writer = try await driver.append(to: path("u/data"), at: 0)
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

    @Test("write that fails leaves nothing of the groups after", arguments: DriverMaker.all)
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
            try await driver.createDirectory(path("d/e"))
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

    @Test("discard removes a file and a directory with all below it", arguments: DriverMaker.all)
    func discard(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("d/e/f", "x")
            try await driver.write("g", "x")
            try await driver.discard(path("d/e"))
            try await driver.discard(path("g"))
            try await driver.discard(path("h"))
            #expect(try await driver.tree() == ["d/"])
        }
    }
}
