import Foundation
package import OCI
import Synchronization

/// The bodies on their way in and out at this moment.
package final class TransferTable: Sendable {
    private let running = Mutex<[UInt64: RunningTransfer]>([:])
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
        running.withLock { $0[id] = transfer }
        return transfer
    }

    /// All of them, oldest first.
    package func snapshot() -> [Transfer] {
        running.withLock { Array($0.values) }.map(\.now).sorted { $0.id < $1.id }
    }

    package var count: Int { running.withLock { $0.count } }

    fileprivate func remove(_ id: UInt64) { running.withLock { _ = $0.removeValue(forKey: id) } }
}

/// One transfer's progress; advancing costs one atomic addition.
package final class RunningTransfer: Sendable {
    private let start: Transfer
    private let bytes = Atomic<Int64>(0)
    private let table: TransferTable

    fileprivate init(_ start: Transfer, table: TransferTable) {
        self.start = start
        self.table = table
    }

    package func advance(_ count: Int) { bytes.wrappingAdd(Int64(count), ordering: .relaxed) }

    package var bytesDone: Int64 { bytes.load(ordering: .relaxed) }

    package func end() { table.remove(start.id) }

    fileprivate var now: Transfer {
        var transfer = start
        transfer.bytesDone = bytesDone
        return transfer
    }
}
