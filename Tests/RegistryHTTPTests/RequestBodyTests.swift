import NIOCore
import Patience
import Synchronization
import Testing

@testable import RegistryHTTP

/// A body between the event loop and the task that takes it.
@Suite(.timeLimit(.minutes(1))) struct RequestBodyTests {
    /// How often the body said that there is room again; a class, for closures share it.
    private final class Drains: Sendable {
        private let count = Atomic<Int>(0)
        func add() { count.wrappingAdd(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }

    private let drains = Drains()
    private let budget = MemoryBudget(bytesMax: 64 << 20)
    private let body: RequestBody

    init() {
        let drains = drains
        body = RequestBody(budget) { drains.add() }
    }

    private func buffer(_ count: Int, _ byte: UInt8 = 7) -> ByteBuffer { ByteBuffer(repeating: byte, count: count) }

    private func bytes(_ batch: [ByteBuffer]) -> Int { batch.reduce(0) { $0 + $1.readableBytes } }

    /// A slow upload is seen to move long before a batch is full.
    @Test func aWatcherHearsOfBytesAsTheyArrive() {
        body.append(buffer(10))
        let drains = drains
        body.watch { for _ in 0..<$0 { drains.add() } }
        #expect(drains.value == 10)
        body.append(buffer(5))
        #expect(drains.value == 15)
    }

    @Test func anEmptyBodyEndsAtOnce() async throws {
        body.finish()
        #expect(try await body.next().isEmpty)
        #expect(try await body.next().isEmpty)
    }

    @Test func aBatchIsEverythingThatPiledUp() async throws {
        body.append(buffer(RequestBody.bytesBatch - 1, 1))
        body.append(buffer(1, 2))
        body.append(buffer(3, 3))
        let batch = try await body.next()
        #expect(bytes(batch) == RequestBody.bytesBatch + 3)
        #expect(batch.last == ByteBuffer(bytes: [2, 3, 3, 3]))
        // The connection reads: nobody has to tell it.
        #expect(drains.value == 0)
    }

    @Test func aTaskThatWaitsIsWokenByABatch() async throws {
        async let batch = body.next()
        for _ in 0..<8 {
            body.append(buffer(RequestBody.bytesBatch / 8))
            await Task.yield()
        }
        #expect(bytes(try await batch) == RequestBody.bytesBatch)
    }

    @Test func theRestComesWithTheEnd() async throws {
        body.append(buffer(10))
        body.finish()
        #expect(bytes(try await body.next()) == 10)
        #expect(try await body.next().isEmpty)
    }

    @Test func aTaskThatWaitsIsWokenByTheEnd() async throws {
        body.append(buffer(10))
        async let batch = body.next()
        await Task.yield()
        body.finish()
        #expect(bytes(try await batch) == 10)
    }

    /// What arrived before the break is not lost: a session is continued from it.
    @Test func aBreakIsToldAfterWhatArrived() async throws {
        body.append(buffer(10))
        body.interrupt(.disconnected)
        #expect(bytes(try await body.next()) == 10)
        await #expect(throws: RequestBody.Interruption.disconnected) { try await body.next() }
        await #expect(throws: RequestBody.Interruption.disconnected) { try await body.next() }
    }

    @Test func aTaskThatWaitsIsWokenByABreak() async throws {
        let task = Task { [body] in try await body.next() }
        await Task.yield()
        body.interrupt(.disconnected)
        await #expect(throws: RequestBody.Interruption.disconnected) { try await task.value }
    }

    @Test func aBreakAfterTheEndIsNone() async throws {
        body.finish()
        body.interrupt(.disconnected)
        #expect(try await body.next().isEmpty)
    }

    @Test func aFullBodySaysSoUntilItIsTaken() async throws {
        body.append(buffer(RequestBody.bytesHighWater))
        #expect(!body.holdsBack())
        body.append(buffer(1))
        #expect(body.holdsBack())
        #expect(drains.value == 0)
        #expect(bytes(try await body.next()) == RequestBody.bytesHighWater + 1)
        #expect(!body.holdsBack())
        #expect(drains.value == 1)
    }

    /// Both would wait for ever if a full body held less than a batch.
    @Test func aFullBodyIsWorthWakingTheTask() {
        #expect(RequestBody.bytesHighWater >= RequestBody.bytesBatch)
    }

    /// The connection as it is: it sends while there is room, and goes on when it is told that there is again.
    @Test(arguments: [1 << 10, 100_001, RequestBody.bytesBatch, 3 << 20])
    func aProducerThatStopsWhenFullAndAConsumerBothEnd(piece: Int) async throws {
        let (room, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let body = RequestBody(budget) { signal.yield() }
        let total = 24 << 20
        async let taken: (bytes: Int, most: Int) = {
            var (sum, most) = (0, 0)
            while true {
                let batch = try await body.next()
                if batch.isEmpty { return (sum, most) }
                let count = batch.reduce(0) { $0 + $1.readableBytes }
                (sum, most) = (sum + count, max(most, count))
            }
        }()
        var sent = 0
        var turns = room.makeAsyncIterator()
        while sent < total {
            if body.holdsBack() {
                _ = await turns.next()
            } else {
                body.append(buffer(min(piece, total - sent)))
                sent += min(piece, total - sent)
            }
        }
        body.finish()
        let (sum, most) = try await taken
        #expect(sum == total)
        #expect(most <= RequestBody.bytesHighWater + piece)
    }

    @Test func aBodyIsCollectedUpToItsLimit() async throws {
        for _ in 0..<3 { body.append(buffer(RequestBody.bytesBatch)) }
        body.finish()
        let holding = budget.open(displace: nil)
        let limit = 3 * RequestBody.bytesBatch
        #expect(try await body.collect(limit: limit, holding: holding)?.count == limit)
        let longer = RequestBody(budget) {}
        longer.append(buffer(11))
        longer.finish()
        #expect(try await longer.collect(limit: 10, holding: holding) == nil)
    }

    /// A body of a byte at a time would keep an envelope for each, and all that was read from the socket together with it.
    @Test func aBodyOfSinglePiecesIsGathered() async throws {
        for _ in 0..<100_000 { body.append(buffer(1)) }
        body.finish()
        let batch = try await body.next()
        #expect(bytes(batch) == 100_000)
        #expect(batch.count == 2)
    }

    /// While memory is short a piece goes to the task as it comes, and no other is asked for before the task has it.
    @Test func whileMemoryIsShortNothingIsGathered() async throws {
        let others = budget.open(displace: nil)
        others.add(budget.bytesMax * 3 / 4)
        body.append(buffer(10))
        #expect(body.holdsBack())
        #expect(bytes(try await body.next()) == 10)
        #expect(!body.holdsBack())
        async let next = body.next()
        await Task.yield()
        body.append(buffer(3))
        // The connection has given all that it read, and asks whether it may go on.
        _ = body.holdsBack()
        #expect(bytes(try await next) == 3)
        others.give(budget.bytesMax * 3 / 4)
    }

    /// A body of single bytes does not wake its task for each of them, nor the connection each time.
    @Test func whileMemoryIsShortATaskIsWokenOnceForAllThatWasRead() async throws {
        let others = budget.open(displace: nil)
        others.add(budget.bytesMax * 3 / 4)
        async let next = body.next()
        try await until { body.isAwaited }
        for _ in 0..<1000 { body.append(buffer(1)) }
        #expect(body.isAwaited)
        // The connection has given all that it read, and asks whether it may go on.
        #expect(!body.holdsBack())
        #expect(bytes(try await next) == 1000)
        #expect(drains.value == 0)
    }

    /// Memory was short when the connection stopped reading, and is not when the task asks: less than a batch is there, and
    /// nothing more comes before the task takes it.
    @Test func whatAConnectionStoppedForIsHandedOnAlsoWhenMemoryIsPlentyAgain() async throws {
        let others = budget.open(displace: nil)
        others.add(budget.bytesMax * 3 / 4)
        body.append(buffer(10))
        #expect(body.holdsBack())
        others.give(budget.bytesMax * 3 / 4)
        async let batch = body.next()
        do { try await until(within: .seconds(10)) { drains.value == 1 } } catch {
            body.interrupt(.timedOut)
            throw error
        }
        #expect(bytes(try await batch) == 10)
        #expect(!body.holdsBack())
    }

    /// What came while there was plenty is handed on when the next is asked for: both sides would wait for ever.
    @Test func whatIsThereIsHandedOnOnceMemoryIsShort() async throws {
        async let batch = body.next()
        body.append(buffer(10))
        await Task.yield()
        let others = budget.open(displace: nil)
        others.add(budget.bytesMax * 3 / 4)
        try await until { !body.holdsBack() }
        #expect(bytes(try await batch) == 10)
    }

    /// Everything that was counted is given back, however the body ends.
    @Test(arguments: [true, false]) func whatItHeldIsGivenBack(isTaken: Bool) async throws {
        do {
            let body = RequestBody(budget) {}
            body.append(buffer(5000))
            #expect(budget.bytes == 5000)
            if isTaken {
                body.finish()
                _ = try await body.next()
                #expect(budget.bytes == 0)
            }
        }
        #expect(budget.bytes == 0)
    }
}
