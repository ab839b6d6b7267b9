package import RegistryStorage

/// Everything a storage holds, for comparing it before and after.
package enum Tree {
    /// Paths of all files with their bytes.
    package static func content(
        of storage: any StorageDriver, below path: StoragePath = .root
    ) async throws -> [String: [UInt8]] {
        var content: [String: [UInt8]] = [:]
        for entry in try await storage.list(path) ?? [] {
            let place = path.appending(entry.name)
            if entry.isDirectory {
                content.merge(try await self.content(of: storage, below: place)) { $1 }
            } else {
                content[place.text] = try await storage.read(place, limit: 1 << 30)
            }
        }
        return content
    }
}
