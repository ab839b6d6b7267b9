import DequeModule
package import Foundation
import Synchronization

/// Hands every event to every subscriber without waiting for any of them.
///
/// Each subscriber has a bounded queue; a full one loses its oldest events and is told how many. All get them in the same
/// order. Publishing costs a short lock and one a subscriber and never blocks on a reader; where nobody reads, next to nothing.
package final class EventHub: Sendable {
    private struct State {
        var subscriptions: [UInt64: EventSubscription] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())
    private let serials = Serials()
    private let readers = Atomic<Int>(0)

    package init() {}

    /// Starts receiving what the access lets see. `capacity` is in events; `onArrival` is called when the queue was empty
    /// before, on the publisher's thread, so it must only wake somebody.
    package func subscribe(
        by access: Access, capacity: Int = 4096, onArrival: (@Sendable () -> Void)? = nil
    ) -> EventSubscription {
        state.withLock { state in
            state.next += 1
            let subscription = EventSubscription(
                id: state.next, access: access, capacity: capacity, onArrival: onArrival)
            state.subscriptions[state.next] = subscription
            readers.store(state.subscriptions.count, ordering: .releasing)
            return subscription
        }
    }

    package func unsubscribe(_ subscription: EventSubscription) {
        state.withLock { state in
            _ = state.subscriptions.removeValue(forKey: subscription.id)
            readers.store(state.subscriptions.count, ordering: .releasing)
        }
    }

    /// Tells what has happened.
    ///
    /// - Parameter time: of the clock; nil for now.
    package func publish(_ action: RegistryEvent.Action, by client: Client, at time: Date? = nil) {
        guard readers.load(ordering: .acquiring) > 0 else { return }
        let time = time ?? Date()
        state.withLock { state in
            let event = RegistryEvent(id: serials.next(), time: time, client: client, action: action)
            for subscription in state.subscriptions.values { subscription.deliver(event) }
        }
    }
}

/// One subscriber's queue of events.
package final class EventSubscription: Sendable {
    fileprivate let id: UInt64
    private let access: Access
    private let capacity: Int
    private let onArrival: (@Sendable () -> Void)?
    private let queue = Mutex((events: Deque<RegistryEvent>(), dropped: 0))

    fileprivate init(id: UInt64, access: Access, capacity: Int, onArrival: (@Sendable () -> Void)?) {
        self.id = id
        self.access = access
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
        guard event.isShown(to: access) else { return }
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
