/// How a request names a manifest inside a repository: by a tag, which may move, or by a digest, which cannot.
package enum Reference: Hashable, Sendable, CustomStringConvertible {
    case tag(Tag)
    case digest(Digest)

    /// A text with a colon is a digest, for no tag holds one; everything else must be a tag.
    package init(_ text: some StringProtocol) throws(OCIError) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            self = .digest(try Digest(text))
        } else {
            self = .tag(try Tag(text))
        }
    }

    package var tag: Tag? {
        if case .tag(let tag) = self { tag } else { nil }
    }

    package var description: String {
        switch self {
        case .tag(let tag): tag.text
        case .digest(let digest): digest.description
        }
    }
}
