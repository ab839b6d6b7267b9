import OCI
import RegistryStorage

/// Names of repositories, read from the tree in byte order of the whole names and no further than somebody asks: for pages
/// of the catalogue before the index is up to the tree.
///
/// Repositories may lie inside each other, and `a-b` comes between `a` and `a/b`. So a directory is met twice: as a name,
/// and, after those of its neighbours that come before its slash, as a place with names in it. Costs a listing of the
/// directories above the page and one of each repository in it, whatever else the tree holds.
struct CatalogueWalk {
    /// A directory whose entries are being given out.
    private struct Level {
        /// Of the names in it, with a slash behind it; empty at the top.
        var prefix: String
        /// A link leads to it, or to what it is in.
        var isBehindLink = false
        /// Directories in byte order of their names.
        var names: [StorageEntry]
        var next = 0
        /// Names that were met, whose insides are still to come, the innermost last; with what lies in them where that is
        /// known.
        var open: [(directory: StorageEntry, insides: [StorageEntry]?)] = []

        enum Step {
            case name(StorageEntry)
            case insides(of: StorageEntry, [StorageEntry]?)
        }

        mutating func step() -> Step? {
            if let last = open.last, next == names.count || "\(last.directory.name)/".precedesInBytes(names[next].name)
            {
                open.removeLast()
                return .insides(of: last.directory, last.insides)
            }
            guard next < names.count else { return nil }
            next += 1
            open.append((names[next - 1], nil))
            return .name(names[next - 1])
        }
    }

    private let storage: any StorageDriver
    private let last: String?
    private var levels: [Level] = []
    private var hasBegun = false
    private var links = FollowedLinks()

    /// - Parameter last: the first name is the first after it; nil begins at the beginning.
    init(storage: any StorageDriver, after last: String?) {
        self.storage = storage
        self.last = last
    }

    /// Nil at the end. What cannot be read below the top is passed over.
    mutating func next() async throws -> RepositoryName? {
        if !hasBegun {
            hasBegun = true
            let top = try await storage.list(Layout.repositories) ?? []
            levels.append(Level(prefix: "", names: Self.directories(top)))
        }
        while let prefix = levels.last?.prefix, let isBehindLink = levels.last?.isBehindLink {
            switch levels[levels.count - 1].step() {
            case nil: levels.removeLast()
            case .name(let directory):
                let full = prefix + directory.name
                if let last, !last.precedesInBytes(full) { continue }
                guard let entries = await list(full, directory, isBehindLink) else { continue }
                let inside = levels.count - 1
                levels[inside].open[levels[inside].open.count - 1].insides = Self.directories(entries)
                if Self.isRepository(entries), let found = try? RepositoryName(onDisk: full) { return found }
            case .insides(let directory, let known):
                let full = "\(prefix)\(directory.name)/"
                // All names in it come before the last one.
                if let last, full.precedesInBytes(last), !last.hasPrefix(full) { continue }
                guard full.utf8.count <= RepositoryName.charactersMax else { continue }
                var names = known
                if names == nil {
                    names = await list("\(prefix)\(directory.name)", directory, isBehindLink).map(Self.directories)
                }
                guard let names, !names.isEmpty else { continue }
                levels.append(Level(prefix: full, isBehindLink: isBehindLink || directory.isLink, names: names))
            }
        }
        return nil
    }

    /// Nil for what cannot be read, and where links lead round in a circle.
    private mutating func list(
        _ name: String, _ directory: StorageEntry, _ isBehindLink: Bool
    ) async -> [StorageEntry]? {
        let place = Layout.repositories.appending(name.split(separator: "/"))
        if isBehindLink || directory.isLink {
            let mayEnter = try? await links.mayEnter(
                place, isLink: directory.isLink, below: Layout.repositories, storage)
            guard mayEnter ?? false else { return nil }
        }
        return try? await storage.list(place)
    }

    private static func directories(_ entries: [StorageEntry]) -> [StorageEntry] {
        entries.filter { $0.isDirectory && !$0.name.hasPrefix("_") }
    }

    private static func isRepository(_ entries: [StorageEntry]) -> Bool {
        entries.contains { $0.isDirectory && ($0.name == "_manifests" || $0.name == "_layers") }
    }
}

extension String {
    /// Whether the text comes before the other in byte order.
    func precedesInBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
