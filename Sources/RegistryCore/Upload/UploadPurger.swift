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

    /// Sessions that are known to be in the tree and that no request is using, with where they stand. Costs a look at each.
    func openUploads() async throws(RegistryError) -> [SweepPlanner.Upload] {
        var open: [SweepPlanner.Upload] = []
        for (id, name) in uploads.known() where !uploads.isInUse(id) {
            if let upload = try await uploadState(id, in: name) {
                open.append(upload)
            } else if !uploads.isInUse(id) {
                uploads.end(id)
            }
        }
        return open
    }

    /// Nil when there is no such session.
    func uploadState(
        _ id: UploadID, in name: RepositoryName
    ) async throws(RegistryError) -> SweepPlanner.Upload? {
        guard let state = try await uploadState(at: Layout.upload(id.text, in: name)) else { return nil }
        return SweepPlanner.Upload(id: id, name: name, bytes: state.bytes, lastWrite: state.lastWrite)
    }

    private func uploadState(
        at place: StoragePath
    ) async throws(RegistryError) -> (bytes: Int64, lastWrite: Int64)? {
        guard let own = try await stored({ try await storage.stat(place) }) else { return nil }
        let data = try await stored { try await storage.stat(place.appending("data")) }
        let started = try await stored { try await storage.stat(place.appending("startedat")) }
        return (data?.size ?? 0, [data, started].compactMap { $0?.modified }.max() ?? own.modified)
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
                    let name = try? RepositoryName(onDisk: directory.components.dropFirst(4).joined(separator: "/"))
                    if let name { uploads.met(id, in: name) }
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
        guard let last = try await uploadState(at: place)?.lastWrite, last < limit else { return false }
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
