import Foundation
import OCI
import RegistryStorage

extension Registry {
    /// Removes upload sessions whose last write is older than `age` seconds; those in use stay. Returns their number. With
    /// `dryRun` nothing is removed. Costs a listing of the repositories.
    package func purgeUploads(olderThan age: Int64, dryRun: Bool) async throws(RegistryError) -> Int {
        try requireWritable()
        return try await purge(Layout.repositories, before: Self.now - age, dryRun: dryRun)
    }

    private func purge(
        _ directory: StoragePath, before limit: Int64, dryRun: Bool
    ) async throws(RegistryError) -> Int {
        var count = 0
        for entry in try await stored({ try await storage.list(directory) }) ?? [] where entry.isDirectory {
            let place = directory.appending(entry.name)
            if entry.name == "_uploads" {
                for session in try await stored({ try await storage.list(place) }) ?? [] {
                    guard let id = UploadID(session.name), !uploads.isInUse(id) else { continue }
                    if try await purgeUpload(id, place.appending(session.name), before: limit, dryRun: dryRun) {
                        count += 1
                    }
                }
            } else if !entry.name.hasPrefix("_") {
                count += try await purge(place, before: limit, dryRun: dryRun)
            }
        }
        return count
    }

    /// True when the session was, or would be, removed.
    private func purgeUpload(
        _ id: UploadID, _ place: StoragePath, before limit: Int64, dryRun: Bool
    ) async throws(RegistryError) -> Bool {
        let data = try await stored { try await storage.stat(place.appending("data")) }
        let started = try await stored { try await storage.stat(place.appending("startedat")) }
        let own = try await stored { try await storage.stat(place) }
        guard let last = [data, started].compactMap({ $0?.modified }).max() ?? own?.modified, last < limit else {
            return false
        }
        if dryRun { return true }
        guard let digester = uploads.take(id) else { return false }
        do throws(RegistryError) {
            try await stored { try await storage.remove(place) }
        } catch {
            uploads.release(id, digester)
            throw error
        }
        uploads.end(id)
        return true
    }
}
