import Foundation
package import OCI
import Synchronization

/// The bodies on their way in and out at this moment, and the bytes of all there ever were.
///
/// Whoever moves bytes says so with one atomic store a piece; everything else is paid by who looks.
package final class TransferTable: Sendable {
    private struct State {
        var running: [UInt64: RunningTransfer] = [:]
        var onFirst: (@Sendable () -> Void)?
        /// Of those that are over.
        var bytesIn: UInt64 = 0
        var bytesOut: UInt64 = 0
    }

    private let state = Mutex(State())
    private let next = Atomic<UInt64>(0)

    package init() {}

    /// Enters a transfer; it stays until its `end`. `total` in bytes, nil when unknown.
    package func begin(
        _ direction: Transfer.Direction, _ name: RepositoryName, digest: Digest?, total: Int64?, by client: Client
    ) -> RunningTransfer {
        let id = next.wrappingAdd(1, ordering: .relaxed).newValue
        let transfer = RunningTransfer(
            Transfer(
                id: id, direction: direction, repository: name, digest: digest, client: client, started: Date(),
                bytesTotal: total), table: self)
        let onFirst = state.withLock { state in
            defer { state.running[id] = transfer }
            return state.running.isEmpty ? state.onFirst : nil
        }
        onFirst?()
        return transfer
    }

    /// Sets what is called when a transfer begins and none was under way, on its thread; it must only wake somebody. Nil for
    /// nothing.
    package func onFirst(_ wake: (@Sendable () -> Void)?) { state.withLock { $0.onFirst = wake } }

    /// Those of repositories that may be pulled from, as they were last looked at, oldest first.
    package func snapshot(by access: Access) -> [Transfer] {
        state.withLock { Array($0.running.values) }.map(\.now).filter { access.may(.pull, $0.repository) }
            .sorted { $0.id < $1.id }
    }

    package var count: Int { state.withLock { $0.running.count } }

    /// Bytes that have come in and gone out since the registry was opened, as far as they were last looked at: of what is over
    /// and of what is under way, so that a long transfer is counted while it moves. They never fall.
    package var bytes: (in: UInt64, out: UInt64) {
        state.withLock { state in
            var sums = (in: state.bytesIn, out: state.bytesOut)
            for transfer in state.running.values {
                let bytes = UInt64(max(0, transfer.bytesDone))
                if transfer.isPush { sums.in &+= bytes } else { sums.out &+= bytes }
            }
            return sums
        }
    }

    /// Has each transfer whose progress only its peer's system knows look at it, and returns when they have: before a
    /// snapshot that is to be of this moment. Costs a hop and a call of the system for each download under way.
    package func refresh() async {
        let looks = state.withLock { Array($0.running.values) }.compactMap(\.look)
        guard !looks.isEmpty else { return }
        let left = LooksLeft(looks.count)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            for look in looks { look { if left.isLast() { continuation.resume() } } }
        }
    }

    fileprivate func remove(_ transfer: RunningTransfer) {
        state.withLock { state in
            guard state.running.removeValue(forKey: transfer.id) != nil else { return }
            let bytes = UInt64(max(0, transfer.bytesDone))
            if transfer.isPush { state.bytesIn &+= bytes } else { state.bytesOut &+= bytes }
        }
    }
}

/// How many looks are not done yet.
private final class LooksLeft: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    /// One is done; true when it was the last.
    func isLast() -> Bool { count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}

/// One transfer's progress.
package final class RunningTransfer: Sendable {
    /// Brings the transfer up to date and then calls what it is given, once, whatever happens.
    package typealias Look = @Sendable (_ done: @escaping @Sendable () -> Void) -> Void

    private let start: Transfer
    private let bytes = Atomic<Int64>(0)
    private let looking = Mutex<Look?>(nil)
    private let table: TransferTable

    fileprivate init(_ start: Transfer, table: TransferTable) {
        self.start = start
        self.table = table
    }

    fileprivate var id: UInt64 { start.id }
    fileprivate var isPush: Bool { start.direction == .push }

    /// What has come in.
    package func advance(_ count: Int) { bytes.wrappingAdd(Int64(count), ordering: .relaxed) }

    /// What the peer has taken, of a body that goes out; less than before is not heeded.
    package func reached(_ count: Int64) { bytes.max(count, ordering: .relaxed) }

    package var bytesDone: Int64 { bytes.load(ordering: .relaxed) }

    /// From now on who looks at the table has `look` find out how far this has come; nil when there is nothing to find out.
    package func watch(_ look: Look?) { looking.withLock { $0 = look } }

    fileprivate var look: Look? { looking.withLock { $0 } }

    /// It is over, with the bytes that were counted.
    package func end() {
        // It knows whoever moves the bytes, who knows this.
        watch(nil)
        table.remove(self)
    }

    fileprivate var now: Transfer {
        var transfer = start
        transfer.bytesDone = bytesDone
        return transfer
    }
}
