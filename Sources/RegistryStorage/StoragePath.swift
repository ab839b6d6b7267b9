/// A place in a storage tree, relative to its root: components joined by `/`, none of them empty, `.` or `..`.
///
/// Only `Layout` and listings make paths, from values that were validated before, so a path cannot leave the root.
package struct StoragePath: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// The root itself.
    package static let root = StoragePath(checked: "")

    private init(checked text: String) { self.text = text }

    /// The entry `name` below this place.
    ///
    /// A name with a slash, a NUL or the meaning "here" or "above" is a bug of ours: names come from values whose grammar
    /// excludes them, or from a directory listing, which cannot hold them.
    package func appending(_ name: some StringProtocol) -> StoragePath { appending([String(name)]) }

    /// The entry below this place that several names lead to. Costs one allocation, whatever their number.
    package func appending(_ names: [some StringProtocol]) -> StoragePath { appending(names.map { String($0) }) }

    private func appending(_ names: [String]) -> StoragePath {
        var path = text
        path.reserveCapacity(names.reduce(text.utf8.count) { $0 + $1.utf8.count + 1 })
        for name in names {
            precondition(
                !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == 0x2F || $0 == 0 },
                "a path component must be one plain name"
            )
            if !path.isEmpty { path += "/" }
            path += name
        }
        return StoragePath(checked: path)
    }

    /// The place below this one that texts lead to, each of one plain name or more: those of values whose grammar allows no
    /// other, and our own. Costs one allocation and looks at nothing.
    func appending(validated texts: [String]) -> StoragePath {
        var path = ""
        path.reserveCapacity(texts.reduce(text.utf8.count) { $0 + $1.utf8.count + 1 })
        path += text
        for text in texts {
            if !path.isEmpty { path += "/" }
            path += text
        }
        return StoragePath(checked: path)
    }

    /// The place above; nil for the root.
    package var parent: StoragePath? {
        guard !text.isEmpty else { return nil }
        guard let slash = text.lastIndex(of: "/") else { return .root }
        return StoragePath(checked: String(text[..<slash]))
    }

    /// The last component; empty for the root.
    package var name: Substring {
        text.lastIndex(of: "/").map { text[text.index(after: $0)...] } ?? text[...]
    }

    package var components: [Substring] { text.split(separator: "/") }

    package var description: String { text.isEmpty ? "/" : text }
}
