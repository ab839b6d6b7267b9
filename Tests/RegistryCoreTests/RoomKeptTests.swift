import ImageBuilder
import OCI
import RegistryCore
import RegistryStorage
import Testing

/// A disk that pushes have filled is one that can still be cleaned: they stop before its last bytes are gone.
@Suite struct RoomKeptTests {
    private static let bytesTotal: Int64 = 16 << 20
    private static let bytesKept: Int64 = 1 << 20
    private static let chunkBytes = 64 << 10

    private let storage = MemoryDriver(bytesMax: bytesTotal)
    private let name: RepositoryName

    init() throws { name = try RepositoryName("team/app") }

    private func free() throws -> Int64 { try #require(storage.capacity?.bytesFree) }

    /// Sends one blob until it is refused.
    private func fill(_ registry: Registry) async throws -> (RegistryError, UploadSession) {
        let session = try await registry.openUpload(
            try await registry.startUpload(in: name, by: .test).id, in: name, by: .test)
        let chunk = SampleImage.noise(Self.chunkBytes, seed: 3)
        for _ in 0...Int(Self.bytesTotal) / Self.chunkBytes {
            do {
                try chunk.withUnsafeBytes { try session.append($0) }
            } catch let error as RegistryError {
                return (error, session)
            }
        }
        throw RegistryError.unexpected("a blob larger than the medium was taken")
    }

    @Test func anUploadLeavesRoomForWhatFreesTheDisk() async throws {
        let registry = try await Registry.sample(storage)
        let image = try SampleImage(layers: [SampleImage.noise(900_000, seed: 1)])
        try await registry.push(image, to: name, tag: try Tag("v1"))
        let (error, session) = try await fill(registry)
        #expect(error.isOutOfSpace)
        #expect(error.message.hasPrefix("the disk is full"), "\(error.message)")
        let left = try free()
        #expect(left > Self.bytesKept - (512 << 10) && left < Self.bytesKept + (512 << 10), "\(left) bytes are left")
        // What arrived stays for the client to go on with.
        let status = try await session.suspend()
        #expect(status.offset > 0 && status.offset % Int64(Self.chunkBytes) == 0)
        try await registry.cancelUpload(status.id, in: name, by: .test)
        try await registry.push(blob: .init(SampleImage.noise(700_000, seed: 4)), to: name)
    }

    @Test func aSmallUploadIsRefusedBeforeItsFirstByte() async throws {
        let registry = try await Registry.sample(storage)
        _ = try await fill(registry)
        let before = try free()
        await #expect(throws: RegistryError.self) {
            try await registry.push(blob: .init(SampleImage.noise(300_000, seed: 5)), to: name)
        }
        #expect(try before - free() < 4096)
    }

    @Test func aMediumThatSaysNothingOfItselfKeepsNothing() async throws {
        let registry = try await Registry.sample(MemoryDriver())
        try await registry.push(blob: .init(SampleImage.noise(300_000, seed: 6)), to: name)
    }
}
