import Synchronization

/// Locks by key, for pushes and removals to agree on: many may hold a key shared, or one exclusive.
///
/// A push holds the digests it relies on shared, from before it checks them until its links are written; a removal takes a
/// digest exclusive and checks again under it. A sweep only ever tries, and moves on; whoever else wants a key for itself
/// waits, and is served in order of arrival, so that a stream of pushes cannot starve it.
package final class KeyedLocks<Key: Hashable & Comparable & Sendable>: Sendable {
    fileprivate struct Entry {
        var shared = 0
        var exclusive = false
        var waiting: [Waiter] = []
    }

    fileprivate struct Waiter {
        var exclusive: Bool
        var resume: CheckedContinuation<Void, Never>
    }

    private let entries = Mutex<[Key: Entry]>([:])

    package init() {}

    /// Takes all keys, waiting while others hold one of them or have come before. Keys are taken in their order, the same for
    /// all, so that two pushes with keys in common cannot wait for each other across the deletions queued between them.
    package func lock(_ keys: Set<Key>, exclusive: Bool) async {
        if keys.count == 1, let key = keys.first { return await lock(key, exclusive: exclusive) }
        for key in keys.sorted() { await lock(key, exclusive: exclusive) }
    }

    /// Takes all keys, or none where that would need waiting.
    package func tryLock(_ keys: Set<Key>, exclusive: Bool) -> Bool {
        var taken: Set<Key> = []
        for key in keys {
            guard tryLock(key, exclusive: exclusive) else {
                unlock(taken, exclusive: exclusive)
                return false
            }
            // What cannot be followed by another need not be remembered.
            if keys.count > 1 { taken.insert(key) }
        }
        return true
    }

    package func unlock(_ keys: Set<Key>, exclusive: Bool) {
        for key in keys { unlock(key, exclusive: exclusive) }
    }

    /// Whether one holds the key alone, or some together; nil while nobody holds it.
    package func isHeldExclusive(_ key: Key) -> Bool? {
        entries.withLock { entries in
            guard let entry = entries[key] else { return nil }
            return entry.exclusive ? true : entry.shared > 0 ? false : nil
        }
    }

    private func tryLock(_ key: Key, exclusive: Bool) -> Bool {
        entries.withLock { entries in
            var entry = entries[key] ?? Entry()
            guard entry.waiting.isEmpty, entry.take(exclusive: exclusive) else { return false }
            entries[key] = entry
            return true
        }
    }

    private func lock(_ key: Key, exclusive: Bool) async {
        if tryLock(key, exclusive: exclusive) { return }
        await withCheckedContinuation { continuation in
            let taken = entries.withLock { entries in
                var entry = entries[key] ?? Entry()
                defer { entries[key] = entry }
                if entry.waiting.isEmpty, entry.take(exclusive: exclusive) { return true }
                entry.waiting.append(Waiter(exclusive: exclusive, resume: continuation))
                return false
            }
            if taken { continuation.resume() }
        }
    }

    private func unlock(_ key: Key, exclusive: Bool) {
        let resumed = entries.withLock { entries -> [Waiter] in
            guard var entry = entries[key] else { preconditionFailure("a lock is released that nobody holds") }
            if exclusive { entry.exclusive = false } else { entry.shared -= 1 }
            var resumed: [Waiter] = []
            while let first = entry.waiting.first, entry.take(exclusive: first.exclusive) {
                resumed.append(entry.waiting.removeFirst())
            }
            entries[key] = entry.shared == 0 && !entry.exclusive && entry.waiting.isEmpty ? nil : entry
            return resumed
        }
        for waiter in resumed { waiter.resume.resume() }
    }
}

extension KeyedLocks.Entry {
    /// Takes the entry when its holders allow it.
    fileprivate mutating func take(exclusive wanted: Bool) -> Bool {
        guard !exclusive, !wanted || shared == 0 else { return false }
        if wanted { exclusive = true } else { shared += 1 }
        return true
    }
}
