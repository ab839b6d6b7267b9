package import Foundation
package import OCI

/// A body on its way in or out: state, not an event. Snapshots come from `TransferTable`.
package struct Transfer: Sendable, Equatable, Identifiable {
    package enum Direction: Sendable, Equatable {
        case push, pull
    }

    package var id: UInt64
    package var direction: Direction
    package var repository: RepositoryName
    /// Nil while a push has not said its digest.
    package var digest: Digest?
    package var client: Client
    package var started: Date
    package var bytesDone: Int64
    /// Nil when the client did not say how much will come.
    package var bytesTotal: Int64?

    package init(
        id: UInt64, direction: Direction, repository: RepositoryName, digest: Digest?, client: Client, started: Date,
        bytesDone: Int64 = 0, bytesTotal: Int64?
    ) {
        self.id = id
        self.direction = direction
        self.repository = repository
        self.digest = digest
        self.client = client
        self.started = started
        self.bytesDone = bytesDone
        self.bytesTotal = bytesTotal
    }
}
