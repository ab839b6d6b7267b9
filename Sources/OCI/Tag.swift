/// A movable name for a manifest inside one repository: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}` (distribution-spec,
/// `spec.md`, "Pulling manifests").
package struct Tag: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let charactersMax = 128

    package let text: String

    package init(_ text: some StringProtocol) throws(OCIError) {
        guard Self.isValid(text.utf8) else { throw .invalidTag(String(text.prefix(200))) }
        self.text = String(text)
    }

    /// The tag under which clients of a registry without a referrers API keep the list of what is about `subject`:
    /// `<algorithm>-<hash>`, cut to 32 and 64 characters (distribution-spec, `spec.md`, "Referrers Tag Schema"). Characters
    /// that no tag may have are to be replaced, but no algorithm known here has one.
    package init(referrersOf subject: Digest) {
        text = "\(subject.algorithm.name.prefix(32))-\(subject.hex.prefix(64))"
    }

    /// The subject whose referrers are listed under this tag, by its form; nil for any other tag, and where the form holds
    /// only a part of the digest.
    package var referrersSubject: Digest? {
        let prefix = "\(Digest.Algorithm.sha256.name)-"
        return text.hasPrefix(prefix) ? Digest(algorithm: .sha256, hex: String(text.dropFirst(prefix.count))) : nil
    }

    package var description: String { text }

    /// Byte order: the order of `tags/list`.
    package static func < (left: Tag, right: Tag) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    private static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, bytes.count <= charactersMax, isWord(first) else { return false }
        return bytes.dropFirst().allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
