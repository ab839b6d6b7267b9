import Foundation
import OCI
import RegistryIndex
import RegistryStorage

/// Brings lines of a run back: bytes, then links, then manifests, then tags, the reverse of the run.
struct SweepUndo {
    let registry: Registry
    let plan: SweepPlan
    let quarantine: Quarantine
    let client: Client

    private var storage: any StorageDriver { registry.storage }

    /// - Parameter items: nil for all.
    func perform(_ items: Set<SweepPlan.Item>?) async throws(RegistryError) -> UndoReport {
        var report = UndoReport(run: plan.id, restored: [], kept: [])
        let wanted: Set<SweepPlan.Item>? = if let items { try await whole(items) } else { nil }
        // In the run tags and manifests stood before what they hold: backwards each finds what it needs.
        for line in plan.lines.reversed() where wanted?.contains(line.item) ?? true {
            guard let path = line.item.path, try await stored({ try await quarantine.holds(path) }) else { continue }
            do throws(RegistryError) {
                if let reason = try await restore(line, path) {
                    report.kept.append(SweepPlan.Spared(line, .failed(reason)))
                } else {
                    report.restored.append(line)
                }
            } catch {
                report.kept.append(SweepPlan.Spared(line, .failed(error.message)))
            }
        }
        return report
    }

    // MARK: What belongs together

    /// The items with what they need: the manifest of a tag, what a manifest references, the document itself.
    private func whole(_ items: Set<SweepPlan.Item>) async throws(RegistryError) -> Set<SweepPlan.Item> {
        let targets = Dictionary(
            plan.lines.compactMap { line in line.target.map { (line.item, $0) } },
            uniquingKeysWith: { first, _ in first })
        let planned = Set(plan.lines.map(\.item))
        var wanted: Set<SweepPlan.Item> = []
        var pending = Array(items)
        while let item = pending.popLast() {
            guard planned.contains(item), wanted.insert(item).inserted else { continue }
            switch item {
            case .tag(_, let name): if let target = targets[item] { pending.append(.revision(target, name)) }
            case .revision(let digest, let name):
                pending.append(.blob(digest))
                guard let manifest = try await manifest(digest) else { continue }
                for reference in manifest.references {
                    pending += [
                        .blob(reference.digest), .layerLink(reference.digest, name), .revision(reference.digest, name),
                    ]
                }
            case .layerLink(let digest, _): pending.append(.blob(digest))
            case .blob, .upload, .repository: break
            }
        }
        return wanted
    }

    /// The manifest, from the tree or from the quarantine; nil when it is in neither, or is none.
    private func manifest(_ digest: Digest) async throws(RegistryError) -> Manifest? {
        let limit = registry.configuration.manifestBytesMax
        let path = Layout.blobData(digest)
        for place in [path, quarantine.place(of: path)] {
            guard let bytes = try? await storage.read(place, limit: limit),
                let manifest = try? Manifest(stored: bytes, algorithm: digest.algorithm), manifest.digest == digest
            else { continue }
            return manifest
        }
        return nil
    }

    // MARK: Lines

    /// Nil when the line is back; else why not.
    private func restore(_ line: SweepPlan.Line, _ path: StoragePath) async throws(RegistryError) -> String? {
        switch line.item {
        case .blob(let digest): return try await restoreBlob(digest, line)
        case .layerLink(let digest, let name): return try await restoreLayerLink(digest, name, path)
        case .revision(let digest, let name): return try await restoreRevision(digest, name, line, path)
        case .tag(let tag, let name): return try await restoreTag(tag, name, path)
        case .upload, .repository:
            _ = try await stored { try await quarantine.restore(path) }
            if case .upload(let id, let name) = line.item { registry.uploads.met(id, in: name) }
            return nil
        }
    }

    private func restoreBlob(_ digest: Digest, _ line: SweepPlan.Line) async throws(RegistryError) -> String? {
        await registry.digestLocks.lockExclusive(digest)
        defer { registry.digestLocks.unlockExclusive(digest) }
        _ = try await stored { try await quarantine.restore(Layout.blob(digest)) }
        guard let status = try await stored({ try await storage.stat(Layout.blobData(digest)) }) else {
            return "its bytes are not in the quarantine"
        }
        let now = Registry.now
        try indexed { try registry.index.write { try $0.blobPresent(digest, size: status.size, leased: now) } }
        // Bytes before links, as in a push.
        for name in line.repositories {
            if try await restore(link: digest, name) {
                try indexed { try registry.index.write { try $0.layerLinked(digest, in: name, leased: now) } }
            }
            for alias in try await aliases(of: digest, name) where try await restore(link: alias, name) {
                try indexed { try registry.index.write { try $0.aliasLinked(alias, to: digest, in: name) } }
            }
        }
        return nil
    }

