import NIOCore
import Patience
import Synchronization
import Testing

@testable import RegistryHTTP

/// One budget for all clients: who finds no room waits, who hardly moves makes it.
@Suite(.timeLimit(.minutes(1))) struct MemoryBudgetTests {
    private let budget = MemoryBudget(bytesMax: 1000)

    @Test func thereIsRoomUpToTheLast() {
        let holding = budget.open(displace: nil)
        #expect(holding.takeNow(600))
        #expect(!holding.takeNow(401))
        #expect(holding.takeNow(400))
        #expect(budget.bytes == 1000)
        holding.give(1)
        #expect(budget.bytes == 999)
    }

    /// An ordinary request is served though large ones have taken all that they may.
    @Test func theLastEighthIsForSmallHoldings() {
        let budget = MemoryBudget(bytesMax: 8 << 20)
        let large = budget.open(displace: nil)
        #expect(!large.takeNow((7 << 20) + 1))
        #expect(large.takeNow(7 << 20))
        #expect(!large.takeNow(1))
        let small = budget.open(displace: nil)
        #expect(small.takeNow(64 << 10))
        #expect(!small.takeNow(1))
    }

    @Test func whatIsThereAlreadyIsCountedBeyondTheLimit() {
        let holding = budget.open(displace: nil)
        holding.add(5000)
        #expect(budget.bytes == 5000)
        #expect(budget.isTight)
        #expect(!budget.open(displace: nil).takeNow(1))
    }

    @Test func aHoldingThatGoesGivesEverythingBack() {
        do {
            let holding = budget.open {}
            #expect(holding.takeNow(700))
        }
        #expect(budget.bytes == 0)
    }

    @Test func whoWaitsIsLetInWhenThereIsRoom() async throws {
        let first = budget.open(displace: nil)
        #expect(first.takeNow(900))
        let second = budget.open(displace: nil)
        async let isIn: Void = second.take(500)
        await Task.yield()
        first.give(900)
        try await isIn
        #expect(budget.bytes == 500)
    }

    /// One that wants much does not hold up those that want little.
    @Test func whoFitsPassesWhoDoesNot() async throws {
        let first = budget.open(displace: nil)
        #expect(first.takeNow(900))
        let large = Task { [budget] in
            let holding = budget.open(displace: nil)
            try await holding.take(1000)
            return holding
        }
        await Task.yield()
        let small = budget.open(displace: nil)
        try await small.take(100)
        first.give(900)
        small.give(100)
        #expect(try await large.value.bytes == 1000)
    }

    @Test func whatCanNeverFitIsRefusedAtOnce() async throws {
        let holding = budget.open(displace: nil)
        await #expect(throws: MemoryBudget.Exhausted.self) { try await holding.take(1001) }
        #expect(budget.bytes == 0)
    }

    /// The peer of the first sends nothing, the one of the second does; the third is at work for its own.
    @Test func theSlowMakeRoomForOthers() async throws {
        let (slow, fast, busy) = (Flag(), Flag(), Flag())
        let first = Mutex<Holding?>(budget.open { slow.set() })
        let second = budget.open { fast.set() }
        let third = budget.open { busy.set() }
        first.withLock { _ = $0?.takeNow(300) }
        #expect(second.takeNow(400))
        #expect(third.takeNow(300))
        third.isPeerOwing = false
        let mover = Task { while !Task.isCancelled { second.move(1 << 20); await Task.yield() } }
        let fourth = budget.open(displace: nil)
        async let isIn: Void = fourth.take(200)
        try await until { slow.isSet }
        first.withLock { $0 = nil }
        try await isIn
        mover.cancel()
        #expect(!fast.isSet)
        #expect(!busy.isSet)
        #expect(budget.bytes == 900)
    }

    @Test func whoIsCancelledStopsWaiting() async throws {
        let first = budget.open(displace: nil)
        #expect(first.takeNow(1000))
        let task = Task { [budget] in try await budget.open(displace: nil).take(1) }
        await Task.yield()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(budget.bytes == 1000)
    }

    private final class Flag: Sendable {
        private let flag = Atomic(false)
        func set() { flag.store(true, ordering: .relaxed) }
        var isSet: Bool { flag.load(ordering: .relaxed) }
    }
}
