package import Foundation
import OCI
import RegistryCore

/// A reason as it stands in JSON.
private struct WrittenReason: Codable {
    /// One word for the case.
    var code: String
    /// The subject, the index, the rule, the place or the failure; nil where the case has none.
    var about: String?
    /// For people; what is read back makes its own.
    var text: String
}

extension SweepPlan.Reason: Codable {
    /// Throws `PlanInvalid` for a reason that there is not.
    package init(from decoder: any Decoder) throws {
        let written = try WrittenReason(from: decoder)
        func digest() throws -> Digest { try PlanInvalid.value(of: written.about ?? "") }
        switch written.code {
        case "not_retained": self = .notRetained(written.about ?? "")
        case "fallback_of": self = .fallbackOf(try digest())
        case "untagged": self = .untagged
        case "subject_removed": self = .subjectRemoved(try digest())
        case "subject_missing": self = .subjectMissing(try digest())
        case "index_removed": self = .indexRemoved(try digest())
        case "unneeded": self = .unneeded
        case "unreferenced": self = .unreferenced
        case "only_removed_references": self = .onlyRemovedReferences
        case "abandoned": self = .abandoned
        case "empty": self = .empty
        default: throw PlanInvalid(reason: "there is no reason \(written.code)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        let code: String
        var about: String?
        switch self {
        case .notRetained(let rule): (code, about) = ("not_retained", rule)
        case .fallbackOf(let subject): (code, about) = ("fallback_of", subject.description)
        case .untagged: code = "untagged"
        case .subjectRemoved(let subject): (code, about) = ("subject_removed", subject.description)
        case .subjectMissing(let subject): (code, about) = ("subject_missing", subject.description)
        case .indexRemoved(let index): (code, about) = ("index_removed", index.description)
        case .unneeded: code = "unneeded"
        case .unreferenced: code = "unreferenced"
        case .onlyRemovedReferences: code = "only_removed_references"
        case .abandoned: code = "abandoned"
        case .empty: code = "empty"
        }
        try WrittenReason(code: code, about: about, text: text).encode(to: encoder)
    }
}

extension SweepPlan.Spared: Codable {
    private enum CodingKeys: String, CodingKey {
        case item, bytes, mediaType, repositories, reason, until
    }

    /// Throws `PlanInvalid` for what has the form and is none of ours.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let until = try fields.decodeIfPresent(Date.self, forKey: .until)
        self.init(
            try fields.decode(SweepPlan.Item.self, forKey: .item), bytes: try fields.decode(Int64.self, forKey: .bytes),
            mediaType: try fields.decodeIfPresent(MediaType.self, forKey: .mediaType),
            repositories: try fields.texts(.repositories),
            reason: try SweepPlan.SpareReason(try fields.decode(WrittenReason.self, forKey: .reason), until: until))
        try Bounds.bytes(bytes, "bytes")
        if let until { try Bounds.date(until, "until") }
    }

    /// With times told from now; see ``told(at:)``.
    package func encode(to encoder: any Encoder) throws { try encode(to: encoder, now: Date()) }

    /// The same for JSON whose words for people count their seconds from `now`: those of a plan from when it was made.
    package func told(at now: Date) -> some Encodable { Told(spared: self, now: now) }

    private struct Told: Encodable {
        let spared: SweepPlan.Spared
        let now: Date

        func encode(to encoder: any Encoder) throws { try spared.encode(to: encoder, now: now) }
    }

    private func encode(to encoder: any Encoder, now: Date) throws {
        let (written, until) = reason.written(now: now)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(item, forKey: .item)
        try fields.encode(Bounds.clamped(bytes: bytes), forKey: .bytes)
        try fields.encodeIfPresent(mediaType?.text, forKey: .mediaType)
        try fields.encode(repositories.map(\.text), forKey: .repositories)
        try fields.encode(written, forKey: .reason)
        try fields.encodeIfPresent(until.map { Bounds.clamped($0) }, forKey: .until)
    }
}

extension SweepPlan.SpareReason {
    /// - Parameter until: stands beside the reason.
    fileprivate init(_ written: WrittenReason, until: Date?) throws(PlanInvalid) {
        func end() throws(PlanInvalid) -> Date {
            guard let until else { throw PlanInvalid(reason: "what is \(written.code) has no until") }
            return until
        }
        switch written.code {
        case "leased": self = .leased(until: try end())
        case "may_continue": self = .mayContinue(until: try end())
        case "push_in_flight": self = .pushInFlight
        case "may_be_referenced": self = .mayBeReferenced(by: written.about ?? "")
        case "came_alive": self = .cameAlive
        case "already_gone": self = .alreadyGone
        case "stopped": self = .stopped
        case "failed": self = .failed(written.about ?? written.text)
        default: throw PlanInvalid(reason: "there is no reason \(written.code)")
        }
    }

    fileprivate func written(now: Date) -> (WrittenReason, until: Date?) {
        let code: String
        var about: String?
        var until: Date?
        switch self {
        case .leased(let date): (code, until) = ("leased", date)
        case .mayContinue(let date): (code, until) = ("may_continue", date)
        case .pushInFlight: code = "push_in_flight"
        case .mayBeReferenced(let path): (code, about) = ("may_be_referenced", path)
        case .cameAlive: code = "came_alive"
        case .alreadyGone: code = "already_gone"
        case .stopped: code = "stopped"
        case .failed(let message): (code, about) = ("failed", message)
        }
        return (WrittenReason(code: code, about: about, text: text(now: now)), until)
    }
}
