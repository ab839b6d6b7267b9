import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// Repositories with nothing in them leave the tree, directory by directory.
extension SweepRun {
    func removeRepository(_ name: RepositoryName) async throws(RegistryError) -> Outcome {
        guard let hold = try ground.coordination.holdNow([.repository(name)], .exclusive) else {
            return .spared(.pushInFlight)
        }
        let spare = try judge { view in
            let links = try view.repositoryID(name).map { try view.linkCount($0) } ?? 0
            return MayGo.Thing(repositories: [name], isHeld: links > 0)
        }
        if let spare { return .spared(spare) }
        try await takeHalfTags(name, hold.watch())
        if let failure = await settle() { return .spared(.failed(failure)) }
        let place = Layout.repository(name)
        for folder in ["_layers", "_manifests", "_uploads"] {
            if let file = try await stored({ try await storage.firstFile(below: place.appending(folder)) }) {
                return .spared(.failed("\(file) is still in it"))
            }
        }
        try hold.confirm()
        for folder in ["_layers", "_manifests", "_uploads"] {
            try await stored { try await removeEmptyDirectories(from: place.appending(folder)) }
        }
        try await stored {
            // Upwards as long as nothing else is there: other repositories may lie beside it and inside it.
            var directory = place
            while directory != Layout.repositories, try await storage.remove(directory, .emptyDirectory),
                let above = directory.parent
            { directory = above }
        }
        if try await stored({ try await isThere(place) }) { return .spared(.cameAlive) }
        try ground.committed { try $0.repositoryBare(name) }
        return .removed(allocated: 0)
    }

    /// A push that a crash ended may have left the history of a tag that nobody ever saw.
    private func takeHalfTags(_ name: RepositoryName, _ hold: HoldWatch) async throws(RegistryError) {
        for entry in try await stored({ try await storage.list(Layout.tags(name)) }) ?? [] {
            guard let tag = try? Tag(entry.name),
                try await stored({ try await storage.stat(Layout.tagCurrent(tag, in: name)) }) == nil
            else { continue }
            _ = try await take(Layout.tag(tag, in: name), hold)
        }
    }

    private func isThere(_ place: StoragePath) async throws -> Bool {
        for folder in ["_layers", "_manifests", "_uploads"]
        where try await storage.stat(place.appending(folder)) != nil { return true }
        return false
    }

    private func removeEmptyDirectories(from path: StoragePath) async throws {
        for entry in try await storage.list(path) ?? [] where entry.isDirectory && !entry.isLink {
            try await removeEmptyDirectories(from: path.appending(entry.name))
        }
        try await storage.remove(path, .emptyDirectory)
    }
}
