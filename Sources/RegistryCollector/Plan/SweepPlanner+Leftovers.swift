import Foundation
import OCI
import RegistryCore
import RegistryIndex

/// What is left when manifests and bytes are judged: links to layers that stay, uploads that nobody goes on with,
/// repositories with nothing in them.
extension SweepPlanner {
    /// Links to blobs that stay. Those to blobs that go, or would if they were not spared, are part of the blob's line.
    mutating func planLayerLinks(goingOrSpared: Set<Int64>) throws {
        var idle: [RevisionKey: IdleLayerRow] = [:]
        if case .all = scope {
            for row in try view.idleLayers() {
                idle[RevisionKey(repository: row.repository, manifest: row.blob)] = row
            }
        }
        var touched: Set<RevisionKey> = []
        for key in going.revisions.keys {
            touched.insert(key)
            for edge in edgesOf[key.manifest] ?? [] {
                touched.insert(RevisionKey(repository: key.repository, manifest: edge.target))
            }
        }
        // A link that calls bytes by another digest goes and stays with the bytes.
        for alias in try view.aliasTargets(of: idle.keys.map(\.manifest)) where goingOrSpared.contains(alias.target) {
            idle = idle.filter { $0.key.manifest != alias.name }
        }
        let goneIn = Dictionary(grouping: going.revisions.keys, by: \.repository).mapValues { Set($0.map(\.manifest)) }
        touched = touched.filter { idle[$0] == nil && !goingOrSpared.contains($0.manifest) }
        for (key, digest) in try view.layerDigests(touched) {
            let without = goneIn[key.repository] ?? []
            if try view.keepsLayer(key.manifest, in: key.repository, without: without) { continue }
            idle[key] = IdleLayerRow(
                repository: key.repository, blob: key.manifest, digest: digest, leased: 0, idle: 0)
        }
        let found = try idle.values.filter { !goingOrSpared.contains($0.blob) }.map { ($0, try name($0.repository)) }
            .sorted { ($0.1, $0.0.digest) < ($1.1, $1.0.digest) }
        for (row, name) in found {
            let item = SweepPlan.Item.layerLink(row.digest, name)
            let thing = MayGo.Thing(digest: row.digest, repositories: [name], leased: row.leased)
            guard room.isForLine else { break }
            guard try judge(item, thing) else { continue }
            goneLinks[row.repository, default: 0] += 1
            let since = row.idle > 1 ? Date(timeIntervalSince1970: Double(row.idle)) : nil
            append(SweepPlan.Line(item, reason: .unneeded, since: since))
        }
    }

    mutating func planUploads() throws {
        guard options.uploadSeconds != nil else { return }
        for upload in uploads.sorted(by: { ($0.name, $0.id.text) < ($1.name, $1.id.text) }) {
            let item = SweepPlan.Item.upload(upload.id, upload.name)
            guard room.isForLine else { break }
            guard try judge(item, MayGo.Thing(written: upload.lastWrite), bytes: upload.bytes) else { continue }
            let last = Date(timeIntervalSince1970: Double(upload.lastWrite))
            append(SweepPlan.Line(item, bytes: upload.bytes, reason: .abandoned, since: last))
        }
    }

    /// Repositories that hold nothing once the plan has run, deepest first: one may lie inside another.
    mutating func planRepositories() throws {
        var empty = Set(try view.emptyRepositories())
        for (repository, count) in goneLinks where try view.linkCount(repository) == count {
            empty.insert(try name(repository))
        }
        let going = Set(lines.lazy.filter { $0.kind == .upload }.map(\.item))
        for upload in uploads where !going.contains(.upload(upload.id, upload.name)) { empty.remove(upload.name) }
        // What cannot be read is still there, and one that has it is not empty.
        let ordered = try empty.filter { try mayGo.reasonToStay(MayGo.Thing(repositories: [$0])) == nil }.sorted {
            ($1.components.count, $0) < ($0.components.count, $1)
        }
        for name in ordered where room.isForLine { append(SweepPlan.Line(.repository(name), reason: .empty)) }
    }
}
