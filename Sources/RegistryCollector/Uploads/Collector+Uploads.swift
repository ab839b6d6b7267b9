import Foundation
import Logging
import OCI
package import RegistryCore
import RegistryStorage

extension Collector {
    /// Removes upload sessions whose last write is older than `age` seconds; those in use stay. Returns their number. With
    /// `dryRun` nothing is removed. Costs a listing of the repositories.
    package func purgeUploads(
        olderThan age: Int64, dryRun: Bool, by access: Access
    ) async throws(RegistryError) -> Int {
        try access.require(.administer, nil)
        try ground.requireWritable()
        let limit = Ground.now - age
        var count = 0
        var walk = RepositoryWalk(storage: storage)
        while let place = try await stored({ try await walk.next() }) {
            guard place.hasUploads else { continue }
            count +=
                try await orPassedOver { () async throws(RegistryError) in
                    try await purge(place, before: limit, dryRun: dryRun)
                } ?? 0
        }
        return count
    }

    /// Sessions that are known to be in the tree and that no request is using, with where they stand. Costs a look at each.
    func openUploads() async throws(RegistryError) -> [SweepPlanner.Upload] {
        var open: [SweepPlanner.Upload] = []
        for (id, name) in ground.uploads.known() where coordination.kind(of: .upload(id)) == nil {
            let state = try await orPassedOver { () async throws(RegistryError) in try await uploadState(id, in: name) }
            guard let found = state else {
                // It is there, and nobody can say since when.
                open.append(
                    SweepPlanner.Upload(id: id, name: name, bytes: 0, lastWrite: Ground.now, isTimeKnown: false))
                continue
            }
            if let upload = found {
                open.append(upload)
            } else if coordination.kind(of: .upload(id)) == nil {
                ground.uploads.end(id)
            }
        }
        return open
    }

    /// Nil where a place cannot be read, which is said; the others go on.
    private func orPassedOver<Value>(
        _ body: () async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value? {
        do throws(RegistryError) {
            return try await body()
        } catch {
            guard error.isOfOnePlace else { throw error }
            logger.warning("an upload cannot be read", metadata: ["error": "\(error.message)"])
            return nil
        }
    }

    /// Nil when there is no such session.
    func uploadState(
        _ id: UploadID, in name: RepositoryName
    ) async throws(RegistryError) -> SweepPlanner.Upload? {
        guard let state = try await uploadState(id, at: Layout.upload(id.text, in: name)) else { return nil }
        return SweepPlanner.Upload(
            id: id, name: name, bytes: state.bytes, lastWrite: state.lastWrite, isTimeKnown: state.isTimeKnown)
    }

    private typealias UploadState = (bytes: Int64, lastWrite: Int64, isTimeKnown: Bool)

    /// - Parameter place: of the session, whose repository may have no name.
    private func uploadState(_ id: UploadID, at place: StoragePath) async throws(RegistryError) -> UploadState? {
        guard let own = try await stored({ try await storage.stat(place) }) else { return nil }
        let data = try await stored { try await storage.stat(place.appending("data")) }
        let started = try await stored { try await storage.stat(place.appending("startedat")) }
        let times = data == nil && started == nil ? [own] : [data, started].compactMap { $0 }
        let isTimeKnown = !times.contains(where: \.isTimeWrong)
        var last = isTimeKnown ? times.map(\.modified).max() ?? 0 : try firstMet(id)
        // The clock may have been set on since a client of ours wrote to it.
        if let idle = ground.uploads.idleSeconds(id) { last = max(last, Ground.now - idle) }
        return (data?.size ?? 0, last, isTimeKnown)
    }

    private func purge(
        _ repository: RepositoryWalk.Place, before limit: Int64, dryRun: Bool
    ) async throws(RegistryError) -> Int {
        let place = repository.directory.appending("_uploads")
        let name = try? RepositoryName(onDisk: repository.components.joined(separator: "/"))
        var count = 0
        for session in try await stored({ try await storage.list(place) }) ?? [] {
            guard let id = UploadID(session.name) else { continue }
            if let name { ground.uploads.met(id, in: name) }
            let isPurged = try await orPassedOver { () async throws(RegistryError) in
                try await purgeUpload(id, place.appending(session.name), before: limit, dryRun: dryRun)
            }
            if isPurged == true { count += 1 }
        }
        return count
    }

    /// True when the session was, or would be, removed.
    private func purgeUpload(
        _ id: UploadID, _ place: StoragePath, before limit: Int64, dryRun: Bool
    ) async throws(RegistryError) -> Bool {
        // Not claimed before it is known to be old: a client that goes on with it meanwhile would be refused.
        guard try await isOld(id, place, limit) else { return false }
        if dryRun { return coordination.kind(of: .upload(id)) == nil }
        // And looked at once more: a client may have gone on with it just before.
        guard let claim = try coordination.holdNow([.upload(id)], .exclusive), try await isOld(id, place, limit) else {
            return false
        }
        try claim.confirm()
        try await stored { try await storage.remove(place, .lasting) }
        ground.uploads.end(id)
        return true
    }

    private func isOld(
        _ id: UploadID, _ place: StoragePath, _ limit: Int64
    ) async throws(RegistryError) -> Bool {
        guard let last = try await uploadState(id, at: place)?.lastWrite else { return false }
        return last < limit
    }
}
