import RegistryStorage
import StorageProbes
import Testing

/// A tree in memory with a limit is a disk of that size.
@Suite struct MemoryLimitTests {
    @Test func itIsFullWhenItsFilesHaveAsManyBytes() async throws {
        let driver = MemoryDriver(bytesMax: 100)
        func free() -> Int64? { driver.capacity?.bytesFree }
        let (one, two) = (path("a/one"), path("two"))
        try await driver.write([[FileContent(one, [UInt8](repeating: 1, count: 60))]])
        #expect(free() == 40)
        await #expect(throws: StorageError.self) {
            try await driver.write([[FileContent(two, [UInt8](repeating: 1, count: 41))]])
        }
        let isThere = try await driver.stat(two) != nil
        #expect(!isThere && free() == 40)

        let writer = try await driver.upload(to: two, at: 0)
        try [UInt8](repeating: 2, count: 40).withUnsafeBytes { try writer.append($0) }
        do {
            try [UInt8](repeating: 2, count: 1).withUnsafeBytes { try writer.append($0) }
            Issue.record("a full disk took a byte")
        } catch let error as StorageError {
            #expect(error.isOutOfSpace)
        }
        try await writer.truncate(to: 10)
        #expect(free() == 30)

        // What is replaced, moved over and removed gives its bytes back.
        try await driver.write([[FileContent(one, [1])]])
        #expect(free() == 89)
        try await driver.move(two, to: one)
        #expect(free() == 90)
        try await driver.remove(path("a"))
        #expect(free() == 100)
        #expect(MemoryDriver().capacity == nil)
    }

    @Test func aFileIsAsOldAsItIsPlanted() async throws {
        let driver = MemoryDriver()
        try driver.plant(path("a"), [1, 2], modified: 1_000)
        #expect(try await driver.stat(path("a"))?.modified == 1_000)
    }
}
