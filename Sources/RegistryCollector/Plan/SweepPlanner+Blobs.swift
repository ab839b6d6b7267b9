import Foundation
import OCI
import RegistryCore
import RegistryIndex

/// Bytes that nothing needs, over all repositories.
extension SweepPlanner {
    /// A blob that nothing needs, before it is known whether it is spared.
    private struct Unneeded {
        var row: SweepBlobRow
        var reason: SweepPlan.Reason
        var mediaType: MediaType?
        var departure: Int64?
    }

    /// Blobs that are looked at together.
    private static let blockMax = 4096

    mutating func planBlobs() throws {
        var lost: [Int64: Unneeded] = [:]
        for blob in try blobsOfRemovedManifests() { lost[blob.row.id] = blob }
        var keys = lost.values.map { SweepBlobKey(id: $0.row.id, size: $0.row.size, digest: $0.row.digest) }
        switch scope {
        case .all: keys += try view.unreferenced()
        case .only:
            keys += try view.blobs(try view.layers(in: whole)).filter { $0.references == 0 }.map {
                SweepBlobKey(id: $0.id, size: $0.size, digest: $0.digest)
            }
        }
        try shareBelow(without: Set(keys.map(\.id)))
        keys.sort { $1.size == $0.size ? ($0.start, $0.id) < ($1.start, $1.id) : $1.size < $0.size }
        if options.layerLinks { try planLayerLinks(goingOrSpared: Set(keys.map(\.id))) }
        for start in stride(from: 0, to: keys.count, by: Self.blockMax) {
            guard room.isForLine else { return }
            let ids = keys[start..<min(keys.count, start + Self.blockMax)].map(\.id)
            var unreferenced: [Int64: Unneeded] = [:]
            for row in try view.blobs(ids.filter { lost[$0] == nil }) {
                unreferenced[row.id] = Unneeded(
                    row: row, reason: .unreferenced, mediaType: row.mediaType, departure: row.departure)
            }
            try plan(ids.compactMap { lost[$0] ?? unreferenced[$0] })
        }
    }

    /// Adds the lines of these blobs, in their order.
    private mutating func plan(_ unneeded: [Unneeded]) throws {
        let ids = unneeded.map(\.row.id)
        // In the order of the blobs, so that each takes its own from the front.
        var layerHolders = try view.layerHolders(of: ids)[...]
        var aliasHolders: [Int64: [Int64]] = [:]
        for row in try view.aliasHolders(of: ids) { aliasHolders[row.target, default: []].append(row.repository) }
        // The document of a manifest is held by links of its own kind.
        var revisionHolders: [Int64: [Int64]] = [:]
        let referenced = unneeded.lazy.filter { $0.row.references > 0 }.map(\.row.id)
        for key in try view.holders(of: Array(referenced)) {
            revisionHolders[key.manifest, default: []].append(key.repository)
        }
        for blob in unneeded {
            let linked = layerHolders.prefix { $0.blob == blob.row.id }
            layerHolders = layerHolders.dropFirst(linked.count)
            guard room.isForLine else { return }
            let holders = try linked.map { try name($0.repository) }
            let others = try (revisionHolders[blob.row.id] ?? []).map { try name($0) }
            let all = others.isEmpty && holders.count < 2 ? holders : Set(holders).union(others).sorted()
            let item = SweepPlan.Item.blob(blob.row.digest)
            let leased = linked.reduce(blob.row.leased) { max($0, $1.leased) }
            // A link by another digest holds them too.
            let names = try (aliasHolders[blob.row.id] ?? []).map { try name($0) }
            guard
                try judge(
                    item, MayGo.Thing(digest: blob.row.digest, repositories: holders + names, leased: leased),
                    bytes: blob.row.size, mediaType: blob.mediaType, repositories: all)
            else { continue }
            for link in linked { goneLinks[link.repository, default: 0] += 1 }
            for repository in aliasHolders[blob.row.id] ?? [] { goneLinks[repository, default: 0] += 1 }
            let since = max(blob.row.loose, leased)
            if let departure = blob.departure { departures[lines.count] = departure }
            append(
                SweepPlan.Line(
                    item, bytes: blob.row.size, mediaType: blob.mediaType, repositories: all, reason: blob.reason,
                    since: since > 1 && blob.reason == .unreferenced
                        ? Date(timeIntervalSince1970: Double(since)) : nil))
        }
    }

    /// Blobs that lose every reference with what goes. Those that keep one are shared.
    private mutating func blobsOfRemovedManifests() throws -> [Unneeded] {
        guard !going.revisions.isEmpty || !going.tags.isEmpty else { return [] }
        var lost: [Int64: Int] = [:]
        var said: [Int64: (mediaType: MediaType?, departure: Int64?)] = [:]
        for (key, tags) in going.tags { lost[key.manifest, default: 0] += tags.count }
        let holders = Dictionary(
            grouping: try view.holders(of: Set(going.revisions.keys.map(\.manifest))), by: \.manifest)
        for (manifest, keys) in holders {
            let ending = keys.filter { going.revisions[$0] != nil }
            lost[manifest, default: 0] += ending.count
            let departure = ending.compactMap { departureOf[$0] }.max()
            if let first = ending.first { said[manifest] = (going.revisions[first]?.mediaType, departure) }
            guard ending.count == keys.count else {
                sharedManifests += ending
                continue
            }
            for edge in edgesOf[manifest] ?? [] {
                lost[edge.target, default: 0] += 1
                if !edge.isManifest {
                    let known = said[edge.target]?.departure
                    said[edge.target] = (edge.mediaType, [known, departure].compactMap { $0 }.max())
                }
            }
        }
        for alias in try view.aliasTargets(of: lost.keys) { lost[alias.target, default: 0] += lost[alias.name] ?? 0 }
        var unneeded: [Unneeded] = []
        for row in try view.blobs(lost.keys) where row.references > 0 {
            guard row.references == lost[row.id] else {
                shared[row.id] = row.size
                continue
            }
            unneeded.append(
                Unneeded(
                    row: row, reason: .onlyRemovedReferences, mediaType: said[row.id]?.mediaType,
                    departure: said[row.id]?.departure))
        }
        return unneeded
    }

    /// A manifest that stays keeps all that is below it, not only its document.
    private mutating func shareBelow(without ids: Set<Int64>) throws {
        let staying = relatives.filter { going.revisions[$0] == nil && !sparedRevisions.contains($0) }
        let roots = staying.union(sharedManifests)
        let below = Set(try view.reached(from: roots, withReferrers: false).map(\.manifest))
        for row in try view.blobs(below.subtracting(ids)) where row.references > 0 { shared[row.id] = row.size }
    }
}
