/// An image as people type it, resolved once into its parts: `ubuntu` is `docker.io/library/ubuntu:latest`.
///
/// The rules are the clients': distribution/reference, `normalize.go` (`ParseNormalizedNamed`, `splitDockerDomain`). The
/// server never needs them on the wire; the command line and the cockpit do.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    package static let defaultDomain = "docker.io"
    /// Docker Hub's own images live here; only for the default domain, and only when the name has one component.
    package static let officialNamespace = "library"
    /// Docker Hub's old name, still met in configuration files.
    private static let legacyDefaultDomain = "index.docker.io"

    /// Host with optional port, as it would be dialled: `docker.io`, `localhost:5000`, `[::1]:5000`.
    package let domain: String
    package let repository: RepositoryName
    /// Nil only where a digest was given without a tag.
    package let tag: Tag?
    package let digest: Digest?

    package init(_ text: String) throws(OCIError) {
        // 64 hex characters alone would be taken for an image id by every client.
        guard !text.isEmpty, Digest(algorithm: .sha256, hex: text) == nil else { throw .invalidReference(text) }
        var rest = text[...]
        if let at = rest.lastIndex(of: "@") {
            digest = try Digest(rest[rest.index(after: at)...])
            rest = rest[..<at]
        } else {
            digest = nil
        }

        let (domain, remainder) = Self.splitDomain(rest)
        var path = remainder
        // The domain is gone, so a colon can only stand before a tag.
        if let colon = path.lastIndex(of: ":") {
            tag = try Tag(path[path.index(after: colon)...])
            path = path[..<colon]
        } else {
            tag = digest == nil ? try Tag("latest") : nil
        }
        guard Self.isDomain(domain) else { throw .invalidReference(text) }

        self.domain = domain == Self.legacyDefaultDomain ? Self.defaultDomain : domain
        if self.domain == Self.defaultDomain, !path.contains("/") {
            repository = try RepositoryName("\(Self.officialNamespace)/\(path)")
        } else {
            repository = try RepositoryName(path)
        }
    }

    /// What to ask a registry for: the digest where there is one, for it is the stronger claim.
    package var reference: Reference? {
        if let digest { return .digest(digest) }
        return tag.map(Reference.tag)
    }

    /// The full form, with everything that was implied.
    package var description: String {
        let tagged = tag.map { ":\($0)" } ?? ""
        let pinned = digest.map { "@\($0)" } ?? ""
        return "\(domain)/\(repository)\(tagged)\(pinned)"
    }

    /// The first component is a domain when it has a dot or a colon, is `localhost`, or holds an upper-case letter, which
    /// no repository may; else the whole text is a name at the default domain.
    private static func splitDomain(_ text: Substring) -> (domain: String, rest: Substring) {
        guard let slash = text.firstIndex(of: "/") else { return (defaultDomain, text) }
        let first = text[..<slash]
        let isDomain =
            first.contains(".") || first.contains(":") || first == "localhost" || first != first.lowercased()[...]
        return isDomain ? (String(first), text[text.index(after: slash)...]) : (defaultDomain, text)
    }

    /// Labels of letters, digits and inner hyphens, or an IPv6 address in brackets, then an optional port.
    private static func isDomain(_ text: String) -> Bool {
        var host = text[...]
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            let port = host[host.index(after: colon)...]
            guard let number = Int(port), port.utf8.allSatisfy(isDigit), (0...65535).contains(number) else {
                return false
            }
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = host.dropFirst().dropLast()
            return !inner.isEmpty && inner.utf8.allSatisfy { isHexDigit($0) || $0 == UInt8(ascii: ":") }
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.utf8.first, let last = label.utf8.last else { return false }
            return isAlphanumeric(first) && isAlphanumeric(last)
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
