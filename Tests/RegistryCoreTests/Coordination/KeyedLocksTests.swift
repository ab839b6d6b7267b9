import Patience
import RegistryCore
import Synchronization
import Testing

/// What the tasks of a test saw, behind one lock.
private final class Notes<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func change(_ body: @Sendable (inout Value) -> Void) { value.withLock { body(&$0) } }

    var now: Value { value.withLock { $0 } }
}

/// Shared holders exclude an exclusive one and the reverse; waiters are served in order.
@Suite struct KeyedLocksTests {
    @Test func sharedHoldersShareAndExcludeAnExclusiveOne() async {
        let locks = KeyedLocks<Int>()
        await locks.lock([1, 2], exclusive: false)
        #expect(locks.tryLock([1], exclusive: false))
        #expect(!locks.tryLock([1], exclusive: true))
        #expect(locks.tryLock([3], exclusive: true))
        #expect(locks.isHeldExclusive(1) == false)
        locks.unlock([1, 2], exclusive: false)
        #expect(!locks.tryLock([1], exclusive: true))
        locks.unlock([1], exclusive: false)
        #expect(locks.tryLock([1], exclusive: true))
        #expect(!locks.tryLock([1], exclusive: false))
        #expect(locks.isHeldExclusive(1) == true)
        #expect(locks.isHeldExclusive(2) == nil)
    }

    /// Who cannot have all has none, and stands in nobody's way.
    @Test func severalAreTakenTogetherOrNotAtAll() {
        let locks = KeyedLocks<Int>()
        #expect(locks.tryLock([3], exclusive: false))
        #expect(!locks.tryLock([1, 2, 3, 4, 5], exclusive: true))
        for key in [1, 2, 4, 5] { #expect(locks.isHeldExclusive(key) == nil) }
        #expect(locks.tryLock([1, 2, 3, 4, 5], exclusive: false))
        locks.unlock([1, 2, 3, 4, 5], exclusive: false)
        #expect(locks.isHeldExclusive(3) == false)
    }

    @Test func aWaiterIsWokenWhenTheHolderEnds() async {
        let locks = KeyedLocks<Int>()
        await locks.lock([1], exclusive: true)
        let order = Notes<[String]>([])
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await locks.lock([1], exclusive: false)
                order.change { $0.append("second") }
                locks.unlock([1], exclusive: false)
            }
            group.addTask {
                order.change { $0.append("first") }
                locks.unlock([1], exclusive: true)
            }
        }
        #expect(order.now == ["first", "second"])
        #expect(locks.tryLock([1], exclusive: true))
    }

    /// A stream of pushes does not starve a deletion that waits.
    @Test func whoComesAfterAWaiterIsNotLetInBeforeIt() async throws {
        let locks = KeyedLocks<Int>()
        await locks.lock([1], exclusive: false)
        let deletion = Task {
            await locks.lock([1], exclusive: true)
            locks.unlock([1], exclusive: true)
        }
        // Succeeds as long as the other has not begun to wait.
        try await until {
            guard locks.tryLock([1], exclusive: false) else { return true }
            locks.unlock([1], exclusive: false)
            return false
        }
        locks.unlock([1], exclusive: false)
        await deletion.value
        #expect(locks.tryLock([1], exclusive: false))
    }

    @Test func manyTasksNeverHoldOneKeyTogetherWithAnExclusiveOne() async {
        let locks = KeyedLocks<Int>()
        let state = Notes((shared: 0, exclusive: 0, clashes: 0, rounds: 0))
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for round in 0..<200 {
                        if (task + round).isMultiple(of: 3) {
                            await locks.lock([7], exclusive: true)
                            state.change {
                                $0.exclusive += 1; if $0.shared > 0 || $0.exclusive > 1 { $0.clashes += 1 }
                            }
                            await Task.yield()
                            state.change {
                                $0.exclusive -= 1; $0.rounds += 1
                            }
                            locks.unlock([7], exclusive: true)
                        } else {
                            await locks.lock([7], exclusive: false)
                            state.change {
                                $0.shared += 1; if $0.exclusive > 0 { $0.clashes += 1 }
                            }
                            await Task.yield()
                            state.change {
                                $0.shared -= 1; $0.rounds += 1
                            }
                            locks.unlock([7], exclusive: false)
                        }
                    }
                }
            }
        }
        #expect(state.now.clashes == 0)
        #expect(state.now.rounds == 3200)
    }
}
