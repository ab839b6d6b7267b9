import OCI
import RegistryStorage
import StorageProbes
import Synchronization
import Testing

@testable import RegistryCore

/// Links that are kept in memory, and confirmed by one look at their file.
@Suite struct KeptLinksTests {
    private let place: KeptLinks.Place
    private let storage = StillStorage()
    private let first = Digest.of([1])
    private let second = Digest.of([2])

    init() throws { place = .tag(try Tag("v1"), try RepositoryName("team/app")) }

    private func set(_ digest: Digest) async throws {
        try await storage.write([[FileContent(place.path, Link.content(digest))]])
    }

    @Test func aLinkThatStaysIsLookedAtAndNotRead() async throws {
        let links = KeptLinks(settling: .zero)
        try await set(first)
        for _ in 0..<10 { #expect(try links.digestNow(place, storage) == first) }
        // Once when it was seen, and once when it had settled.
        #expect(storage.reads == 2)
        try await set(second)
        #expect(try links.digestNow(place, storage) == second)
        try await storage.remove(place.path, .lasting)
        #expect(try links.digestNow(place, storage) == nil)
    }

    /// Two writes in one tick of the system's clock leave files that look the same.
    @Test func whatWasWrittenAMomentAgoIsReadEachTime() async throws {
        let links = KeptLinks()
        storage.standStill()
        for digest in [first, second, first] {
            try await set(digest)
            for _ in 0..<3 { #expect(try links.digestNow(place, storage) == digest) }
        }
        #expect(storage.reads == 9)
    }

    @Test func howeverManyAreAskedForSomeAreKept() async throws {
        let links = KeptLinks(settling: .zero)
        let name = try RepositoryName("a")
        for number in 0..<(KeptLinks.entriesMax + 10) {
            let place = KeptLinks.Place.tag(try Tag("v\(number)"), name)
            try await storage.write([[FileContent(place.path, Link.content(first))]])
            #expect(try links.digestNow(place, storage) == first)
        }
        #expect(links.count == 10)
    }
}

/// A tree in memory that counts what is read of it at once, and whose clock can be stopped.
private final class StillStorage: ImmediateStorage, TreeBacked {
    let tree = MemoryDriver()
    private let count = Atomic<Int>(0)
    private let isStill = Atomic<Bool>(false)

    var reads: Int { count.load(ordering: .acquiring) }

    /// From now on every file looks as if it was written in one moment.
    func standStill() { isStill.store(true, ordering: .releasing) }

    func statNow(_ path: StoragePath) throws(StorageError) -> FileStatus? {
        guard var status = try tree.statNow(path) else { return nil }
        if isStill.load(ordering: .acquiring) { status.version = 1 }
        return status
    }

    func readNow(_ path: StoragePath, limit: Int) throws(StorageError) -> [UInt8]? {
        count.add(1, ordering: .acquiringAndReleasing)
        return try tree.readNow(path, limit: limit)
    }

    func openNow(_ path: StoragePath) throws(StorageError) -> (any BlobReader)? { try tree.openNow(path) }

    func obstructionNow(of path: StoragePath, isDirectory: Bool) -> String? { nil }

    var capacity: (bytesFree: Int64, bytesTotal: Int64)? { nil }

    func stat(_ path: StoragePath) async throws(StorageError) -> FileStatus? { try statNow(path) }

    func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)? { try openNow(path) }
}
