import OCI
import RegistryCore

extension CheckFinding: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, path, repository, tag, users, digest, reason, repair
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            kind: try fields.decode(Kind.self, forKey: .kind), path: try fields.decode(String.self, forKey: .path),
            repository: try fields.decodeIfPresent(RepositoryName.self, forKey: .repository),
            tag: try fields.decodeIfPresent(Tag.self, forKey: .tag),
            digest: try fields.decodeIfPresent(Digest.self, forKey: .digest),
            reason: try fields.decode(String.self, forKey: .reason),
            repair: try fields.decodeIfPresent(Repair.self, forKey: .repair))
        users = try fields.decode([String].self, forKey: .users)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(path, forKey: .path)
        try fields.encodeIfPresent(repository, forKey: .repository)
        try fields.encodeIfPresent(tag, forKey: .tag)
        try fields.encode(users, forKey: .users)
        try fields.encodeIfPresent(digest, forKey: .digest)
        try fields.encode(reason, forKey: .reason)
        try fields.encodeIfPresent(repair, forKey: .repair)
    }
}

extension CheckFinding.Kind: Codable {}
extension CheckFinding.Repair: Codable {}
