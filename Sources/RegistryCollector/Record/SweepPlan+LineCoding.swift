import Foundation
import OCI
import RegistryCore

extension SweepPlan.Line: Codable {
    private enum CodingKeys: String, CodingKey {
        case item, bytes, mediaType, repositories, reason, since, lastTag, target
    }

    /// A line from its JSON. Throws `PlanInvalid` for anything that no line of ours says.
    package init(json: some Sequence<UInt8>) throws(PlanInvalid) {
        do {
            self = try CollectorJSON.decode(Self.self, from: Data(json))
        } catch let invalid as PlanInvalid {
            throw invalid
        } catch {
            throw PlanInvalid(reason: "a line is none: \(CollectorJSON.text(of: error))")
        }
    }

    /// Throws `PlanInvalid` for what has the form of a line and is none of ours.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try fields.decode(SweepPlan.Item.self, forKey: .item), bytes: try fields.decode(Int64.self, forKey: .bytes),
            mediaType: try fields.decodeIfPresent(MediaType.self, forKey: .mediaType),
            repositories: try fields.texts(.repositories),
            reason: try fields.decode(SweepPlan.Reason.self, forKey: .reason),
            since: try fields.decodeIfPresent(Date.self, forKey: .since),
            lastTag: try fields.decodeIfPresent(SweepPlan.LastTag.self, forKey: .lastTag),
            target: try fields.text(ifPresent: .target))
        try Bounds.bytes(bytes, "bytes")
        if let since { try Bounds.date(since, "since") }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(item, forKey: .item)
        try fields.encode(Bounds.clamped(bytes: bytes), forKey: .bytes)
        try fields.encodeIfPresent(mediaType?.text, forKey: .mediaType)
        try fields.encode(repositories.map(\.text), forKey: .repositories)
        try fields.encode(reason, forKey: .reason)
        try fields.encodeIfPresent(since.map { Bounds.clamped($0) }, forKey: .since)
        try fields.encodeIfPresent(lastTag, forKey: .lastTag)
        try fields.encodeIfPresent(target?.description, forKey: .target)
    }
}

extension SweepPlan.LastTag: Codable {
    private enum CodingKeys: String, CodingKey {
        case repository, tag, until, by, how
    }

    /// Takes a way that it does not know for a deletion.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            repository: try fields.text(.repository), tag: try fields.text(.tag),
            until: try fields.decode(Date.self, forKey: .until), by: try fields.decode(String.self, forKey: .by),
            how: TagDeparture.Cause(word: try fields.decode(String.self, forKey: .how)) ?? .deleted)
        try Bounds.date(until, "until")
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(repository.text, forKey: .repository)
        try fields.encode(tag.text, forKey: .tag)
        try fields.encode(Bounds.clamped(until), forKey: .until)
        try fields.encode(by, forKey: .by)
        try fields.encode(how.word, forKey: .how)
    }
}

extension TagDeparture.Cause {
    /// One word for JSON.
    package var word: String {
        switch self {
        case .deleted: "deleted"
        case .moved: "moved"
        case .manifestDeleted: "manifest_deleted"
        case .swept: "swept"
        }
    }

    init?(word: String) {
        guard let cause = [Self.deleted, .moved, .manifestDeleted, .swept].first(where: { $0.word == word }) else {
            return nil
        }
        self = cause
    }
}
