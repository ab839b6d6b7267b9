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

    private struct Entry {
        var time: Date
        /// Nobody has asked for it yet.
        var isNew: Bool
    }

    private struct Record {
        var entries: [Key: Entry] = [:]
        /// Keys of what is new.
        var new: [Key] = []

        /// One look-up for what is new already, as is nearly all that is pulled often.
        mutating func note(_ key: Key, _ time: Date) {
            let was = entries.updateValue(Entry(time: time, isNew: true), forKey: key)
            if was?.isNew != true { new.append(key) }
        }
    }

    private let record = Mutex(Record())

    func record(_ name: RepositoryName, _ tag: Tag?, at time: Date) {
        record.withLock { record in
            if record.entries.count > Self.entriesMax {
                record.entries = record.entries.filter { $0.value.isNew }
            }
            record.note(Key(name: name, tag: nil), time)
            if let tag { record.note(Key(name: name, tag: tag), time) }
        }
    }

    /// The times that came since the last call of this.
    package func takeNew() -> [(name: RepositoryName, tag: Tag?, time: Date)] {
        record.withLock { record in
            let keys = record.new
            record.new = []
            return keys.compactMap { key in
                record.entries[key]?.isNew = false
                return record.entries[key].map { (key.name, key.tag, $0.time) }
            }
        }
    }

    /// Nil when it was not pulled.
    package func last(_ name: RepositoryName, _ tag: Tag? = nil) -> Date? {
        record.withLock { $0.entries[Key(name: name, tag: tag)]?.time }
    }
}
