import NIOCore
import NIOPosix
import OCI
import Synchronization

/// The memory that all clients together may make this process hold: bodies on their way in, answers on their way out, and
/// what stands behind them. One for each server, whatever the number of its connections.
///
/// Who takes something over asks (`Holding.take`) and waits a bounded time for room. While it waits, those that hold memory
/// for a peer that hardly moves are let go, the slowest first: a flood of such displaces only itself.
///
/// What it counts are the bytes of content; their envelopes are covered by `bytesMax` being well below what a machine has.
final class MemoryBudget: Sendable {
    /// No room was found in time.
    struct Exhausted: Error {}

    /// The longest that somebody waits for room. Less than clients wait for an answer.
    private static let secondsWaitMax: Int64 = 10
    /// How often those who wait look for somebody to displace.
    private static let secondsLook: Int64 = 1
    /// A peer below this rate may be displaced by others while memory is short: 64 KiB last four seconds then.
    private static let bytesPerSecondLeast = 16 << 10

    private struct Waiter {
        let id: UInt64
        let bytes: Int
        /// Of what may be taken in all by the holding that it is for.
        let limit: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var bytes = 0
        var holdings: [ObjectIdentifier: Watched] = [:]
        var waiters: [Waiter] = []
        var waiterNext: UInt64 = 0
        var looked: NIODeadline?
        /// More than a quarter was taken since the last lull.
        var wasBusy = false
    }

    /// A holding, and how far its peer had come when somebody looked last.
    private struct Watched {
        weak var holding: Holding?
        var seen: (moved: Int, at: NIODeadline)?
    }

    let bytesMax: Int
    /// A holding up to this is small. The last eighth of the budget is for such alone: what an ordinary request needs.
    private let bytesSmall: Int
    private let state = Mutex(State())
    private let bytesNow = Atomic(0)
    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    private let lull: @Sendable () -> Void

    /// - Parameter lull: called when nearly nothing is held any more after much was, on the thread that gave back the last
    ///   of it; must not wait.
    init(bytesMax: Int, bytesSmall: Int = 64 << 10, lull: @escaping @Sendable () -> Void = {}) {
        self.bytesMax = bytesMax
        self.bytesSmall = bytesSmall
        self.lull = lull
    }

    /// Bytes held at present. Costs one read of memory.
    var bytes: Int { bytesNow.load(ordering: .relaxed) }

    /// More than half is taken: who can do with less should.
    var isTight: Bool { bytes > bytesMax / 2 }

    /// - Parameter displace: called on any thread, once at most, when the holding has to go because its peer is slow and
    ///   others need the room. Must let go of what is held soon, and must not wait. Nil for work that only we can end.
    func open(displace: (@Sendable () -> Void)?) -> Holding {
        let holding = Holding(self, displace: displace)
        if displace != nil { state.withLock { $0.holdings[ObjectIdentifier(holding)] = Watched(holding: holding) } }
        return holding
    }

    fileprivate func forget(_ id: ObjectIdentifier) { state.withLock { $0.holdings[id] = nil } }

    // MARK: Bytes

    /// Bytes of all up to which a holding that will have `total` may take more.
    private func limit(_ total: Int) -> Int { total <= bytesSmall ? bytesMax : bytesLarge }

    /// The most that anything but a small holding may have.
    var bytesLarge: Int { bytesMax - bytesMax / 8 }

    /// Takes bytes if there is room for them.
    ///
    /// - Parameter held: of the holding that they are for.
    fileprivate func take(_ count: Int, held: Int) -> Bool {
        let limit = limit(held + count)
        return state.withLock { state in
            guard state.bytes + count <= limit else { return false }
            state.bytes += count
            state.wasBusy = state.wasBusy || state.bytes > bytesMax / 4
            bytesNow.store(state.bytes, ordering: .relaxed)
            return true
        }
    }

    /// Counts bytes that are there already.
    fileprivate func add(_ count: Int) {
        state.withLock { state in
            state.bytes.addClamped(count)
            state.wasBusy = state.wasBusy || state.bytes > bytesMax / 4
            bytesNow.store(state.bytes, ordering: .relaxed)
        }
    }

    fileprivate func give(_ count: Int) {
        guard count > 0 else { return }
        let (woken, isLull) = state.withLock { state -> ([Waiter], Bool) in
            state.bytes -= count
            bytesNow.store(state.bytes, ordering: .relaxed)
            var taken = state.bytes
            var woken: [Waiter] = []
            // Whoever fits, in their order: one that wants much does not hold up those that want little.
            state.waiters.removeAll { waiter in
                guard taken + waiter.bytes <= waiter.limit else { return false }
                taken += waiter.bytes
                woken.append(waiter)
                return true
            }
            let isLull = state.wasBusy && state.bytes < bytesMax / 16
            if isLull { state.wasBusy = false }
            return (woken, isLull)
        }
        for waiter in woken { waiter.continuation.resume() }
        if isLull { lull() }
    }

