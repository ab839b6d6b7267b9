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

    @Test func allHearOfOneThatIsApartUntilItEnds() async throws {
        try await withScratchDirectory { root in
            let first = try #require(try DirectoryLock(root: root))
            do {
                let second = try #require(try DirectoryLock(root: root))
                #expect(!first.isSomebodyApart && !second.isSomebodyApart)
                second.goApart()
                #expect(first.isSomebodyApart && second.isSomebodyApart)
            }
            #expect(!first.isSomebodyApart)
        }
    }

    /// Only those who serve count, and asking lets go of nothing.
    @Test func whoServesKnowsOfTheOthers() async throws {
        try await withScratchDirectory { root in
            let first = try #require(try DirectoryLock(root: root))
            first.showPresence()
            #expect(!first.isAccompanied)
            do {
                let second = try #require(try DirectoryLock(root: root))
                #expect(!first.isAccompanied && second.isAccompanied)
                second.showPresence()
                for _ in 0..<3 { #expect(first.isAccompanied && second.isAccompanied) }
            }
            #expect(!first.isAccompanied)
            #expect(first.aloneNow { true } == true)
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

    /// Two that want to be alone at the same moment must not both come to believe it, and neither may lose its share.
    @Test func whoCannotBeAloneKeepsItsShare() async throws {
        try await withScratchDirectory { root in
            let first = try #require(try DirectoryLock(root: root))
            var second = try DirectoryLock(root: root)
            for _ in 0..<100 {
                #expect(first.aloneNow { true } == nil)
                #expect(second?.aloneNow { true } == nil)
            }
            second = nil
            #expect(first.aloneNow { true } == true)
            let third = try #require(try DirectoryLock(root: root))
            // The first has its share again, after it was alone: the third cannot be.
            #expect(third.aloneNow { true } == nil)
        }
    }
}
