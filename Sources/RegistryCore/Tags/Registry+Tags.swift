import Foundation
package import OCI
import RegistryIndex
import RegistryStorage

/// Pointing tags at manifests that are there, and what they pointed at before.
extension Registry {
    /// Departures that are looked at for one answer.
    private static let departuresMax = 1000

    /// Every digest that a tag is known to have pointed at, the present one first, then newest first: what the tree keeps of
    /// it, and what the index remembers of a tag that was deleted. Empty for a tag that nobody ever saw.
    package func history(
        of tag: Tag, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) -> [TagHistoryEntry] {
        try access.require(.pull, name, tag)
        let current = try await ground.resolve(.tag(tag), in: name)
        var since: [Digest: Date?] = [:]
        let place = Layout.tag(tag, in: name).appending("index")
        for algorithm in Digest.Algorithm.allCases {
            for entry in try await stored({ try await storage.list(place.appending(algorithm.name)) }) ?? [] {
                guard let digest = Digest(algorithm: algorithm, hex: entry.name) else { continue }
                let link = Layout.tagIndex(digest, tag, in: name)
                guard let status = try await stored({ try await storage.stat(link) }) else { continue }
                since[digest] = Date(timeIntervalSince1970: Double(status.modified))
            }
        }
        let departures = try indexed {
            try index.read { try $0.departures(of: tag, in: name, limit: Self.departuresMax) }
        }
        for departure in departures where since[departure.digest] == nil { since[departure.digest] = .some(nil) }
        if let current, since[current] == nil { since[current] = .some(nil) }
        var entries: [TagHistoryEntry] = []
        for (digest, date) in since {
            let isThere = try await ground.holdsManifest(digest, in: name)
            let bytes = isThere ? try indexed { try index.read { try $0.bytesReached(from: digest, in: name) } } : 0
            entries.append(
                TagHistoryEntry(
                    digest: digest, since: date, isCurrent: digest == current, isThere: isThere, bytes: bytes))
        }
        return entries.sorted { left, right in
            if left.isCurrent != right.isCurrent { return left.isCurrent }
            let (one, other) = (left.since ?? .distantPast, right.since ?? .distantPast)
            return one == other ? left.digest < right.digest : one > other
        }
    }

    /// Points a tag at a manifest of the repository: a new tag, or one that is rolled back. When it returns the link is on
    /// the disk.
    ///
    /// Throws `manifestUnknown` when the repository does not hold the manifest.
    package func setTag(
        _ tag: Tag, to digest: Digest, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) {
        try access.require(.push, name, tag)
        try await point(tag, at: digest, in: name, history: [], onlyIfAbsent: false, by: access)
    }

    /// - Parameters:
    ///   - history: digests that the tag is known to have had.
    ///   - onlyIfAbsent: throws `tagConflict` when the tag is there.
    private func point(
        _ tag: Tag, at digest: Digest, in name: RepositoryName, history: [Digest], onlyIfAbsent: Bool,
        by access: Access
    ) async throws(RegistryError) {
        try ground.requireWritable(name)
        // As in a push: held until the link is written, so no sweep takes the manifest meanwhile.
        let pin = try await coordination.hold([.digest(digest)], .shared)
        guard try await ground.holdsManifest(digest, in: name), let manifest = try await ground.readManifest(digest)
        else {
            throw .manifestUnknown(.digest(digest), name)
        }
        let own = try await coordination.hold([.tag(tag, name)], .exclusive)
        let place = try await coordination.hold([.repository(name)], .shared)
        let present = try await ground.resolve(.tag(tag), in: name)
        if onlyIfAbsent, present != nil { throw .tagConflict(tag, name, reason: "it has been set again since") }
        try await requireRetag(of: [tag], to: digest, in: name, by: access)
        let link = Link.content(digest)
        let past = Set(history).subtracting([digest]).map {
            FileContent(Layout.tagIndex($0, tag, in: name), Link.content($0))
        }
        let holds = [pin.watch(), own.watch(), place.watch()]
        try await stored {
            // Another request may be about to make them part of the repository, and not have come to its end.
            try await storage.settle(.files([Layout.blobData(digest), Layout.revisionLink(digest, in: name)]))
            for hold in holds { try hold.confirm() }
            try await storage.write([
                past + [FileContent(Layout.tagIndex(digest, tag, in: name), link)],
                [FileContent(Layout.tagCurrent(tag, in: name), link)],
            ])
        }
        let descriptor = Descriptor(
            mediaType: manifest.mediaType, digest: digest, size: Int64(manifest.bytes.count))
        let action: RegistryEvent.Action =
            if onlyIfAbsent {
                .tagRestored(name, tag, digest)
            } else if present != nil {
                .tagRolledBack(name, tag, digest)
            } else {
                .manifestPushed(name, descriptor, tag: tag)
            }
        try ground.committed([action], by: access.client) {
            try $0.tagSet(tag, to: digest, in: name, at: Ground.now, by: access.client.address)
        }
    }

    /// Tags that may be pulled and were deleted, newest first, at most `limit`: each once, by its last end. Those that are
    /// there again are left out. Nil for all repositories. The index forgets them when it is built anew.
    package func deletedTags(
        in name: RepositoryName? = nil, limit: Int, by access: Access
    ) async throws(RegistryError) -> [TagDeparture] {
        if let name { try access.require(.pull, name) }
        let rows = try indexed {
            try index.read { view in
                try view.departures(in: name, limit: Self.departuresMax) { access.may(.pull, $0.repository, $0.tag) }
            }
        }
        var seen: Set<RepositoryTag> = []
        var deleted: [TagDeparture] = []
        for row in rows where deleted.count < limit && row.cause != .moved {
            guard seen.insert(RepositoryTag(name: row.repository, tag: row.tag)).inserted,
                try await ground.resolve(.tag(row.tag), in: row.repository) == nil
            else { continue }
            deleted.append(
                TagDeparture(
                    repository: row.repository, tag: row.tag, digest: row.digest,
                    at: Date(timeIntervalSince1970: Double(row.at)), by: row.by,
                    cause: TagDeparture.Cause(row.cause),
                    canReturn: try await ground.holdsManifest(row.digest, in: row.repository)))
        }
        return deleted
    }

    /// Puts a deleted tag back, with what is known of its history.
    ///
    /// Throws `tagConflict` when the tag was set again since, `manifestUnknown` when its manifest is gone.
    package func restoreTag(_ deleted: TagDeparture, by access: Access) async throws(RegistryError) {
        try access.require(.push, deleted.repository, deleted.tag)
        let past = try indexed {
            try index.read {
                try $0.departures(of: deleted.tag, in: deleted.repository, limit: Self.departuresMax)
            }
        }.map(\.digest)
        var history: [Digest] = []
        for digest in Set(past) where try await ground.holdsManifest(digest, in: deleted.repository) {
            history.append(digest)
        }
        try await point(
            deleted.tag, at: deleted.digest, in: deleted.repository, history: history, onlyIfAbsent: true, by: access)
    }
}
