package import RegistryCollector
import RegistryCore

/// What a person can ask of the collector of one data directory: answered in this process where nobody serves the
/// directory, and over its control socket where somebody does. Who asks need not know which.
package protocol CollectorService: Sendable {
    /// Gives the answer part by part, and waits for each to be taken; whatever its size, a part is all that is held. Returns
    /// when it is whole.
    ///
    /// | request | parts before the end | end |
    /// |---|---|---|
    /// | plan | its head, lines, what is spared, what is damaged | |
    /// | run | progress, lines that went where they are asked for, what is spared | `SweepSummary` |
    /// | steer | | |
    /// | runs | for each run its head, lines that can come back, its tail | |
    /// | undo | progress, lines that are back, what stays | `UndoSummary` |
    /// | purge, reclaim, tag | | the value of that name |
    ///
    /// - Parameter lines: of the plan that is to be run; nil for every other request.
    func answer(
        _ request: ControlRequest, lines: (any PlanLines)?, _ give: (ControlPart) async throws -> Void
    ) async throws(ControlError)
}

extension CollectorService {
    /// What a request ends with.
    package func end<Value: Decodable>(
        of request: ControlRequest, _ type: Value.Type = Value.self
    ) async throws(ControlError) -> Value {
        var end: ControlPart?
        try await answer(request, lines: nil) { if $0.kind == .end { end = $0 } }
        guard let end else { throw ControlError(.failed, "there was no answer") }
        return try end.decoded()
    }

    /// Tells the running sweep what to do; nothing where none runs.
    package func steer(_ order: SweepOrder) async throws(ControlError) {
        try await answer(.steer(order), lines: nil) { _ in }
    }
}
