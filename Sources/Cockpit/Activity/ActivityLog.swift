import DequeModule
import Foundation
import OCI
import RegistryCore

/// What clients do and did: what is in progress, and what has ended, by the time of its end. Bounded.
struct ActivityLog: Sendable {
    /// Operations kept that have ended; older ones are only in the log file.
    static let operationsMax = 1000
    /// Operations in progress at once; of more the oldest counts as ended.
    static let openMax = 64
    /// How far back one is looked for that goes on after a silence, or that is said once more.
    private static let recentMax = 32

    /// In progress, oldest first.
    private(set) var open: [ClientOperation] = []
    /// Ended, newest end first.
    private(set) var operations: Deque<ClientOperation> = []
    /// Events that the cockpit never saw because its queue was full. Counters do not depend on them.
    private(set) var dropped = 0
    private var nextID = 1
    private var nextNumber = 1

    /// Takes what has happened and what is on its way at `now`. True when what has ended is another list than before.
    @discardableResult
    mutating func take(
        _ events: [RegistryEvent], dropped: Int = 0, transfers: [LiveTransfer] = [], at now: Date
    ) -> Bool {
        let (before, first) = (nextNumber, operations.count)
        self.dropped += dropped
        for event in events { add(event) }
        follow(transfers, at: now)
        settle(at: now)
        return before != nextNumber || first != operations.count || events.contains(where: \.isRefusal)
    }

    private mutating func add(_ event: RegistryEvent) {
        if let index = open.lastIndex(where: { $0.takes(event) }) {
            open[index].add(event)
            guard !open[index].isOpen else { return }
            var operation = open.remove(at: index)
            if case .manifestPushed(_, let descriptor, _, _) = event.action,
                let other = operation.takeOther(than: descriptor.digest, id: nextID)
            {
                begin(other)
            }
            end(operation)
        } else if let index = operations.prefix(Self.recentMax).firstIndex(where: { $0.takes(event) }) {
            var operation = operations.remove(at: index)
            operation.resume()
            operation.add(event)
            if operation.isOpen { open.append(operation) } else { end(operation) }
        } else if let index = operations.prefix(Self.recentMax).firstIndex(where: { $0.repeats(event) }) {
            var operation = operations.remove(at: index)
            operation.times += 1
            operation.ended = max(operation.ended, event.time)
            end(operation)
        } else {
            begin(ClientOperation(event, id: nextID))
        }
    }

    private mutating func begin(_ operation: ClientOperation) {
        nextID += 1
        guard operation.isOpen else { return end(operation) }
        open.append(operation)
        if open.count > Self.openMax { end(open.remove(at: open.firstIndex { $0.live.isEmpty } ?? 0)) }
    }

    /// Gives each body on its way to the operation it is of; one that is of none begins one.
    private mutating func follow(_ transfers: [LiveTransfer], at now: Date) {
        var bodies: [Int: [LiveTransfer]] = [:]
        for body in transfers {
            if let operation = open.last(where: { $0.takes(body.transfer) }) {
                bodies[operation.id, default: []].append(body)
            } else if open.count < Self.openMax {
                bodies[nextID] = [body]
                begin(ClientOperation(body.transfer, id: nextID))
            }
        }
        for index in open.indices { open[index].follow(bodies[open[index].id] ?? [], at: now) }
    }

    /// Lets time pass: what nobody has gone on with is over.
    @discardableResult
    mutating func settle(at now: Date) -> Bool {
        let over = open.filter { $0.hasEnded(at: now) }
        for index in open.indices { open[index].pass(to: now) }
        guard !over.isEmpty else { return false }
        open.removeAll { $0.hasEnded(at: now) }
        for operation in over { end(operation) }
        return true
    }

    private mutating func end(_ operation: ClientOperation) {
        var operation = operation
        operation.conclude()
        guard operation.hasSubstance else { return }
        operation.forgetDigests()
        operation.number = nextNumber
        nextNumber += 1
        // Some are known to have ended only a while after.
        let place = operations.firstIndex { $0.ended <= operation.ended } ?? operations.endIndex
        operations.insert(operation, at: place)
        if operations.count > Self.operationsMax { operations.removeLast() }
    }

    /// What is shown as in progress, oldest first.
    var inProgress: [ClientOperation] { open.filter(\.isKnown) }

    /// The number that the next to end has.
    var numberNext: Int { nextNumber }
}

extension RegistryEvent {
    fileprivate var isRefusal: Bool { if case .refused = action { true } else { false } }
}
