import DequeModule
import NIOCore
import Synchronization

/// A request's body on its way from the event loop to the task that takes it, never more than a bounded buffer of it.
///
/// The connection stops reading above `bytesHighWater`; the task is woken when a batch is worth the hop, or at the end.
final class RequestBody: Sendable {
    /// Bytes that may wait here before the connection stops reading. More than a batch, or both sides would wait.
    static let bytesHighWater = 2 << 20
    /// Bytes that are worth waking the task for: hashing and writing them takes longer than the hop.
    static let bytesBatch = 512 << 10

    /// The body ended before it was whole.
    enum Interruption: Error {
        case disconnected
        /// The client was cut off, for nothing came from it.
        case timedOut
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
    }

    private let state = Mutex(State())
    /// Called from the task when there is room again.
    private let drained: @Sendable () -> Void

    init(drained: @escaping @Sendable () -> Void) { self.drained = drained }

    /// True while the connection should not read more.
    var isFull: Bool { state.withLock { $0.bytes > Self.bytesHighWater } }

    func append(_ buffer: ByteBuffer) {
        wake { state in
            state.buffers.append(buffer)
            state.bytes += buffer.readableBytes
            state.arrived += buffer.readableBytes
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

    func finish() { wake { $0.end = .finished } }

    func interrupt(_ reason: Interruption) { wake { if case .open = $0.end { $0.end = .interrupted(reason) } } }

    private func wake(_ change: (inout State) -> Void) {
        let resumed = state.withLock {
            state -> (CheckedContinuation<[ByteBuffer], any Error>, Result<[ByteBuffer], any Error>)? in
            change(&state)
            guard let waiting = state.waiting, let outcome = state.take() else { return nil }
            state.waiting = nil
            return (waiting, outcome)
        }
        if let (waiting, outcome) = resumed {
            waiting.resume(with: outcome)
            drained()
        }
    }

    /// Everything that has piled up; empty at the end. Throws `Interruption` when what came before the break was taken.
    func next() async throws -> [ByteBuffer] {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state -> Result<[ByteBuffer], any Error>? in
                if let outcome = state.take() { return outcome }
                state.waiting = continuation
                return nil
            }
            if let outcome {
                continuation.resume(with: outcome)
                drained()
            }
        }
    }

    /// The whole body in one piece; nil when it is longer than `limit` bytes.
    func collect(limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        while true {
            let batch = try await next()
            if batch.isEmpty { return bytes }
            for buffer in batch {
                guard bytes.count + buffer.readableBytes <= limit else { return nil }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        }
    }
}

extension RequestBody.State {
    /// What the task may have now; nil when it should wait.
    fileprivate mutating func take() -> Result<[ByteBuffer], any Error>? {
        switch end {
        case .interrupted(let reason) where buffers.isEmpty: return .failure(reason)
        case .open where bytes < RequestBody.bytesBatch: return nil
        case .open, .finished, .interrupted:
            defer { (buffers, bytes) = ([], 0) }
            return .success(Array(buffers))
        }
    }
}
