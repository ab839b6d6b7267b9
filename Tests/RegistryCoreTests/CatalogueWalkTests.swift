import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryIndex
import RegistryStorage
import SeededRandom
import StorageProbes
import Testing

@testable import RegistryCore

/// Pages of the catalogue before the index is up to the tree.
@Suite struct CatalogueWalkTests {
    private static func write(_ names: [String], to storage: some StorageDriver) async throws {
        for name in names {
            let place = Layout.repositories.appending(name.split(separator: "/"))
            try await storage.createDirectory(place.appending(["_manifests", "revisions"]))
        }
    }

    private static func names(_ storage: any StorageDriver, after last: String?, _ limit: Int) async throws -> [String]
    {
        try await TreeListing(storage: storage).repositories(after: last, limit: limit).map(\.text)
    }

    /// What comes between a name and the names inside it.
    @Test func wholeNamesAreInByteOrder() async throws {
        let storage = MemoryDriver()
        let names = ["a", "a-b", "a-b/c", "a-b.c", "a.b", "a/b", "a/b-c", "a/b/c", "a0", "b/c/d", "b0/c"]
        try await Self.write(names.shuffled(), to: storage)
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(try await Self.names(storage, after: nil, .max) == sorted)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func pagesOfAnySizeAreTheWholeInOrder(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let storage = MemoryDriver()
        let parts = ["a", "a-b", "a.b", "a_b", "b", "b0", "c"]
        var names: Set<String> = []
        for _ in 0..<120 {
            let depth = Int.random(in: 1...4, using: &random)
            let name = (0..<depth).map { _ in parts.randomElement(using: &random) ?? "a" }.joined(separator: "/")
            names.insert(name)
        }
        try await Self.write(Array(names), to: storage)
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for size in [1, 2, 7, 1000] {
            var found: [String] = []
            while case let page = try await Self.names(storage, after: found.last, size), !page.isEmpty {
                found += page
            }
            #expect(found == sorted, "seed \(seed), pages of \(size)")
        }
        // From names that are none, and from inside of others.
        for last in ["", "a-", "a-b/", "a/zzz", "b/a-b", "c/c/c/c/c", "zzz"] {
            let rest = sorted.filter { last.utf8.lexicographicallyPrecedes($0.utf8) }
            #expect(try await Self.names(storage, after: last, .max) == rest, "seed \(seed), after \(last)")
        }
    }

    @Test func aPageCostsWhatIsOnIt() async throws {
        let storage = FaultyDriver()
        try await Self.write((100..<600).flatMap { ["team\($0)/app", "team\($0)/tool"] }, to: storage.tree)
        for last in [nil, "team300/app", "team598/tool"] {
            _ = storage.takeCalls()
            let page = try await Self.names(storage, after: last, 10)
            #expect(page.count == (last == "team598/tool" ? 2 : 10))
            let lists = storage.takeCalls().filter { $0.operation == .list }.count
            #expect(lists <= 40, "\(lists) listings after \(last ?? "nothing")")
        }
    }

    @Test func whatCannotBeReadHidesOnlyItself() async throws {
        let storage = FaultyDriver()
        try await Self.write(["a/b", "b", "c/d"], to: storage.tree)
        storage.fail(with: EACCES) { $0.path == Layout.repositories.appending("a") }
        #expect(try await Self.names(storage, after: nil, 10) == ["b", "c/d"])
    }

    @Test func aLinkRoundInACircleEnds() async throws {
        let root = "\(FileManager.default.temporaryDirectory.path)/berth-walk-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let storage = try FileSystemDriver(root: root)
        try await Self.write(["a/b", "c"], to: storage)
        let link = "\(root)/\(Layout.repositories.text)/loop"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: ".")
        #expect(try await Self.names(storage, after: nil, 100) == ["a/b", "c"])
        #expect(try await Self.names(storage, after: "a/b", 100) == ["c"])
    }

    @Test func tagsOfAPageAreReadAndNoOthers() async throws {
        let storage = FaultyDriver()
        let name = try RepositoryName("a")
        let digest = Digest.of([1])
        for number in 100..<400 {
            try await storage.tree.write(
                Layout.tagCurrent(try Tag("t\(number)"), in: name), Link.content(digest))
        }
        _ = storage.takeCalls()
        let page = try await TreeListing(storage: storage).tags(in: name, after: "t199", limit: 5).map(\.tag.text)
        #expect(page == ["t200", "t201", "t202", "t203", "t204"])
        #expect(storage.takeCalls().count < 20)
    }
}
