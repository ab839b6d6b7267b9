import Glibc
import StorageProbes
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// One upload session through the hands of several requests: taken back, and never by two at once.
@Suite struct UploadSessionTests {
    let storage = FaultyDriver()
    let registry: Registry
    let name: RepositoryName
    let blob = SampleImage.Blob(SampleImage.noise(5000, seed: 1))

    init() async throws {
        registry = try await Registry.sample(storage)
        name = try RepositoryName("team/app")
    }

    private func send(_ range: Range<Int>, to session: UploadSession) throws {
        try Array(blob.bytes[range]).withUnsafeBytes { try session.append($0) }
    }

    private func busy(_ id: UploadID) -> RegistryError {
        .uploadConflict(id, reason: "another request is writing to it")
    }

    @Test("goes on as if a part that was taken back had never come", arguments: [0, 3000], [1, 2])
    func reverted(start: Int, parts: Int) async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        var session = try await registry.openUpload(status.id, in: name, by: .test)
        try send(0..<start, to: session)
        _ = try await session.suspend()
        let before = try await Tree.content(of: storage)

        session = try await registry.openUpload(status.id, in: name, by: .test)
        for part in 0..<parts { try send(1000 * part..<1000 * part + 777, to: session) }
        let back = try await session.revert()
        #expect(back.offset == Int64(start) && back.started == status.started)
        #expect(try await registry.uploadStatus(status.id, in: name, by: .test) == back)
        #expect(
            try await Tree.content(of: storage)
                == before.merging([dataPath(status.id): Array(blob.bytes[..<start])]) { $1 })

        session = try await registry.openUpload(status.id, in: name, by: .test)
        try send(start..<5000, to: session)
        _ = storage.takeCalls()
        #expect(try await session.finish(blob.digest, by: .test).size == 5000)
        // The running hash was the one from before: nothing was read again.
        #expect(!storage.takeCalls().contains { $0.operation == .open })
        #expect(try await registry.blob(blob.digest, in: name, by: .test).size == 5000)
    }

    private func dataPath(_ id: UploadID) -> String { Layout.upload(id.text, in: name).appending("data").text }

    @Test("that was begun elsewhere and is taken back is hashed again at the end")
    func revertedElsewhere() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        var session = try await registry.openUpload(status.id, in: name, by: .test)
        try send(0..<3000, to: session)
        _ = try await session.suspend()

        let successor = try await Registry.sample(storage)
        session = try await successor.openUpload(status.id, in: name, by: .test)
        try send(0..<10, to: session)
        try await session.revert()
        session = try await successor.openUpload(status.id, in: name, by: .test)
        try send(3000..<5000, to: session)
        #expect(try await session.finish(blob.digest, by: .test).digest == blob.digest)
    }

    @Test("taken back before its hash was chosen is hashed as the next request asks")
    func revertedAlgorithm() async throws {
        let long = Digest.of(blob.bytes, .sha512)
        let status = try await registry.startUpload(in: name, by: .test)
        var session = try await registry.openUpload(status.id, in: name, by: .test)
        session.expect(.sha512)
        try send(0..<10, to: session)
        try await session.revert()
        session = try await registry.openUpload(status.id, in: name, by: .test)
        session.expect(.sha512)
        try send(0..<5000, to: session)
        #expect(try await session.finish(long, by: .test).digest == long)
    }

    @Test("that cannot be taken back is given back as it stands")
    func revertFails() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        var session = try await registry.openUpload(status.id, in: name, by: .test)
        try send(0..<3000, to: session)
        storage.fail(with: EIO) { $0.operation == .truncate }
        await #expect(throws: RegistryError.self) { try await session.revert() }
        storage.recover()
        let offset = try await registry.uploadStatus(status.id, in: name, by: .test).offset
        #expect(offset == 3000)
        session = try await registry.openUpload(status.id, in: name, by: .test)
        try send(Int(offset)..<5000, to: session)
        #expect(try await session.finish(blob.digest, by: .test).digest == blob.digest)
    }

    enum Intruder: CaseIterable { case request, cancel, elsewhere, purge }

    @Test("in the hands of a request is nobody else's, and the request is not disturbed", arguments: Intruder.allCases)
    func busy(intruder: Intruder) async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        let session = try await registry.openUpload(status.id, in: name, by: .test)
        try send(0..<3000, to: session)
        switch intruder {
        // A PATCH and a PUT both begin by taking the session.
        case .request:
            await #expect(throws: busy(status.id)) { _ = try await registry.openUpload(status.id, in: name, by: .test) }
        case .cancel:
            await #expect(throws: busy(status.id)) { try await registry.cancelUpload(status.id, in: name, by: .test) }
        case .elsewhere:
            let other = try RepositoryName("other/app")
            await #expect(throws: busy(status.id)) {
                _ = try await registry.openUpload(status.id, in: other, by: .test)
            }
            await #expect(throws: busy(status.id)) { try await registry.cancelUpload(status.id, in: other, by: .test) }
        case .purge:
            #expect(try await registry.collector.purgeUploads(olderThan: -10, dryRun: false, by: .test) == 0)
        }
        #expect(try await registry.uploadStatus(status.id, in: name, by: .test).offset == 3000)
        try send(3000..<5000, to: session)
        #expect(try await session.finish(blob.digest, by: .test).digest == blob.digest)
        #expect(try await registry.blob(blob.digest, in: name, by: .test).size == 5000)
    }

    @Test("is won by one of many requests that ask at once")
    func race() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        let (registry, name, blob) = (registry, name, blob)
        let finished = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    guard let session = try? await registry.openUpload(status.id, in: name, by: .test) else {
                        return false
                    }
                    let sent: Void? = try? blob.bytes.withUnsafeBytes { try session.append($0) }
                    guard sent != nil else { return false }
                    return (try? await session.finish(blob.digest, by: .test)) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(finished == 1)
        #expect(try await registry.blob(blob.digest, in: name, by: .test).size == 5000)
    }
}
