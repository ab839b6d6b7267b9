import DequeModule
import Foundation
import Synchronization

/// Hands every event to every subscriber without waiting for any of them.
///
/// Each subscriber has a bounded queue; a full one loses its oldest events and is told how many. Publishing costs one
/// short lock a subscriber and never blocks on a reader.
package final class EventHub: Sendable {
    private struct State {
        var subscriptions: [UInt64: EventSubscription] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Starts receiving. `capacity` is in events; `onArrival` is called when the queue was empty before, on the
    /// publisher's thread, so it must only wake somebody.
    package func subscribe(capacity: Int = 4096, onArrival: (@Sendable () -> Void)? = nil) -> EventSubscription {
        state.withLock { state in
            state.next += 1
            let subscription = EventSubscription(id: state.next, capacity: capacity, onArrival: onArrival)
            state.subscriptions[state.next] = subscription
            return subscription
        }
    }

    package func unsubscribe(_ subscription: EventSubscription) {
        state.withLock { _ = $0.subscriptions.removeValue(forKey: subscription.id) }
    }

    package func publish(_ event: RegistryEvent) {
        let receivers = state.withLock { Array($0.subscriptions.values) }
        for receiver in receivers { receiver.deliver(event) }
    }
}

/// One subscriber's queue of events.
package final class EventSubscription: Sendable {
    fileprivate let id: UInt64
    private let capacity: Int
    private let onArrival: (@Sendable () -> Void)?
    private let queue = Mutex((events: Deque<RegistryEvent>(), dropped: 0))

    fileprivate init(id: UInt64, capacity: Int, onArrival: (@Sendable () -> Void)?) {
        self.id = id
        self.capacity = max(1, capacity)
        self.onArrival = onArrival
    }

    /// Everything that has arrived since the last call, oldest first, and how many were lost in between.
    package func take() -> (events: [RegistryEvent], dropped: Int) {
        queue.withLock { queue in
            defer { queue = (Deque(), 0) }
            return (Array(queue.events), queue.dropped)
        }
    }

    fileprivate func deliver(_ event: RegistryEvent) {
        let wasEmpty = queue.withLock { queue in
            let wasEmpty = queue.events.isEmpty
            if queue.events.count == capacity {
                queue.events.removeFirst()
                queue.dropped += 1
            }
            queue.events.append(event)
            return wasEmpty
        }
        if wasEmpty { onArrival?() }
    }
}
