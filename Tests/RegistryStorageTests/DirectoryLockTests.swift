import Foundation
import RegistryStorage
import Testing

/// Several may use a data directory; who takes things out of it is alone.
@Suite struct DirectoryLockTests {
    @Test func severalShareUntilOneIsAlone() async throws {
        try await withScratchDirectory { root in
            let first = try #require(try DirectoryLock(root: root))
            do {
                let second = try #require(try DirectoryLock(root: root))
                #expect(first.aloneNow { true } == nil)
                #expect(second.aloneNow { true } == nil)
            }
            let outcome: Bool? = try await first.alone { () async throws -> Bool in
                // Nobody comes in meanwhile, and it is no place for two jobs of one process.
                let third = try DirectoryLock(root: root)
                #expect(third == nil)
                #expect(first.aloneNow { true } == nil)
                return true
            }
            #expect(outcome == true)
            #expect(try DirectoryLock(root: root) != nil)
        }
    }

    @Test func aFailureInsideLetsOthersInAgain() async throws {
        struct Failure: Error {}
        try await withScratchDirectory { root in
            let lock = try #require(try DirectoryLock(root: root))
            await #expect(throws: Failure.self) { try await lock.alone { throw Failure() } }
            #expect(try DirectoryLock(root: root) != nil)
        }
    }
}
