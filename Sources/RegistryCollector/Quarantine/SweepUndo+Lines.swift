import Foundation
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// One line: what its kind needs to be whole, then the line itself, in the tree and in the index.
extension SweepUndo {
    /// Nil when the line is back; else why not.
    func restore(_ line: SweepPlan.Line, _ path: StoragePath) async throws(RegistryError) -> String? {
        switch line.item {
        case .blob(let digest): return try await restoreLinks(to: digest, line)
        case .layerLink(let digest, let name): return try await restoreLayerLink(digest, name, path)
        case .revision(let digest, let name): return try await restoreRevision(digest, name, line, path)
        case .tag(let tag, let name): return try await restoreTag(tag, name, path)
        case .upload(let id, let name):
            // Somebody may be going on with what is there.
            guard let claim = try ground.coordination.holdNow([.upload(id)], .exclusive) else {
                return "somebody is writing to it"
            }
            if try await stored({ try await storage.firstFile(below: path) }) != nil {
                return "an upload is at its place"
            }
            if let reason = try await back(path, claim.watch()) { return reason }
            ground.uploads.met(id, in: name)
            return nil
        case .repository: return nil
        }
    }

    /// Puts a path back; gives why it stays in the quarantine, nil when it does not.
    private func back(_ path: StoragePath, _ hold: HoldWatch) async throws(RegistryError) -> String? {
        switch try await stored({ try await quarantine.restore(path, hold) }) {
        case .done, .absent: nil
        case .differs(let path): "something else is at \(path) by now; it stays, and so does this"
        }
    }

    /// - Parameter bytes: their number, as the record has it.
    func restoreBytes(_ digest: Digest, _ bytes: Int64) async throws(RegistryError) -> String? {
        let hold = try await ground.coordination.hold([.digest(digest)], .exclusive)
        if let found = try await other(than: bytes, of: digest) {
            return "what lies in the quarantine is not what was taken: \(bytes) bytes were, \(found) there; it stays"
        }
        if let reason = try await back(Layout.blob(digest), hold.watch()) { return reason }
        guard let status = try await stored({ try await storage.stat(Layout.blobData(digest)) }) else {
            return "its bytes are not in the quarantine"
        }
        let now = Ground.now
        try indexed { try ground.index.write { try $0.blobPresent(digest, size: status.size, leased: now) } }
        return nil
    }

    /// What lies in the quarantine in place of so many bytes; nil where they are there, and where nothing is, for they may be
    /// back already.
    private func other(than bytes: Int64, of digest: Digest) async throws(RegistryError) -> String? {
        let place = quarantine.place(of: Layout.blobData(digest))
        guard let found = try await stored({ try await storage.stat(place) }) else { return nil }
        if found.isDirectory { return "a directory is" }
        // As the record clamps them.
        if Bounds.clamped(bytes: found.size) != bytes {
            return found.size == 1 ? "1 byte is" : "\(found.size) bytes are"
        }
        // What is no file says 0 too.
        if found.size == 0 { _ = try await stored { try await storage.open(place) } }
        return nil
    }

    private func restoreLinks(to digest: Digest, _ line: SweepPlan.Line) async throws(RegistryError) -> String? {
        let hold = try await ground.coordination.hold([.digest(digest)], .exclusive)
        var reason: String?
        for name in line.repositories {
            reason = try await restore(link: digest, name, to: digest, hold) ?? reason
            for alias in try await aliases(of: digest, name) {
                reason = try await restore(link: alias, name, to: digest, hold) ?? reason
            }
        }
        return reason
    }

    /// Puts a link to bytes back that are there; gives why it stays in the quarantine, nil when it does not.
    private func restore(
        link digest: Digest, _ name: RepositoryName, to target: Digest, _ hold: borrowing Hold
    ) async throws(RegistryError) -> String? {
        guard let path = SweepPlan.Item.layerLink(digest, name).path,
            try await stored({ try await quarantine.holds(path) })
        else { return nil }
        if let reason = try await back(path, hold.watch()) { return reason }
        try indexed {
            try ground.index.write { change in
                if digest == target {
                    try change.layerLinked(digest, in: name, leased: Ground.now)
                } else {
                    try change.aliasLinked(digest, to: target, in: name)
                }
            }
        }
        return nil
    }

    /// Links in the quarantine, among those that are named by another algorithm than the bytes, that lead to them.
    func aliases(of digest: Digest, _ name: RepositoryName) async throws(RegistryError) -> [Digest] {
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
        let hold = try await ground.coordination.hold([.digest(digest)], .exclusive)
        let link = quarantine.place(of: Layout.layerLink(digest, in: name))
        guard let target = try await stored({ try await storage.link(at: link) }).digest,
            try await ground.hasBytes(target)
        else { return "the bytes of \(digest) are not there any more" }
        return try await restore(link: digest, name, to: target, hold)
    }

    private func restoreRevision(
        _ digest: Digest, _ name: RepositoryName, _ line: SweepPlan.Line, _ path: StoragePath
    ) async throws(RegistryError) -> String? {
        guard let manifest = try await ground.readManifest(digest) else {
            return "the bytes of \(digest) are not there any more"
        }
        // Exclusive: what a push has put there and not made durable yet is not to be relied on.
        let pins = Set(manifest.references.map(\.digest) + [digest])
        let hold = try await ground.coordination.hold(.digests(pins), .exclusive)
        for part in (manifest.config.map { [$0] } ?? []) + manifest.layers where !part.mediaType.isNonDistributable {
            let link = try await stored { try await storage.link(at: Layout.layerLink(part.digest, in: name)) }
            guard let target = link.digest, try await ground.hasBytes(target) else {
                return "it needs \(part.digest), which the repository does not hold any more"
            }
        }
        let written = try await stored { try await storage.stat(quarantine.place(of: path).appending("link")) }
        if let reason = try await back(path, hold.watch()) { return reason }
        let type = line.mediaType.flatMap { $0 == manifest.mediaType ? nil : $0 }
        try ground.committed { change in
            try change.manifestLinked(
                manifest, noting: type, in: name, at: written?.modified ?? Ground.now, leased: Ground.now)
            ground.notedTypes.note(type, for: digest, in: name)
        }
        return nil
    }

    private func restoreTag(
        _ tag: Tag, _ name: RepositoryName, _ path: StoragePath
    ) async throws(RegistryError) -> String? {
        let link = quarantine.place(of: Layout.tagCurrent(tag, in: name))
        let digest = try await stored({ try await storage.link(at: link) }).digest
        let pins = [digest].compactMap(\.self)
        let keys = Set<HoldKey>.digests(pins).union([.tag(tag, name)])
        let hold = try await ground.coordination.hold(keys, .exclusive)
        let current = try await ground.resolve(.tag(tag), in: name)
        if let current, current != digest {
            // Its history alone may be left here, of an undo that a crash ended.
            if digest == nil {
                return try await back(path, hold.watch())
            }
            return "the tag has been set again since"
        }
        guard let digest, try await ground.holdsManifest(digest, in: name) else {
            return "what it pointed at is not there any more"
        }
        if let reason = try await back(path, hold.watch()) { return reason }
        if current == digest { return nil }
        try ground.committed {
            try $0.tagSet(tag, to: digest, in: name, at: Ground.now, by: client.address)
        }
        return nil
    }
}
