import RegistryStorage
import StorageProbes
import Testing

/// What `RenamingStorage` promises, unchanged on every driver that has names to give, and what all of them do with directories.
@Suite("Storage driver that renames")
struct RenamingConformance {
    @Test("move renames a file into directories that are missing", arguments: DriverMaker.renaming)
    func moveIntoMissing(maker: DriverMaker) async throws {
        try await maker.withEmptyRenamingTree { driver in
            try await driver.write("u/data", "bytes")
            try await driver.move(path("u/data"), to: path("blobs/ab/cd/data"))
            #expect(try await driver.tree() == ["blobs/ab/cd/data", "u/"])
            #expect(try await driver.text("blobs/ab/cd/data") == "bytes")
        }
    }

    @Test("move replaces a file that is there", arguments: DriverMaker.renaming)
    func moveOverFile(maker: DriverMaker) async throws {
        try await maker.withEmptyRenamingTree { driver in
            try await driver.write("a", "new")
            try await driver.write("b", "old")
            try await driver.move(path("a"), to: path("b"))
            #expect(try await driver.tree() == ["b"])
            #expect(try await driver.text("b") == "new")
        }
    }

    @Test(
        "move takes a directory with all below it, also to the place of an empty one", arguments: DriverMaker.renaming)
    func moveDirectory(maker: DriverMaker) async throws {
        try await maker.withEmptyRenamingTree { driver in
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

    @Test("move to its own place changes nothing", arguments: DriverMaker.renaming, ["f", "d"])
    func moveToItself(maker: DriverMaker, place: String) async throws {
        try await maker.withEmptyRenamingTree { driver in
            try await driver.write("f", "1")
            try await driver.write("d/x", "2")
            try await driver.move(path(place), to: path(place))
            #expect(try await driver.tree() == ["d/x", "f"])
            #expect(try await driver.text("d/x") == "2")
        }
    }

    @Test(
        "move of an absent thing throws and makes nothing", arguments: DriverMaker.renaming,
        ["absent", "a/b", "f/below"])
    func moveAbsent(maker: DriverMaker, source: String) async throws {
        try await maker.withEmptyRenamingTree { driver in
            try await driver.write("f", "x")
            await #expect(throws: StorageError.self) { try await driver.move(path(source), to: path("new/place")) }
            #expect(try await driver.tree() == ["f"])
        }
    }

    @Test(
        "move that would have to destroy more than a file throws and changes nothing", arguments: DriverMaker.renaming,
        [("f", "full"), ("f", "empty"), ("full", "other"), ("full", "f"), ("f", "f/below"), ("other", "f/below")])
    func moveRefused(maker: DriverMaker, places: (String, String)) async throws {
        try await maker.withEmptyRenamingTree { driver in
            try await driver.write("f", "x")
            try await driver.write("full/a", "1")
            try await driver.write("other/b", "2")
            try await driver.createDirectory(path("empty"))
            await #expect(throws: StorageError.self) { try await driver.move(path(places.0), to: path(places.1)) }
            #expect(try await driver.tree() == ["empty/", "f", "full/a", "other/b"])
            #expect(try await driver.text("f") == "x")
        }
    }

    @Test("createDirectory makes those above, and again is fine", arguments: DriverMaker.renaming)
    func createDirectory(maker: DriverMaker) async throws {
        try await maker.withEmptyRenamingTree { driver in
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
}
