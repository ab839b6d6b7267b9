import Glibc
import Patience
import Synchronization
import Testing

@testable import RegistryStorage

/// Who asks while a sync runs shares the next one; nobody is covered by a sync that began before he asked.
@Suite struct SharedSyncsTests {
    /// A sync that another task holds up until it is told.
    private final class Gate: Sendable {
        let begun = Mutex(0)
        let entered = AsyncStream<Void>.makeStream()
        private let lock = Mutex(false)

        func pass() { lock.withLock { $0 = true } }

        /// Blocks its thread, as a disk does.
        func wait() {
            begun.withLock { $0 += 1 }
            entered.continuation.yield()
            while !lock.withLock({ $0 }) { sched_yield() }
        }
    }

    @Test func thoseWhoComeMeanwhileShareOneMore() async throws {
        let syncs = SharedSyncs()
        let gate = Gate()
        let place = StoragePath.root.appending("a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Also when this fails: the group waits for all of its tasks.
            defer { gate.pass() }
            group.addTask {
                try await syncs.run(place) {
                    gate.wait(); return .success(())
                }
            }
            for await _ in gate.entered.stream { break }
            for _ in 0..<20 {
                group.addTask {
                    try await syncs.run(place) {
                        gate.begun.withLock { $0 += 1 }; return .success(())
                    }
                }
            }
            try await until { syncs.gatheredCount(place) >= 20 }
            gate.pass()
            try await group.waitForAll()
        }
        #expect(gate.begun.withLock { $0 } == 2)
    }

    @Test func aFailureIsEverybodysWhoSharedIt() async throws {
        let syncs = SharedSyncs()
        let gate = Gate()
        let place = StoragePath.root.appending("a")
        let failure = StorageError.system(operation: "fsync", path: place, code: 5)
        let failed = try await withThrowingTaskGroup(of: Bool.self) { group in
            // Also when this fails: the group waits for all of its tasks.
            defer { gate.pass() }
            group.addTask {
                do {
                    try await syncs.run(place) {
                        gate.wait(); return .success(())
                    }
                } catch { return true }
                return false
            }
            for await _ in gate.entered.stream { break }
            for _ in 0..<5 {
                group.addTask {
                    do throws(StorageError) {
                        try await syncs.run(place) { .failure(failure) }
                    } catch {
                        return error == failure
                    }
                    return false
                }
            }
            try await until { syncs.gatheredCount(place) >= 5 }
            gate.pass()
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(failed == 5)
        #expect(syncs.gatheredCount(place) == 0)
        // And the next one starts anew.
        try await syncs.run(place) { .success(()) }
    }
}
