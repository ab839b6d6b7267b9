import RegistryCore
import Synchronization

/// When something that was written down with the time of its end is over, whatever the clock of the wall is set to meanwhile:
/// not before as many seconds have gone by as it had left when it was first asked for, and not after that.
///
/// A clock that was wrong when it was written down, or while nobody looked, cannot be told from time that went by; what it
/// has left is then at most as long as it was to last.
final class Deadlines<Key: Hashable & Sendable>: Sendable {
    private struct Deadline {
        var end: Int64
        /// Of the steady clock.
        var over: Int64
    }

    private let clocks: Clocks
    private let known = Mutex<[Key: Deadline]>([:])

    init(clocks: Clocks = .system) { self.clocks = clocks }

    /// - Parameters:
    ///   - end: in seconds since 1970, as it was written down.
    ///   - lasting: seconds that it lasts in all.
    func isOver(_ key: Key, end: Int64, lasting: Int64) -> Bool {
        let (now, wall) = (clocks.steadySeconds, clocks.wallSeconds)
        return known.withLock { known in
            if let deadline = known[key], deadline.end == end { return deadline.over <= now }
            let left = min(max(0, end.subtractingReportingOverflow(wall).partialValue), max(0, lasting))
            known[key] = Deadline(end: end, over: now + left)
            return left == 0
        }
    }

    /// It is gone, and takes no memory any more.
    func forget(_ key: Key) { known.withLock { $0[key] = nil } }
}
