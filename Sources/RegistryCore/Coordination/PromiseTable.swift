package import OCI

/// Times by digest and repository, bounded as a whole: whoever brings more than there is room for displaces their own.
///
/// When it is full every repository keeps its newest entries up to one number, the largest with which all fit: those that
/// have fewer lose none, whatever the others do.
package struct PromiseTable: Sendable {
    /// Entries, some 500 bytes each.
    package static let entriesMax = 65_536

    package private(set) var times: [Digest: [RepositoryName: Int64]] = [:]
    package private(set) var count = 0
    private var counts: [RepositoryName: Int] = [:]
    private let entriesMax: Int

    package init(entriesMax: Int = PromiseTable.entriesMax) { self.entriesMax = entriesMax }

    /// Sets a time. Costs a look-up; now and then, when the table is full, a walk through it, which makes room for an eighth
    /// of it at once.
    package mutating func set(_ time: Int64, for digest: Digest, in name: RepositoryName) {
        // One copy of each name, whatever the number of its entries.
        let name = counts.index(forKey: name).map { counts[$0].key } ?? name
        guard times[digest, default: [:]].updateValue(time, forKey: name) == nil else { return }
        counts[name, default: 0] += 1
        count += 1
        if count > entriesMax { makeRoom() }
    }

    package mutating func remove(_ digest: Digest, in name: RepositoryName) {
        guard times[digest]?.removeValue(forKey: name) != nil else { return }
        if times[digest]?.isEmpty == true { times[digest] = nil }
        count -= 1
        counts[name, default: 1] -= 1
        if counts[name] == 0 { counts[name] = nil }
    }

    /// The latest for a digest, in whichever repository; nil when there is none.
    package func latest(_ digest: Digest) -> Int64? { times[digest]?.values.max() }

    // MARK: Room

    private struct Entry {
        var time: Int64
        var digest: Digest
        var name: RepositoryName
    }

    private mutating func makeRoom() {
        let room = entriesMax - entriesMax / 8
        let share = Self.share(of: counts.values.sorted(), in: room)
        var over: [RepositoryName: [Entry]] = [:]
        for (digest, entries) in times {
            for (name, time) in entries where counts[name, default: 0] > share {
                over[name, default: []].append(Entry(time: time, digest: digest, name: name))
            }
        }
        var leaving = over.values.flatMap { entries in
            entries.sorted { $0.time < $1.time }.dropLast(share)
        }
        if share == 0 {
            // More repositories than there is room for entries: the oldest go, whosever they are.
            leaving = Array(leaving.sorted { $0.time < $1.time }.prefix(count - room))
        }
        for entry in leaving { remove(entry.digest, in: entry.name) }
    }

    /// The largest number such that all fit when none has more than that.
    private static func share(of counts: [Int], in room: Int) -> Int {
        var (room, left) = (room, counts.count)
        for count in counts {
            if count > room / left { return room / left }
            room -= count
            left -= 1
        }
        return .max
    }
}