    /// Waits for room and takes it. Throws `Exhausted` when there was none in time, or can never be.
    fileprivate func wait(for count: Int, held: Int) async throws {
        let deadline = NIODeadline.now() + .seconds(Self.secondsWaitMax)
        let limit = limit(held + count)
        while !take(count, held: held) {
            try Task.checkCancellation()
            guard count <= limit, NIODeadline.now() < deadline else { throw Exhausted() }
            displaceSlow(for: count)
            await room(for: count, limit)
        }
    }

    /// Returns when there may be room, or after a second.
    private func room(for count: Int, _ limit: Int) async {
        await withCheckedContinuation { continuation in
            let id = state.withLock { state -> UInt64? in
                guard state.bytes + count > limit else { return nil }
                state.waiterNext += 1
                state.waiters.append(
                    Waiter(
                        id: state.waiterNext, bytes: count, limit: limit, continuation: continuation))
                return state.waiterNext
            }
            guard let id else { return continuation.resume() }
            loop.scheduleTask(in: .seconds(Self.secondsLook)) { [self] in
                let waiter = state.withLock { state -> Waiter? in
                    guard let place = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                    return state.waiters.remove(at: place)
                }
                waiter?.continuation.resume()
            }
        }
    }

    // MARK: Slow peers

    /// Lets go of the slowest holdings of peers that are below the least rate, until `count` bytes would be free. Looks once
    /// a second at most; a holding is judged by what moved between two looks.
    func displaceSlow(for count: Int) {
        let now = NIODeadline.now()
        // What is looked at is let go of behind the lock: the last reference gives back, which takes the lock.
        let (displaced, _) = state.withLock { state -> ([Holding], [Holding]) in
            if let looked = state.looked, now - looked < .seconds(Self.secondsLook) { return ([], []) }
            state.looked = now
            var slow: [(holding: Holding, rate: Int)] = []
            var seen: [Holding] = []
            for (id, watched) in state.holdings {
                if let holding = watched.holding { seen.append(holding) } else { continue }
                guard let holding = seen.last, holding.bytes > 0, holding.isPeerOwing else {
                    state.holdings[id]?.seen = nil
                    continue
                }
                let moved = holding.bytesMoved
                if let (before, at) = watched.seen {
                    let rate = Double(moved - before) / (Double((now - at).nanoseconds) / 1e9)
                    if rate < Double(Self.bytesPerSecondLeast) { slow.append((holding, Int(rate))) }
                }
                state.holdings[id]?.seen = (moved, now)
            }
            var missing = state.bytes + count - bytesLarge
            var displaced: [Holding] = []
            // Of two that are as slow the one that holds more.
            for (holding, _) in slow.sorted(by: { ($0.rate, $1.holding.bytes) < ($1.rate, $0.holding.bytes) }) {
                guard missing > 0 else { break }
                missing -= holding.bytes
                displaced.append(holding)
                state.holdings[ObjectIdentifier(holding)] = nil
            }
            return (displaced, seen)
        }
        for holding in displaced { holding.displace?() }
    }
}

/// What one request, or one stream, holds of a budget. Everything is given back when the last reference to it goes.
final class Holding: Sendable {
    private let budget: MemoryBudget
    fileprivate let displace: (@Sendable () -> Void)?
    private let held = Atomic(0)
    private let moved = Atomic(0)
    private let owing = Atomic(true)

    fileprivate init(_ budget: MemoryBudget, displace: (@Sendable () -> Void)?) {
        self.budget = budget
        self.displace = displace
    }

    deinit {
        budget.give(bytes)
        if displace != nil { budget.forget(ObjectIdentifier(self)) }
    }

    /// Bytes that are held.
    var bytes: Int { held.load(ordering: .relaxed) }
    fileprivate var bytesMoved: Int { moved.load(ordering: .relaxed) }

    /// True while it is the peer who has to do something: to send, or to take. False while it waits for us; it is not
    /// displaced then.
    var isPeerOwing: Bool {
        get { owing.load(ordering: .relaxed) }
        set { owing.store(newValue, ordering: .relaxed) }
    }

    /// Tells that the peer sent or took bytes.
    func move(_ count: Int) { moved.wrappingAdd(count, ordering: .relaxed) }

    /// Takes bytes, waiting up to ten seconds for room. Throws `MemoryBudget.Exhausted`, or when the task is cancelled.
    func take(_ count: Int) async throws {
        if !takeNow(count) {
            try await budget.wait(for: count, held: bytes)
            held.wrappingAdd(count, ordering: .relaxed)
        }
    }

    /// False when there is no room.
    func takeNow(_ count: Int) -> Bool {
        guard budget.take(count, held: bytes) else { return false }
        held.wrappingAdd(count, ordering: .relaxed)
        return true
    }

    /// Counts bytes that are in memory already, so that others hold back.
    func add(_ count: Int) {
        budget.add(count)
        held.wrappingAdd(count, ordering: .relaxed)
    }

    func give(_ count: Int) {
        held.wrappingSubtract(count, ordering: .relaxed)
        budget.give(count)
    }
}