    private func restore(link digest: Digest, _ name: RepositoryName) async throws(RegistryError) -> Bool {
        guard let path = SweepPlan.Item.layerLink(digest, name).path else { return false }
        return try await stored { try await quarantine.restore(path) }
    }

    /// Links in the quarantine, among those that are named by another algorithm than the bytes, that lead to them.
    private func aliases(of digest: Digest, _ name: RepositoryName) async throws(RegistryError) -> [Digest] {
        var found: [Digest] = []
        for algorithm in Digest.Algorithm.allCases where algorithm != digest.algorithm {
            let place = quarantine.place(of: Layout.layers(name).appending(algorithm.name))
            for entry in try await stored({ try await storage.list(place) }) ?? [] {
                guard let alias = Digest(algorithm: algorithm, hex: entry.name) else { continue }
                let link = quarantine.place(of: Layout.layerLink(alias, in: name))
                if try await stored({ try await storage.link(at: link) }).digest == digest { found.append(alias) }
            }
        }
        return found
    }

    private func restoreLayerLink(
        _ digest: Digest, _ name: RepositoryName, _ path: StoragePath
    ) async throws(RegistryError) -> String? {
        await registry.digestLocks.lockExclusive(digest)
        defer { registry.digestLocks.unlockExclusive(digest) }
        let link = quarantine.place(of: Layout.layerLink(digest, in: name))
        guard let target = try await stored({ try await storage.link(at: link) }).digest,
            try await registry.hasBytes(target)
        else { return "the bytes of \(digest) are not there any more" }
        _ = try await stored { try await quarantine.restore(path) }
        try indexed {
            try registry.index.write { change in
                if target == digest {
                    try change.layerLinked(digest, in: name, leased: Registry.now)
                } else {
                    try change.aliasLinked(digest, to: target, in: name)
                }
            }
        }
        return nil
    }

    private func restoreRevision(
        _ digest: Digest, _ name: RepositoryName, _ line: SweepPlan.Line, _ path: StoragePath
    ) async throws(RegistryError) -> String? {
        guard let manifest = try await registry.readManifest(digest) else {
            return "the bytes of \(digest) are not there any more"
        }
        let pins = Set(manifest.references.map(\.digest) + [digest])
        await registry.digestLocks.lockShared(pins)
        defer { registry.digestLocks.unlockShared(pins) }
        for part in (manifest.config.map { [$0] } ?? []) + manifest.layers where !part.mediaType.isNonDistributable {
            let link = try await stored { try await storage.link(at: Layout.layerLink(part.digest, in: name)) }
            guard let target = link.digest, try await registry.hasBytes(target) else {
                return "it needs \(part.digest), which the repository does not hold any more"
            }
        }
        let written = try await stored { try await storage.stat(quarantine.place(of: path).appending("link")) }
        _ = try await stored { try await quarantine.restore(path) }
        let type = line.mediaType.flatMap { $0 == manifest.mediaType ? nil : $0 }
        try indexed {
            try registry.index.write { change in
                try change.manifestLinked(
                    manifest, noting: type, in: name, at: written?.modified ?? Registry.now, leased: Registry.now)
                registry.notedTypes.note(type, for: digest, in: name)
            }
        }
        registry.changed()
        return nil
    }

    private func restoreTag(
        _ tag: Tag, _ name: RepositoryName, _ path: StoragePath
    ) async throws(RegistryError) -> String? {
        let key = RepositoryTag(name: name, tag: tag)
        await registry.tagLocks.lockExclusive(key)
        defer { registry.tagLocks.unlockExclusive(key) }
        if try await registry.resolve(.tag(tag), in: name) != nil { return "the tag has been set again since" }
        let link = quarantine.place(of: Layout.tagCurrent(tag, in: name))
        guard let digest = try await stored({ try await storage.link(at: link) }).digest,
            try await registry.holdsManifest(digest, in: name)
        else { return "what it pointed at is not there any more" }
        _ = try await stored { try await quarantine.restore(path) }
        try indexed {
            try registry.index.write { try $0.tagSet(tag, to: digest, in: name, at: Registry.now, by: client.address) }
        }
        registry.changed()
        return nil
    }
}
