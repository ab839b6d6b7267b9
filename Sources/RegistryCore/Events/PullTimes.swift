package import Foundation
package import OCI
import Synchronization

/// When each repository and tag was last pulled while this process runs.
package final class PullTimes: Sendable {
    /// Entries; when they are used up the record starts over.
    private static let entriesMax = 65_536

    private struct Key: Hashable {
        var name: RepositoryName
        var tag: Tag?
    }

    private struct Record {
        var times: [Key: Date] = [:]
        /// Keys with a time that nobody has asked for yet.
        var new: Set<Key> = []

        mutating func note(_ key: Key, _ time: Date) {
            times[key] = time
            new.insert(key)
        }
    }

    private let record = Mutex(Record())

    func record(_ name: RepositoryName, _ tag: Tag?, at time: Date) {
        record.withLock { record in
            if record.times.count > Self.entriesMax {
                record.times = record.times.filter { record.new.contains($0.key) }
            }
            record.note(Key(name: name, tag: nil), time)
            if let tag { record.note(Key(name: name, tag: tag), time) }
        }
    }

    /// The times that came since the last call of this.
    package func takeNew() -> [(name: RepositoryName, tag: Tag?, time: Date)] {
        record.withLock { record in
            defer { record.new = [] }
            return record.new.compactMap { key in record.times[key].map { (key.name, key.tag, $0) } }
        }
    }

    /// Nil when it was not pulled.
    package func last(_ name: RepositoryName, _ tag: Tag? = nil) -> Date? {
        record.withLock { $0.times[Key(name: name, tag: tag)] }
    }
}
