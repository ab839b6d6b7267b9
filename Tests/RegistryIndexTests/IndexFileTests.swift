import Foundation
import OCI
import RegistryIndex
import Testing

/// The database as a file and as a transaction: derived, so anything wrong with it is replaced; whole, so nothing is
/// seen by halves.
@Suite("Index file")
struct IndexFileTests {
    private struct Interrupted: Error {}

    private func withFile(_ body: (String) throws -> Void) throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        try body(place.appending(path: "berth/index.sqlite").path)
    }

    /// Makes an index with something in it, and closes it.
    private func fill(_ path: String) throws {
        let index = try ReferenceIndex(path: path)
        try index.write { change in
            for number in 0..<200 { try change.push(blob: "blob \(number)", to: RepositoryName("kept")) }
        }
    }

    private func names(_ index: ReferenceIndex) throws -> [String] {
        try index.read { try $0.allRepositories().map(\.text) }
    }

    @Test("keeps what it knows, and makes the directories above")
    func reopened() throws {
        try withFile { path in
            try fill(path)
            #expect(try names(ReferenceIndex(path: path)) == ["kept"])
        }
    }

    @Test(
        "that is damaged is replaced by an empty one that works", arguments: ["garbage", "text", "truncated", "header"])
    func damaged(how: String) throws {
        try withFile { path in
            try fill(path)
            let file = URL(filePath: path)
            var bytes = try Data(contentsOf: file)
            try #require(bytes.count > 16_384)
            switch how {
            case "garbage": bytes = Data((0..<9_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) })
            case "text": bytes = Data("not a database\n".utf8)
            case "truncated": bytes = bytes.prefix(8_192)
            default: bytes.replaceSubrange(0..<100, with: Data(repeating: 0xAA, count: 100))
            }
            try bytes.write(to: file)
            try usable(path)
        }
    }

    @Test("of another version is replaced by an empty one that works", arguments: [UInt8(0), 1, 99, 255])
    func foreignVersion(version: UInt8) throws {
        try withFile { path in
            try fill(path)
            var bytes = try Data(contentsOf: URL(filePath: path))
            // The user version: four bytes at 60, big-endian (sqlite.org/fileformat.html, 1.3.14).
            #expect(bytes[63] == 7)
            bytes[63] = version
            try bytes.write(to: URL(filePath: path))
            try usable(path)
        }
    }

    @Test("of another version that another process has open is left alone; this one has its own")
    func foreignVersionInUse() throws {
        try withFile { path in
            try fill(path)
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes[63] = 99
            try bytes.write(to: URL(filePath: path))
            let index = try ReferenceIndex(path: path) { _ in false }
            #expect(index.isPrivate)
            #expect(try names(index) == [])
            try index.write { try $0.push(blob: "x", to: RepositoryName("new")) }
            #expect(try names(index) == ["new"])
            let isUntouched = try Data(contentsOf: URL(filePath: path)) == bytes
            #expect(isUntouched)
            #expect(try !ReferenceIndex(path: path).isPrivate)
        }
    }

    private func usable(_ path: String) throws {
        let index = try ReferenceIndex(path: path)
        #expect(try names(index) == [])
        try index.write { try $0.push(blob: "x", to: RepositoryName("new")) }
        #expect(try names(index) == ["new"])
        #expect(try index.read { try $0.unreferenced().count } == 1)
    }

    @Test("is copied to memory and stays as it is")
    func copied() throws {
        try withFile { path in
            try fill(path)
            let copy = try ReferenceIndex(copyOf: path)
            #expect(try names(copy) == ["kept"])
            #expect(try copy.read { try $0.unreferenced().count } == 200)
            try copy.write { try $0.push(blob: "x", to: RepositoryName("new")) }
            #expect(try names(copy) == ["kept", "new"])
            #expect(try names(ReferenceIndex(path: path)) == ["kept"])
        }
    }

    @Test("that cannot be read is copied as an empty one", arguments: [nil, "not a database\n"])
    func copiedWithout(text: String?) throws {
        try withFile { path in
            if let text {
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: URL(filePath: path))
            }
            let copy = try ReferenceIndex(copyOf: path)
            try copy.write { try $0.push(blob: "x", to: RepositoryName("new")) }
            #expect(try names(copy) == ["new"])
            #expect(FileManager.default.fileExists(atPath: path) == (text != nil))
        }
    }

    @Test("that is empty becomes an index")
    func emptyFile() throws {
        try withFile { path in
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data().write(to: URL(filePath: path))
            try usable(path)
        }
    }

    @Test("that cannot be one is an error in one line, not a crash")
    func directory() throws {
        try withFile { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let error = #expect(throws: IndexError.self) { try ReferenceIndex(path: path) }
            let text = try #require(error?.description)
            #expect(text.hasPrefix("index: "))
            #expect(!text.contains("\n"))
        }
    }

    @Test("in memory is another one each time")
    func memory() throws {
        let first = try ReferenceIndex(path: nil)
        try first.write { try $0.push(blob: "x", to: RepositoryName("a")) }
        #expect(try names(first) == ["a"])
        #expect(try names(ReferenceIndex(path: nil)) == [])
    }

    @Test("a transaction that fails leaves nothing, its counts included", arguments: [true, false])
    func failedTransaction(inFile: Bool) throws {
        try withFile { path in
            let index = try ReferenceIndex(path: inFile ? path : nil)
            let name = try RepositoryName("a")
            let image = try Sample.image(["layer"])
            try index.write { try $0.push(blob: "layer", to: name) }
            #expect(throws: IndexError.self) {
                try index.write { change in
                    try change.push(image, to: name, tag: "x")
                    try change.push(blob: "more", to: RepositoryName("b"))
                    try change.layerUnlinked(Sample.digest("layer"), in: name)
                    try change.damaged("p", in: nil, naming: nil, reason: "r", pass: 1)
                    #expect(try change.view.count(Sample.digest("layer")) == 1)
                    throw Interrupted()
                }
            }
            try index.read { view throws in
                #expect(try view.allRepositories() == [name])
                #expect(try view.count(Sample.digest("layer")) == 0)
                #expect(try view.layers(in: name) == [Sample.digest("layer")])
                #expect(try view.count(image.digest) == nil)
                #expect(try view.manifest(image.digest) == nil)
                #expect(try view.tags(in: name) { $0 }.isEmpty)
                #expect(try view.damage().isEmpty)
            }
        }
    }

    @Test("a read sees one state while another changes it")
    func snapshot() throws {
        try withFile { path in
            let index = try ReferenceIndex(path: path)
            try index.write { try $0.push(blob: "x", to: RepositoryName("a")) }
            try index.read { view throws in
                #expect(try view.allRepositories().count == 1)
                try index.write { try $0.push(blob: "x", to: RepositoryName("b")) }
                #expect(try view.allRepositories().count == 1)
            }
            #expect(try names(index) == ["a", "b"])
        }
    }
}
