package import OCI
import Synchronization

/// Where a request has met the tree and the index may not know it: places to be looked at soon, by somebody whom nobody
/// waits for.
package final class GapQueue: Sendable {
    package enum Gap: Hashable, Sendable {
        case tag(Tag, RepositoryName)
        case manifest(Digest, RepositoryName)
        case layer(Digest, RepositoryName)
        case blob(Digest)
    }

    /// Places that wait. What comes beyond is forgotten: the next request for it says it again.
    private static let gapsMax = 1000

    private struct State {
        var gaps: Set<Gap> = []
        var order: [Gap] = []
    }

    private let state = Mutex(State())
    private let signal = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// Never waits.
    package func note(_ gap: Gap) {
        let isNew = state.withLock { state in
            guard state.gaps.count < Self.gapsMax, state.gaps.insert(gap).inserted else { return false }
            state.order.append(gap)
            return true
        }
        if isNew { signal.continuation.yield() }
    }

    /// Everything that waits, in the order it came.
    package func take() -> [Gap] {
        state.withLock { state in
            defer { state = State() }
            return state.order
        }
    }

    /// A value each time something has come since the last; ends when the waiting task is cancelled. For one reader.
    package var arrivals: AsyncStream<Void> { signal.stream }
}
