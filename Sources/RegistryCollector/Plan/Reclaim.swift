package import OCI
import RegistryCore

/// What deleting something would give back, once a sweep of untagged manifests has followed.
package struct Reclaim: Sendable, Equatable, Codable {
    /// What the question is about.
    package enum Subject: Sendable, Hashable {
        case tags([Tag], in: RepositoryName)
        /// Everything in it, untagged manifests included.
        case repository(RepositoryName)
        /// The same for several at once: what they share among them goes too.
        case repositories([RepositoryName])
        /// `repository:tag`, where `*` stands for any run of characters; without a colon, everything in each such repository.
        case pattern(String)
    }

    package var subject: Subject
    /// What would go.
    package var tags: Int
    package var manifests: Int
    package var blobs: Int
    /// Bytes of the blobs that go. These, the shared and the spared are all that it holds, each blob once.
    package var bytesFreed: Int64
    /// Bytes of blobs that stay because tags that stay need them too, also through a manifest that they have in common.
    package var bytesShared: Int64
    /// Tags that the shared blobs stay for, those that hold most first; `sharersMax` at most.
    package var sharers: [Sharer]
    /// Tags beyond those named.
    package var sharersMore: Int
    /// Bytes that stay for other reasons: in use by a push, near something that cannot be read, or part of what is about
    /// something that may still come.
    package var bytesSpared: Int64

    package struct Sharer: Sendable, Equatable, Codable {
        package var repository: RepositoryName
        package var tag: Tag
        /// Bytes of the shared blobs that it reaches.
        package var bytes: Int64

        package init(repository: RepositoryName, tag: Tag, bytes: Int64) {
            self.repository = repository
            self.tag = tag
            self.bytes = bytes
        }
    }

    package static let sharersMax = 20

    private enum CodingKeys: String, CodingKey {
        case subject = "pattern"
        case tags, manifests, blobs, bytesFreed, bytesShared, sharers, sharersMore, bytesSpared
    }

    package init(
        subject: Subject, tags: Int, manifests: Int, blobs: Int, bytesFreed: Int64, bytesShared: Int64,
        sharers: [Sharer] = [], sharersMore: Int = 0, bytesSpared: Int64 = 0
    ) {
        self.subject = subject
        self.tags = tags
        self.manifests = manifests
        self.blobs = blobs
        self.bytesFreed = bytesFreed
        self.bytesShared = bytesShared
        self.sharers = sharers
        self.sharersMore = sharersMore
        self.bytesSpared = bytesSpared
    }
}

/// As a person writes it: what is read back is always a pattern.
extension Reclaim.Subject: Codable {
    private var text: String {
        switch self {
        case .tags(let tags, let name): tags.map { "\(name):\($0)" }.joined(separator: " ")
        case .repository(let name): name.text
        case .repositories(let names): names.map(\.text).joined(separator: " ")
        case .pattern(let pattern): pattern
        }
    }

    package init(from decoder: any Decoder) throws {
        self = .pattern(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
