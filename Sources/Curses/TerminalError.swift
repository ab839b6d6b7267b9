/// Why there is no terminal to run on.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
    /// The reason, as half a sentence: `standard output is not a terminal`. Nothing was drawn.
    case unusable(String)
    /// The system has no thread to give.
    case noThread

    package var description: String {
        switch self {
        case .unusable(let reason): reason
        case .noThread: "the system has no thread to give"
        }
    }
}
