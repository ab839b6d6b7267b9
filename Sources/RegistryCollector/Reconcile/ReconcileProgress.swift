import RegistryCore

/// How far the comparison of the index with the tree has come.
package struct ReconcileProgress: Sendable, Equatable {
    package var repositories = 0
    package var manifests = 0
    package var blobs = 0
    /// Rows that were added or taken away because the tree said otherwise.
    package var corrections = 0
    package var damaged = 0
    /// Links and blobs that there are to look at; nil while they are being counted.
    package var total: Int64?
    /// From 0 to 1; nil while that is not known.
    package var fraction: Double?
    /// Seconds since it began.
    package var seconds = 0.0
    /// Until its end at the speed of the last half minute; nil while nobody can know.
    package var secondsLeft: Double?

    package init() {}
}

/// How fast the comparison has been lately.
struct ReconcileSpeed {
    /// A speed is taken over at least this many seconds, and at most twice as many: directories differ.
    private static let stretch = 15.0
    /// Before so many seconds have passed nobody can know.
    private static let secondsMin = 2.0

    private var older = (seconds: 0.0, seen: Int64(0))
    private var newer = (seconds: 0.0, seen: Int64(0))

    /// Until `total` is reached; nil while that cannot be told.
    ///
    /// - Parameters:
    ///   - seconds: since the beginning; they only rise.
    ///   - seen: what was looked at till then.
    mutating func secondsLeft(seconds: Double, seen: Int64, of total: Int64) -> Double? {
        if seconds - newer.seconds >= Self.stretch { (older, newer) = (newer, (seconds, seen)) }
        guard total > seen, seen > older.seen, seconds - older.seconds >= Self.secondsMin else { return nil }
        return Double(total - seen) / Double(seen - older.seen) * (seconds - older.seconds)
    }
}
