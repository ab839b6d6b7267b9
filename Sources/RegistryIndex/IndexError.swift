/// The index could not answer. It is derived, so the mend is always the same: delete it, and it is built anew.
package enum IndexError: Error, Sendable, Equatable, CustomStringConvertible {
    /// SQLite's own words, in one line.
    case database(String)

    package var description: String {
        switch self {
        case .database(let message): "index: \(message)"
        }
    }
}
