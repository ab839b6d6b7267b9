import DequeModule
import NIOCore
import OCI
import Synchronization

/// A request's body on its way from the event loop to the task that takes it, never more than a bounded buffer of it.
///
/// The connection stops reading above `bytesHighWater`; the task is woken when a batch is worth the hop, or at the end. While
/// memory is short nothing waits here: the task is given what there is, and the connection reads on when it has taken it.
final class RequestBody: Sendable {
    /// Bytes that may wait here before the connection stops reading. More than a batch, or both sides would wait.
    static let bytesHighWater = 2 << 20
    /// Bytes that are worth waking the task for: hashing and writing them takes longer than the hop.
    static let bytesBatch = 512 << 10
    /// A buffer below this is copied to the end of the one before: a body may come a byte at a time, and each of its pieces
    /// would keep an envelope, and all that was read from the socket together with it.
    fileprivate static let bytesPieceLeast = 4 << 10
    /// Bytes of a buffer to which others are added.
    fileprivate static let bytesGathered = 64 << 10

    /// The body ended before it was whole.
    enum Interruption: Error {
        case disconnected
        /// The client was cut off, for nothing came from it.
        case timedOut
        /// Memory was short, and the client too slow to be waited for.
        case displaced
    }

    fileprivate enum End {
        case open, finished
        case interrupted(Interruption)
    }

    fileprivate struct State {
        var buffers: Deque<ByteBuffer> = []
        var bytes = 0
        var end = End.open
        var waiting: CheckedContinuation<[ByteBuffer], any Error>?
        /// Bytes that have arrived since the start, and who wants to hear of more.
        var arrived = 0
        var watcher: (@Sendable (Int) -> Void)?
        /// Others need the room: what comes is not gathered any more.
        var isHurried = false
        /// The connection does not read, and waits to be told that there is room.
        var isHeldBack = false
        /// Of what waits here.
        var holding: Holding?
    }

    private let state = Mutex(State())
    private let budget: MemoryBudget
    /// Called from the task when there is room again and the connection waits for it.
    private let drained: @Sendable () -> Void

    init(_ budget: MemoryBudget, drained: @escaping @Sendable () -> Void) {
        self.budget = budget
        self.drained = drained
        // Nothing is lost by it, so the client need not hear of it.
        let holding = budget.open { [weak self] in self?.wake(batch: 1) { $0.isHurried = true } }
        state.withLock { $0.holding = holding }
    }

    /// True while the connection should not read more: asked once for all that came in one go. Wakes the task when memory is
    /// short, and it is that which does not take what is here.
    func holdsBack() -> Bool {
        let isShort = budget.isTight
        // One look at both: a connection that stops while its task waits would wait for it for ever.
        let (woken, isHeldBack) = state.withLock { state -> (Resumed?, Bool) in
            let bytesMost = isShort || state.isHurried ? 0 : Self.bytesHighWater
            let woken = state.bytes > bytesMost ? resumed(from: &state, batch: 1) : nil
            state.isHeldBack = state.bytes > bytesMost
            return (woken, state.isHeldBack)
        }
        woken?.go(drained)
        return isHeldBack
    }

    /// The task has taken all that there was, and waits.
    var isAwaited: Bool { state.withLock { $0.waiting != nil } }

    /// Wakes the task for a batch only, however short memory is: a body of single bytes would wake it for each of them.
    func append(_ buffer: ByteBuffer) {
        wake(batch: Self.bytesBatch) { state in
            state.append(buffer)
            state.holding?.add(buffer.readableBytes)
            state.holding?.move(buffer.readableBytes)
            state.watcher?(buffer.readableBytes)
        }
    }

    /// Tells of bytes as they arrive, those that have arrived at once: a slow upload moves under the eyes of whoever watches
    /// it, long before a batch is full. `watcher` must only count.
    func watch(_ watcher: @escaping @Sendable (Int) -> Void) {
        state.withLock { state in
            if state.arrived > 0 { watcher(state.arrived) }
            state.watcher = watcher
        }
    }

    func finish() { wake(batch: Self.bytesBatch) { $0.end = .finished } }

