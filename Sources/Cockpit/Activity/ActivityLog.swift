import DequeModule
import RegistryCore

/// What has happened, newest first, bounded.
struct ActivityLog: Sendable {
    /// Operations kept; older ones are only in the log file.
    static let operationsMax = 1000
    /// How far back an open operation is looked for: as many clients can be at work without tearing lines apart.
    private static let openMax = 32

    private(set) var operations: Deque<ClientOperation> = []
    /// Events that the cockpit never saw because its queue was full. Counters do not depend on them.
    private(set) var dropped = 0
    private var nextID = 1

    mutating func add(_ events: [RegistryEvent], dropped: Int) {
        self.dropped += dropped
        for event in events {
            if let index = operations.prefix(Self.openMax).firstIndex(where: { $0.takes(event) }) {
                operations[index].add(event)
            } else {
                operations.prepend(ClientOperation(event, id: nextID))
                nextID += 1
                if operations.count > Self.operationsMax { operations.removeLast() }
            }
        }
    }
}
