import Foundation
import RegistryCore

/// What is known of a run before its lines, which follow on their own. One that was read has none, nor what they add up
/// to, nor the seconds that it was to stay.
extension QuarantinedRun: Codable {
    private enum CodingKeys: String, CodingKey {
        case id = "run"
        case started, by, state, problem, linesPlanned, purged
    }

    /// Throws `PlanInvalid` for a state that there is not.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let word = try fields.decode(String.self, forKey: .state)
        let problem = try fields.decodeIfPresent(String.self, forKey: .problem)
        guard let state = State(word: word, problem: problem) else {
            throw PlanInvalid(reason: "there is no run that is \(word)")
        }
        self.init(
            id: try fields.decode(UUID.self, forKey: .id), started: try fields.decode(Date.self, forKey: .started),
            by: try fields.decode(String.self, forKey: .by), state: state, lines: [],
            linesPlanned: try fields.decode(Int.self, forKey: .linesPlanned),
            purged: try fields.decodeIfPresent(Date.self, forKey: .purged))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(started, forKey: .started)
        try fields.encode(by, forKey: .by)
        try fields.encode(state.word, forKey: .state)
        try fields.encodeIfPresent(state.problem, forKey: .problem)
        try fields.encode(linesPlanned, forKey: .linesPlanned)
        try fields.encodeIfPresent(purged, forKey: .purged)
    }
}

extension QuarantinedRun.State {
    /// Why it is unreadable, and what can be done; nil where it is not.
    package var problem: String? { if case .unreadable(let reason) = self { reason } else { nil } }

    fileprivate init?(word: String, problem: String?) {
        let all: [Self] = [.finished, .interrupted, .running, .unreadable(problem ?? "")]
        guard let state = all.first(where: { $0.word == word }) else { return nil }
        self = state
    }
}
