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
        await locks.lockShared([1, 2])
        #expect(locks.tryLockShared(1))
        #expect(!locks.tryLockExclusive(1))
        #expect(locks.tryLockExclusive(3))
        #expect(locks.isShared(1))
        locks.unlockShared([1, 2])
        #expect(!locks.tryLockExclusive(1))
        locks.unlockShared([1])
        #expect(locks.tryLockExclusive(1))
        #expect(!locks.tryLockShared(1))
        #expect(!locks.isShared(1))
    }

    @Test func aWaiterIsWokenWhenTheHolderEnds() async {
        let locks = KeyedLocks<Int>()
        await locks.lockExclusive(1)
        let order = Notes<[String]>([])
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await locks.lockShared([1])
                order.change { $0.append("second") }
                locks.unlockShared([1])
            }
            group.addTask {
                order.change { $0.append("first") }
                locks.unlockExclusive(1)
            }
        }
        #expect(order.now == ["first", "second"])
        #expect(locks.tryLockExclusive(1))
    }

    /// A stream of pushes does not starve a deletion that waits.
    @Test func whoComesAfterAWaiterIsNotLetInBeforeIt() async throws {
        let locks = KeyedLocks<Int>()
        await locks.lockShared([1])
        let deletion = Task {
            await locks.lockExclusive(1)
            locks.unlockExclusive(1)
        }
        // Succeeds as long as the other has not begun to wait.
        try await until {
            guard locks.tryLockShared(1) else { return true }
            locks.unlockShared([1])
            return false
        }
        locks.unlockShared([1])
        await deletion.value
        #expect(locks.tryLockShared(1))
    }

    @Test func manyTasksNeverHoldOneKeyTogetherWithAnExclusiveOne() async {
        let locks = KeyedLocks<Int>()
        let state = Notes((shared: 0, exclusive: 0, clashes: 0, rounds: 0))
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for round in 0..<200 {
                        if (task + round).isMultiple(of: 3) {
                            await locks.lockExclusive(7)
                            state.change {
                                $0.exclusive += 1; if $0.shared > 0 || $0.exclusive > 1 { $0.clashes += 1 }
                            }
                            await Task.yield()
                            state.change {
                                $0.exclusive -= 1; $0.rounds += 1
                            }
                            locks.unlockExclusive(7)
                        } else {
                            await locks.lockShared([7])
                            state.change {
                                $0.shared += 1; if $0.exclusive > 0 { $0.clashes += 1 }
                            }
                            await Task.yield()
                            state.change {
                                $0.shared -= 1; $0.rounds += 1
                            }
                            locks.unlockShared([7])
                        }
                    }
                }
            }
        }
        #expect(state.now.clashes == 0)
        #expect(state.now.rounds == 3200)
    }
}
