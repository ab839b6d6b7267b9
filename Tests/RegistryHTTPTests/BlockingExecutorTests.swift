import Dispatch
import Patience
import RegistryHTTP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct BlockingExecutorTests {
    /// Tasks that block until they are let go.
    private final class Gate: Sendable {
        private let inside = Atomic<Int>(0)
        private let gate = DispatchSemaphore(value: 0)

        var count: Int { inside.load(ordering: .acquiring) }

        func enter() {
            inside.wrappingAdd(1, ordering: .acquiringAndReleasing)
            gate.wait()
        }

        func open(for count: Int) { for _ in 0..<count { gate.signal() } }
    }

    private final class Tally: Sendable {
        private let value = Atomic<Int>(0)

        var count: Int { value.load(ordering: .relaxed) }

        func add() { value.wrappingAdd(1, ordering: .relaxed) }
    }

    @Test func thereAreAsManyThreadsAsWorkAndNoneWithout() async throws {
        let executor = BlockingExecutor(threads: 32, rest: .milliseconds(1))
        #expect(executor.threads == 0)
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Also where it fails: whoever is inside would wait for ever.
            defer { gate.open(for: 3) }
            for _ in 0..<3 { group.addTask(executorPreference: executor) { gate.enter() } }
            try await until { gate.count == 3 }
            #expect(executor.threads == 3)
        }
        try await until { executor.threads == 0 }
    }

    @Test func whatHasNoThreadWaitsForOne() async throws {
        let executor = BlockingExecutor(threads: 2)
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { gate.open(for: 40) }
            for _ in 0..<40 { group.addTask(executorPreference: executor) { gate.enter() } }
            try await until { gate.count == 2 }
            #expect(executor.threads == 2)
        }
        #expect(gate.count == 40)
        #expect(executor.threads == 2)
    }

    /// At the limit of a container's processes the system gives no more threads, or none at all: the work is done all the same.
    @Test(arguments: [0, 1, 3]) func whatTheSystemGivesNoThreadForIsDone(threadsGiven: Int) async {
        let given = Atomic<Int>(0)
        let executor = BlockingExecutor(threads: 8, rest: .microseconds(20)) { life in
            given.wrappingAdd(1, ordering: .relaxed).oldValue < threadsGiven && BlockingThread.begin(life)
        }
        let done = Tally()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask(executorPreference: executor) {
                    for _ in 0..<50 {
                        await Task.yield()
                        done.add()
                    }
                }
            }
        }
        #expect(done.count == 2_000)
    }

    /// Work comes when a thread is about to end, for what goes back and forth between two takes about as long as one rests:
    /// nothing is lost.
    @Test(arguments: [5, 10, 20, 40, 80]) func noWorkIsLostWhileThreadsEnd(restMicroseconds: Int) async throws {
        let executors = (0..<2).map { _ in BlockingExecutor(threads: 2, rest: .microseconds(restMicroseconds)) }
        let done = Tally()
        // Whoever waits for what is lost waits for ever: that is not to be this task.
        let work = Task {
            for _ in 0..<2_000 {
                for executor in executors { await withTaskExecutorPreference(executor) { done.add() } }
            }
        }
        try await until(within: .seconds(30)) { done.count == 4_000 }
        await work.value
    }
}
