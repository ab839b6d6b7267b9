package import RegistryStorage

/// A storage whose process can die.
package protocol CrashableStorage: StorageDriver {
    /// From now on each call, or each request of one, asks first; from the first `true` on all fail and change nothing.
    func crash(when isDead: @escaping @Sendable () -> Bool)

    /// Nothing fails any more.
    func recover()
}

extension StorageDriver {
    /// Makes a directory where the storage has such.
    package func createDirectory(_ path: StoragePath) async throws(StorageError) {
        try await write([[.directory(path)]], .lasting)
    }

    package func remove(_ path: StoragePath) async throws(StorageError) { try await remove(path, .lasting) }
}
