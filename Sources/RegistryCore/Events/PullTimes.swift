import Foundation
import OCI
import Synchronization

/// When each repository and tag was last pulled while this process runs.
final class PullTimes: Sendable {
    /// Entries; when they are used up the record starts over.
    private static let entriesMax = 65_536

    private struct Key: Hashable {
        var name: RepositoryName
        var tag: Tag?
    }

    private let times = Mutex<[Key: Date]>([:])

    func record(_ name: RepositoryName, _ tag: Tag?, at time: Date) {
        times.withLock { times in
            if times.count > Self.entriesMax { times.removeAll() }
            times[Key(name: name, tag: nil)] = time
            if let tag { times[Key(name: name, tag: tag)] = time }
        }
    }

    /// Nil when it was not pulled.
    func last(_ name: RepositoryName, _ tag: Tag? = nil) -> Date? {
        times.withLock { $0[Key(name: name, tag: tag)] }
    }
}
