import OCI
import RegistryCore

/// One object: the kind, and the fields that it has.
extension SweepPlan.Item: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, repository, tag, digest, upload
    }

    /// Throws `PlanInvalid` for a kind that there is not, and for a field of its kind that is missing or none.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let word = try fields.decode(String.self, forKey: .kind)
        guard let kind = SweepPlan.Kind(rawValue: word) else {
            throw PlanInvalid(reason: "there is no line of kind \(word)")
        }
        func given<Value>(_ value: Value?, _ field: String) throws -> Value {
            guard let value else { throw PlanInvalid(reason: "a \(word) without \(field)") }
            return value
        }
        func place() throws -> RepositoryName { try given(try fields.text(ifPresent: .repository), "a repository") }
        func content() throws -> Digest { try given(try fields.text(ifPresent: .digest), "a digest") }
        switch kind {
        case .tag: self = .tag(try given(try fields.text(ifPresent: .tag), "a tag"), try place())
        case .revision: self = .revision(try content(), try place())
        case .layerLink: self = .layerLink(try content(), try place())
        case .blob: self = .blob(try content())
        case .upload:
            let upload = try fields.decodeIfPresent(String.self, forKey: .upload)
            self = .upload(try given(upload.flatMap { UploadID($0) }, "an upload"), try place())
        case .repository: self = .repository(try place())
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind.rawValue, forKey: .kind)
        try fields.encodeIfPresent(repository?.text, forKey: .repository)
        try fields.encodeIfPresent(digest?.description, forKey: .digest)
        switch self {
        case .tag(let tag, _): try fields.encode(tag.text, forKey: .tag)
        case .upload(let id, _): try fields.encode(id.text, forKey: .upload)
        case .revision, .layerLink, .blob, .repository: break
        }
    }
}

extension KeyedDecodingContainer {
    /// A name, a tag or a digest. Throws `PlanInvalid` with what it has against its text.
    func text<Value: TextCoded>(_ key: Key, of type: Value.Type = Value.self) throws -> Value {
        try PlanInvalid.value(of: try decode(String.self, forKey: key))
    }

    func text<Value: TextCoded>(ifPresent key: Key, of type: Value.Type = Value.self) throws -> Value? {
        try decodeIfPresent(String.self, forKey: key).map { try PlanInvalid.value(of: $0) }
    }

    func texts<Value: TextCoded>(_ key: Key, of type: Value.Type = Value.self) throws -> [Value] {
        try decode([String].self, forKey: key).map { try PlanInvalid.value(of: $0) }
    }
}

extension PlanInvalid {
    static func value<Value: TextCoded>(of text: String) throws(PlanInvalid) -> Value {
        do throws(OCIError) { return try Value(coded: text) } catch { throw PlanInvalid(reason: "\(error)") }
    }
}
