/// What a directory has under one name.
package struct StorageEntry: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case file, directory
        /// A pipe, a socket or a device.
        case special
        /// A link to nothing, or to itself.
        case deadLink
        /// What it is cannot be told, or its name is no text and cannot be asked for; the reason as half a sentence.
        case unreachable(String)
    }

    package var name: String
    package var kind: Kind
    /// It is a link, and `kind` says what it leads to.
    package var isLink: Bool

    package var isDirectory: Bool { kind == .directory }

    /// Why it cannot be asked for by its path, or nothing is there, as half a sentence; nil where neither is so.
    package var unreachable: String? {
        switch kind {
        case .file, .directory, .special: nil
        case .deadLink: "the link leads nowhere"
        case .unreachable(let reason): reason
        }
    }

    package init(name: String, kind: Kind, isLink: Bool = false) {
        self.name = name
        self.kind = kind
        self.isLink = isLink
    }

    package init(name: String, isDirectory: Bool) { self.init(name: name, kind: isDirectory ? .directory : .file) }
}

/// An open directory. Used by one task at a time.
package protocol EntryReader: AnyObject {
    /// Up to `count` entries that were not given yet; none at the end.
    func next(_ count: Int) async throws(StorageError) -> [StorageEntry]
}

/// A list that was read whole, given in parts.
final class ListedEntries: EntryReader {
    private var rest: ArraySlice<StorageEntry>

    init(_ entries: [StorageEntry]) { rest = entries[...] }

    func next(_ count: Int) async throws(StorageError) -> [StorageEntry] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
