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
        /// In byte order.
        var names: [String]
        var next = 0
        /// Names that were met, whose insides are still to come, the innermost last; with what lies in them where that is
        /// known.
        var open: [(name: String, insides: [String]?)] = []

        enum Step {
            case name(String)
            case insides(of: String, [String]?)
        }

        mutating func step() -> Step? {
            if let last = open.last, next == names.count || "\(last.name)/".precedesInBytes(names[next]) {
                open.removeLast()
                return .insides(of: last.name, last.insides)
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
        while let prefix = levels.last?.prefix {
            switch levels[levels.count - 1].step() {
            case nil: levels.removeLast()
            case .name(let name):
                let full = prefix + name
                if let last, !last.precedesInBytes(full) { continue }
                guard let entries = await list(full) else { continue }
                let inside = levels.count - 1
                levels[inside].open[levels[inside].open.count - 1].insides = Self.directories(entries)
                if Self.isRepository(entries), let found = try? RepositoryName(onDisk: full) { return found }
            case .insides(let name, let known):
                let full = "\(prefix)\(name)/"
                // All names in it come before the last one.
                if let last, full.precedesInBytes(last), !last.hasPrefix(full) { continue }
                guard full.utf8.count <= RepositoryName.charactersMax else { continue }
                var names = known
                if names == nil { names = await list("\(prefix)\(name)").map(Self.directories) }
                if let names, !names.isEmpty { levels.append(Level(prefix: full, names: names)) }
            }
        }
        return nil
    }

    private func list(_ name: String) async -> [StorageEntry]? {
        try? await storage.list(Layout.repositories.appending(name.split(separator: "/")))
    }

    private static func directories(_ entries: [StorageEntry]) -> [String] {
        entries.filter { $0.isDirectory && !$0.name.hasPrefix("_") }.map(\.name)
    }

    private static func isRepository(_ entries: [StorageEntry]) -> Bool {
        entries.contains { $0.isDirectory && ($0.name == "_manifests" || $0.name == "_layers") }
    }
}

extension String {
    /// Whether the text comes before the other in byte order.
    func precedesInBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
