package import OCI
package import RegistryStorage

/// Every repository of the tree, one after the other, from the top: a directory before what is in it, in byte order of the
/// components.
///
/// Repositories may lie inside each other, so every directory is both a component and perhaps a repository. Links are
/// followed, for people move a repository to another disk and leave one; those that lead round in circles are not. What
/// cannot be read is a place like others, and the rest goes on. Costs a listing of each directory, and memory for the names
/// beside and above the present one.
package struct RepositoryWalk {
    /// Levels of directories that a repository name may have: more than 255 characters cannot make more.
    private static let depthMax = 128
    /// Bytes of a path below `repositories` that can be a repository's name.
    private static let nameBytesMax = 255

    private struct Directory {
        var path: StoragePath
        /// The path below `repositories`.
        var components: [String]
        var isLink = false
        /// It, or one above it, is a link.
        var isBehindLink = false
    }

    private let storage: any StorageDriver
    private var pending = [Directory(path: Layout.repositories, components: [])]
    /// What was met in a directory and is to be told before what is below it.
    private var met: [Place] = []
    private var links = FollowedLinks()

    package init(storage: any StorageDriver) { self.storage = storage }

    package struct Place {
        package enum Kind {
            case repository(RepositoryName)
            /// A directory with uploads and nothing else of a repository; nil where its name cannot be one's.
            case uploadsOnly(RepositoryName?)
            /// A directory with manifests or layers whose name cannot be a repository's.
            case nameless
            /// Directories are nested deeper than names can be; what is below is not looked at.
            case tooDeep
            /// It cannot be read, and may hold anything; the reason as half a sentence.
            case unreadable(String)
            /// A link to nothing, or to itself.
            case deadLink
            /// A link leads here that leads round in a circle, or too many do: what is here is known by other names.
            case knownOtherwise
        }

        package var directory: StoragePath
        /// The path below `repositories`.
        package var components: [String]
        package var kind: Kind
        package var hasUploads = false
    }

    /// The next place; nil at the end.
    package mutating func next() async throws -> Place? {
        while true {
            if let place = met.popLast() { return place }
            guard let directory = pending.popLast() else { return nil }
            do throws(StorageError) {
                if let place = try await look(at: directory) { return place }
            } catch {
                guard error.isOfOnePlace else { throw error }
                return place(directory, .unreadable(error.description))
            }
        }
    }

    private func place(_ directory: Directory, _ kind: Place.Kind, hasUploads: Bool = false) -> Place {
        Place(directory: directory.path, components: directory.components, kind: kind, hasUploads: hasUploads)
    }

    /// Nil for a directory that is none of a repository's, and for one that has gone.
    private mutating func look(at directory: Directory) async throws(StorageError) -> Place? {
        if directory.isBehindLink,
            try await !links.mayEnter(directory.path, isLink: directory.isLink, below: Layout.repositories, storage)
        {
            return place(directory, .knownOtherwise)
        }
        let text = directory.components.joined(separator: "/")
        guard let entries = try await storage.list(directory.path) else {
            if let reason = storage.obstruction(of: directory.path, isDirectory: true) {
                return place(directory, .unreadable(reason))
            }
            // It was listed a moment ago: its path is longer than the system takes.
            return text.utf8.count > Self.nameBytesMax ? place(directory, .tooDeep) : nil
        }
        if directory.components.count >= Self.depthMax { return place(directory, .tooDeep) }
        for entry in entries.reversed() { note(entry, in: directory) }
        let folders = Set(entries.lazy.filter(\.isDirectory).map(\.name))
        let hasUploads = folders.contains("_uploads")
        let name = try? RepositoryName(onDisk: text)
        if folders.contains("_manifests") || folders.contains("_layers") {
            return place(directory, name.map { .repository($0) } ?? .nameless, hasUploads: hasUploads)
        }
        return hasUploads ? place(directory, .uploadsOnly(name), hasUploads: true) : nil
    }

    private mutating func note(_ entry: StorageEntry, in directory: Directory) {
        let isPart = entry.name.hasPrefix("_")
        let child = Directory(
            path: directory.path.appending(entry.name), components: directory.components + [entry.name],
            isLink: entry.isLink, isBehindLink: directory.isBehindLink || entry.isLink)
        switch entry.kind {
        case .directory: if !isPart { pending.append(child) }
        case .unreachable(let reason): met.append(place(child, .unreadable(reason)))
        case .deadLink where ["_manifests", "_layers"].contains(entry.name):
            // Somebody moved them: they are somewhere.
            met.append(place(child, .unreadable("the link leads nowhere")))
        case .deadLink: if !isPart { met.append(place(child, .deadLink)) }
        case .file, .special:
            guard ["_manifests", "_layers"].contains(entry.name) else { break }
            met.append(place(child, .unreadable("what stands there is no directory")))
        }
    }
}

extension StorageDriver {
    /// Why there seem to be no repositories while there are bytes that only repositories bring: their directory is on another
    /// disk, or was moved away. Nil where they can be seen, and where there is nothing at all.
    package func reasonToSeeNoRepositories() async throws(StorageError) -> String? {
        if let status = try await stat(Layout.repositories), status.isDirectory { return nil }
        if let reason = obstruction(of: Layout.repositories, isDirectory: true) { return reason }
        // An object store has no directory that could be elsewhere: where nothing is below it, nothing is.
        guard self is any RenamingStorage else { return nil }
        for algorithm in Digest.Algorithm.allCases {
            let entries = try await entries(of: Layout.blobs.appending(algorithm.name))
            if try await entries?.next(1).isEmpty == false { return "it is missing, and there are blobs" }
        }
        return nil
    }
}