    func interrupt(_ reason: Interruption) {
        wake(batch: Self.bytesBatch) { if case .open = $0.end { $0.end = .interrupted(reason) } }
    }

    /// - Parameter batch: bytes that are worth waking the task for; at the end any are.
    private func wake(batch: Int, _ change: (inout State) -> Void) {
        let woken = state.withLock { state in
            change(&state)
            return resumed(from: &state, batch: batch)
        }
        woken?.go(drained)
    }

    /// The task, if it waits and there is enough for it; to be let go behind the lock.
    private func resumed(from state: inout State, batch: Int) -> Resumed? {
        guard let waiting = state.waiting, let taken = take(from: &state, batch: batch) else { return nil }
        state.waiting = nil
        return Resumed(task: waiting, taken: taken)
    }

    /// Everything that has piled up; empty at the end. Throws `Interruption` when what came before the break was taken.
    func next() async throws -> [ByteBuffer] {
        try await withCheckedThrowingContinuation { continuation in
            let taken = state.withLock { state -> Taken? in
                // A connection that stopped reading sends no more: there will be no larger batch.
                let batch = state.isHeldBack || state.isHurried || budget.isTight ? 1 : Self.bytesBatch
                if let taken = take(from: &state, batch: batch) { return taken }
                state.waiting = continuation
                return nil
            }
            if let taken { Resumed(task: continuation, taken: taken).go(drained) }
        }
    }

    /// What the task is given, and whether the connection waited for it.
    private struct Taken {
        var outcome: Result<[ByteBuffer], any Error>
        var wasHeldBack: Bool
    }

    private struct Resumed {
        var task: CheckedContinuation<[ByteBuffer], any Error>
        var taken: Taken

        /// - Parameter drained: told when the connection waits for it.
        func go(_ drained: () -> Void) {
            task.resume(with: taken.outcome)
            if taken.wasHeldBack { drained() }
        }
    }

    /// What the task may have now; nil when it should wait.
    private func take(from state: inout State, batch: Int) -> Taken? {
        let bytes = state.bytes
        guard let outcome = state.take(batch: batch) else { return nil }
        state.holding?.give(bytes - state.bytes)
        defer { state.isHeldBack = false }
        return Taken(outcome: outcome, wasHeldBack: state.isHeldBack)
    }

    /// The whole body in one piece; nil when it is longer than `limit` bytes.
    ///
    /// - Parameter holding: takes the bytes, and waits for room for them; they are its own then. Its peer is the client: that
    ///   it is waited for is told there.
    func collect(limit: Int, holding: Holding) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        while true {
            holding.isPeerOwing = true
            defer { holding.isPeerOwing = false }
            let batch = try await next()
            holding.isPeerOwing = false
            if batch.isEmpty { return bytes }
            let count = batch.reduce(0) { $0 + $1.readableBytes }
            guard bytes.count + count <= limit else { return nil }
            try await holding.take(count)
            for buffer in batch { bytes.append(contentsOf: buffer.readableBytesView) }
        }
    }
}

extension RequestBody.State {
    fileprivate mutating func append(_ buffer: ByteBuffer) {
        let count = buffer.readableBytes
        bytes += count
        arrived = arrived.addingClamped(count)
        if count < RequestBody.bytesPieceLeast, let last = buffers.last,
            last.readableBytes + count <= RequestBody.bytesGathered
        {
            buffers[buffers.count - 1].writeImmutableBuffer(buffer)
        } else if count < RequestBody.bytesPieceLeast {
            // A copy, so that what it was read with can go.
            buffers.append(ByteBuffer(bytes: buffer.readableBytesView))
        } else {
            buffers.append(buffer)
        }
    }

    /// - Parameter batch: bytes that are worth waking the task for.
    fileprivate mutating func take(batch: Int) -> Result<[ByteBuffer], any Error>? {
        switch end {
        case .interrupted(let reason) where buffers.isEmpty: return .failure(reason)
        case .open where bytes < batch: return nil
        case .open, .finished, .interrupted:
            defer { (buffers, bytes) = ([], 0) }
            return .success(Array(buffers))
        }
    }
}
