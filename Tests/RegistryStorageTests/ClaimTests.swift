import Foundation
import Glibc
import Testing

@testable import RegistryStorage

/// A file that grows has one writer, over all processes: two drivers on one directory stand for two processes here.
@Suite struct ClaimTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "berth-claim-\(UUID().uuidString)")
    private let path = StoragePath.root.appending(["uploads", "data"])

    private func drivers() throws -> (FileSystemDriver, FileSystemDriver) {
        let root = root.path(percentEncoded: false)
        return (try FileSystemDriver(root: root), try FileSystemDriver(root: root))
    }

    @Test(arguments: [0, 3]) func aSecondWriterIsRefusedUntilTheFirstCloses(length: Int64) async throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let (one, other) = try drivers()
        if length > 0 { try await one.write(path, [1, 2, 3]) }
        let writer = try await one.upload(to: path, at: length)
        let refusal = await #expect(throws: StorageError.self) { try await other.upload(to: path, at: length) }
        #expect(refusal?.isInUse == true)
        writer.close()
        let next = try await other.upload(to: path, at: length)
        next.close()
    }

    /// What was committed belongs to nobody's session any more, whatever descriptor somebody still has.
    @Test func nobodyWritesToWhatWasGivenAnotherPlace() async throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let (one, other) = try drivers()
        let blob = StoragePath.root.appending(["blobs", "data"])
        let writer = try await one.upload(to: path, at: 0)
        [UInt8]([1, 2, 3]).withUnsafeBytes { try? writer.append($0) }
        try await writer.synchronize(for: .goingOn(beside: []))
        await #expect(throws: StorageError.self) { try await other.upload(to: path, at: 3) }
        try await one.move(path, to: blob)
        let absence = await #expect(throws: StorageError.self) { try await other.upload(to: path, at: 3) }
        #expect(absence?.isAbsence == true)
        writer.close()
        #expect(try await one.read(blob, limit: 10) == [1, 2, 3])
    }

    /// A descriptor of before, and another upload at the same name: whoever comes late must not write to what was committed.
    @Test func aNameThatMeansAnotherFileIsNotClaimed() async throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let (one, _) = try drivers()
        try await one.write(path, [1])
        let place = root.appending(path: path.text).path(percentEncoded: false)
        let descriptor = open(place, O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        try one.claim(descriptor, path)
        try await one.move(path, to: .root.appending(["blobs", "data"]))
        try await one.write(path, [2])
        let absence = #expect(throws: StorageError.self) { try one.claim(descriptor, path) }
        #expect(absence?.isAbsence == true)
    }
}
