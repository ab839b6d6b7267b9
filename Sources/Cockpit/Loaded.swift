import Foundation

/// A snapshot that is asked for and arrives later, with the registry's generation it belongs to.
struct Loaded<Value: Sendable>: Sendable {
    /// The newest that has arrived; kept while a newer one is on its way, and gone when that one fails: what cannot be
    /// read any more is not shown as if it could.
    private(set) var value: Value?
    /// Why the last request failed; nil when it did not.
    private(set) var failure: String?
    /// Whether that was for something that nobody knows, which while the index is built may only not have been read yet.
    private(set) var isUnknown = false
    /// When the request that is under way was made; nil when none is.
    private(set) var requested: Date?
    /// When the newest arrived, where that was said.
    private(set) var arrived: Date?
    private var generation: UInt64?

    /// Whether it must be asked for to show `generation`; if so, notes that it has been.
    mutating func request(for generation: UInt64, at now: Date) -> Bool {
        guard requested == nil, self.generation != generation else { return false }
        self.generation = generation
        requested = now
        return true
    }

    mutating func arrived(_ result: Result<Value, Failure>, at now: Date? = nil) {
        (requested, arrived) = (nil, now)
        switch result {
        case .success(let value):
            self.value = value
            (failure, isUnknown) = (nil, false)
        case .failure(let error):
            value = nil
            failure = error.message
            isUnknown = error.isUnknown
        }
    }

    /// The newest is still what is asked for.
    mutating func arrivedUnchanged() {
        requested = nil
        (failure, isUnknown) = (nil, false)
    }

    /// Makes the next ``request(for:at:)`` ask again, whatever the generation.
    mutating func expire() { (generation, arrived) = (nil, nil) }

    /// Whether the wait has become long enough to be worth a word: below 150 ms nothing should flash.
    func isSlow(at now: Date) -> Bool {
        guard value == nil, let requested else { return false }
        return now.timeIntervalSince(requested) > 0.15
    }
}
