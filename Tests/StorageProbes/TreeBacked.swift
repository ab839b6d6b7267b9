package import RegistryStorage

/// A storage that has a tree in memory do whatever it does not do itself.
package protocol TreeBacked: RenamingStorage {
    var tree: MemoryDriver { get }
}

extension TreeBacked {
    package func stat(_ path: StoragePath) async throws(StorageError) -> FileStatus? { try await tree.stat(path) }

    package func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)? {
        try await tree.open(path)
    }

    package func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)? {
        try await tree.entries(of: path)
    }

    package func write(_ groups: [[FileContent]], _ durability: Durability) async throws(StorageError) {
        try await tree.write(groups, durability)
    }

    package func upload(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        try await tree.upload(to: path, at: offset)
    }

    package func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        try await tree.rename(source, to: target)
    }

    package func move(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        try await rename(source, to: target)
    }

    @discardableResult
    package func remove(_ path: StoragePath, _ removal: Removal) async throws(StorageError) -> Bool {
        try await tree.remove(path, removal)
    }

    package func settle(_ unsettled: Unsettled) async throws(StorageError) { try await tree.settle(unsettled) }
}
