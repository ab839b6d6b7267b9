/// The name of a repository, as distribution-spec `spec.md`, "Pulling manifests", writes it:
/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`, at most 255 characters.
///
/// The grammar has no `..`, no leading `_` and no empty component, so a name is safe as a path below a fixed directory.
package struct RepositoryName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Characters, all ASCII: the limit that distribution and the field's clients share.
    package static let charactersMax = 255

    package let text: String

    package init(_ text: some StringProtocol) throws(OCIError) {
        guard Self.isValid(text.utf8) else { throw .invalidRepositoryName(String(text.prefix(300))) }
        self.text = String(text)
    }

    /// Takes a name as it may already stand in a tree: distribution also let upper-case letters and dots into the first
    /// component. Safe as a path all the same; never to be taken from a request that writes.
    package init(onDisk text: some StringProtocol) throws(OCIError) {
        let components = text.split(separator: "/", omittingEmptySubsequences: false)
        let plain = components.allSatisfy { component in
            !component.isEmpty && !component.hasPrefix("_") && component != "." && component != ".."
                && component.utf8.allSatisfy { byte in
                    Self.isAlphanumeric(byte) || Self.isUpperCase(byte)
                        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                }
        }
        guard plain else { throw .invalidRepositoryName(String(text.prefix(300))) }
        self.text = String(text)
    }

    /// Takes a name as a request may ask for it: of the grammar, or as distribution let it in besides, with a first
    /// component that could be a host's (`FOO/bar`). The latter may be read and deleted, and is never to be written.
    ///
    /// Source: `reference/regexp.go` of distribution, `DomainRegexp` without a port, which never reached a disk.
    package init(requested text: some StringProtocol) throws(OCIError) {
        if !Self.isValid(text.utf8) {
            let bytes = Array(text.utf8)
            guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")), bytes.count <= Self.charactersMax,
                Self.isHost(bytes[..<slash]), Self.isValid(bytes[(slash + 1)...])
            else { throw .invalidRepositoryName(String(text.prefix(300))) }
        }
        self.text = String(text)
    }

    /// The name is of the specification's grammar, so that a repository of it may be written to. Costs a scan.
    package var isConforming: Bool { Self.isValid(text.utf8) }

    package var description: String { text }

    /// The parts between slashes, in order.
    package var components: [Substring] { text.split(separator: "/") }

    /// Byte order of the names: the order of every listing.
    package static func < (left: RepositoryName, right: RepositoryName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Components of alphanumeric runs, joined by one `.`, one or two `_`, or any number of `-`. In one pass and without a
    /// list of them, for each request comes here.
    private static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        guard bytes.count <= charactersMax else { return false }
        var (isInComponent, mark, marks) = (false, UInt8(0), 0)
        for byte in bytes {
            if isAlphanumeric(byte) {
                guard marks == 0 || isSeparator(mark, marks) else { return false }
                (isInComponent, marks) = (true, 0)
            } else if byte == UInt8(ascii: "/") {
                guard isInComponent, marks == 0 else { return false }
                isInComponent = false
            } else {
                guard isInComponent, marks == 0 || byte == mark else { return false }
                (mark, marks) = (byte, marks + 1)
            }
        }
        return isInComponent && marks == 0
    }

    private static func isSeparator(_ mark: UInt8, _ count: Int) -> Bool {
        switch mark {
        case UInt8(ascii: "."): count == 1
        case UInt8(ascii: "_"): count <= 2
        case UInt8(ascii: "-"): true
        default: false
        }
    }

    /// Labels of letters, digits and inner hyphens, joined by dots.
    private static func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-") && !label.isEmpty
                && label.allSatisfy { isAlphanumeric($0) || isUpperCase($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isUpperCase(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
