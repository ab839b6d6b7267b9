package import Foundation

/// What a sweep did, in numbers.
package struct SweepSummary: Sendable, Equatable, Codable {
    package var run: UUID
    package var linesRemoved = 0
    /// Of the plan, those that stay.
    package var linesSpared = 0
    /// Of the spared, those that something failed on.
    package var linesFailed = 0
    /// As in `SweepReport`.
    package var bytesFreed: Int64 = 0
    package var bytesQuarantined: Int64 = 0
    package var purged: Date?
    package var seconds = 0.0
    /// Why it did not come to the end of its plan; nil when it did. It can be resumed.
    package var broken: String?

    package init(run: UUID) { self.run = run }

    private enum CodingKeys: String, CodingKey {
        // As in a plan: they have one number.
        case run = "plan"
        case linesRemoved, linesSpared, linesFailed, bytesFreed, bytesQuarantined, purged, seconds, broken
    }
}

/// What became of lines that were to come back from the quarantine, in numbers.
package struct UndoSummary: Sendable, Equatable, Codable {
    package var run: UUID
    package var linesRestored: Int
    package var linesKept: Int

    package init(run: UUID, linesRestored: Int = 0, linesKept: Int = 0) {
        self.run = run
        self.linesRestored = linesRestored
        self.linesKept = linesKept
    }
}
