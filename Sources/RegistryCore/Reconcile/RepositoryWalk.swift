import OCI
import RegistryStorage

/// Every repository of the tree, one after the other, from the top: a directory before what is in it, in byte order of the
/// components.
///
/// Repositories may lie inside each other, so every directory is both a component and perhaps a repository. Costs a listing
/// of each, and memory for the names beside and above the present one.
struct RepositoryWalk {
    /// Levels of directories that a repository name may have: more than 255 characters cannot make more.
    private static let depthMax = 128

    private let storage: any StorageDriver
    private var pending: [(directory: StoragePath, components: [String])] = [(Layout.repositories, [])]

    init(storage: any StorageDriver) { self.storage = storage }

    struct Place {
        enum Kind {
            case repository(RepositoryName)
            /// A directory with uploads and nothing else of a repository.
            case uploadsOnly(RepositoryName)
            /// A directory with manifests or layers whose name cannot be a repository's.
            case nameless
            /// Directories are nested deeper than names can be; what is below is not looked at.
            case tooDeep
        }

        var directory: StoragePath
        /// The path below `repositories`.
        var components: [String]
        var kind: Kind
        var hasUploads = false
    }

    /// The next place; nil at the end.
    mutating func next() async throws -> Place? {
        while let (directory, components) = pending.popLast() {
            guard let entries = try await storage.list(directory) else { continue }
            if components.count >= Self.depthMax {
                return Place(directory: directory, components: components, kind: .tooDeep)
            }
            for entry in entries.reversed() where entry.isDirectory && !entry.name.hasPrefix("_") {
                pending.append((directory.appending(entry.name), components + [entry.name]))
            }
            let folders = Set(entries.filter(\.isDirectory).map(\.name))
            let hasUploads = folders.contains("_uploads")
            let name = try? RepositoryName(onDisk: components.joined(separator: "/"))
            if folders.contains("_manifests") || folders.contains("_layers") {
                return Place(
                    directory: directory, components: components, kind: name.map { .repository($0) } ?? .nameless,
                    hasUploads: hasUploads)
            }
            if hasUploads, let name {
                return Place(
                    directory: directory, components: components, kind: .uploadsOnly(name), hasUploads: true)
            }
        }
        return nil
    }
}
