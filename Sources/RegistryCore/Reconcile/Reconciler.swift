import Foundation
import Logging
import OCI
import RegistryIndex
import RegistryStorage

/// Makes the index say what the tree says. The tree is read, never changed.
///
/// Runs while the registry serves: each difference is settled under the digest's lock, where the link is looked at once
/// more, so a push or a deletion in between is never undone.
struct Reconciler {
    let registry: Registry
    var storage: any StorageDriver { registry.storage }
    var index: ReferenceIndex { registry.index }

    init(registry: Registry) { self.registry = registry }

    /// Links and blobs, everything. Costs a listing of every directory of the tree.
    func compareAll() async throws(RegistryError) -> ReconcileReport {
        var report = try await compareRepositories(layers: true)
        try await compareBlobs(&report)
        return report
    }

    /// Manifests and tags only: what decides whether something is reachable. Costs a listing of the repositories.
    @discardableResult
    func compareLinks() async throws(RegistryError) -> ReconcileReport { try await compareRepositories(layers: false) }

    // MARK: Repositories

    private func compareRepositories(layers: Bool) async throws(RegistryError) -> ReconcileReport {
        var report = ReconcileReport()
        try indexed { try index.write { try $0.damageOutsideRepositoriesCleared() } }
        let (places, tooDeep) = try await stored { try await TreeListing(storage: storage).repositories() }
        for place in tooDeep { try damaged(place, nil, "directories are nested too deep", &report) }
        for place in places where place.name == nil {
            try damaged(place.directory, nil, "its name cannot be a repository's", &report)
        }
        let found = places.compactMap(\.name)
        let known = try indexed { try index.read { try $0.allRepositories() } }
        for name in found + Set(known).subtracting(found).sorted() {
            try await compare(name, layers: layers, &report)
        }
        report.repositories = found.count
        return report
    }

    private func compare(
        _ name: RepositoryName, layers: Bool, _ report: inout ReconcileReport
    ) async throws(RegistryError) {
        // Only what is looked at again is forgotten: damage that nobody re-examines goes on sparing what it may pin.
        try indexed {
            try index.write { change in
                try change.damageCleared(below: Layout.manifests(name).text)
                if layers { try change.damageCleared(below: Layout.layers(name).text) }
            }
        }
        try await compareRevisions(name, &report)
        try await compareTags(name, &report)
        if layers { try await compareLayers(name, &report) }
    }

    private func compareRevisions(
        _ name: RepositoryName, _ report: inout ReconcileReport
    ) async throws(RegistryError) {
        let links = try await digests(below: Layout.revisions(name), name, &report)
        let known = try indexed { try index.read { try $0.revisions(in: name) } }
        report.manifests += links.count
        for digest in links.subtracting(known).sorted() { try await linkRevision(digest, name, &report) }
        for digest in known.subtracting(links).sorted() { try await unlinkRevision(digest, name, &report) }
        // Known ones are not read again; their bytes are looked for, since without them nobody can say what they need.
        for digest in links.intersection(known) {
            if try await stored({ try await storage.stat(Layout.blobData(digest)) }) == nil {
                try damaged(
                    Layout.revisionLink(digest, in: name), name, "the bytes of the manifest are missing", &report)
            }
        }
    }

    private func linkRevision(
        _ digest: Digest, _ name: RepositoryName, _ report: inout ReconcileReport
    ) async throws(RegistryError) {
        await registry.digestLocks.lockExclusive(digest)
        defer { registry.digestLocks.unlockExclusive(digest) }
        let path = Layout.revisionLink(digest, in: name)
        switch try await stored({ try await storage.link(at: path) }) {
        case .absent: return
        case .damaged(let reason): return try damaged(path, name, naming: digest, reason, &report)
        case .digest(let target):
            guard target == digest else {
                return try damaged(path, name, naming: digest, "the link points at another digest", &report)
            }
        }
        try await record(digest, at: path, name, &report)
    }

    /// Reads a manifest of the tree into the index, or notes why it cannot be.
    private func record(
        _ digest: Digest, at path: StoragePath, _ name: RepositoryName, _ report: inout ReconcileReport
    ) async throws(RegistryError) {
        let manifest: Manifest
        do throws(RegistryError) {
            guard let found = try await registry.readManifest(digest) else {
                return try damaged(path, name, naming: digest, "the bytes of the manifest are missing", &report)
            }
            manifest = found
        } catch {
            switch error {
            case .manifestInvalid, .digestMismatch, .storage(.tooLarge):
                return try damaged(path, name, naming: digest, error.message, &report)
            default: throw error
            }
        }
        let written = try await stored { try await storage.stat(path) }?.modified ?? Registry.now
        report.corrections += 1
        try indexed {
            try index.write { try $0.manifestFound(manifest, in: name, at: written) }
        }
        registry.changed()
    }

    private func unlinkRevision(
        _ digest: Digest, _ name: RepositoryName, _ report: inout ReconcileReport
    ) async throws(RegistryError) {
        await registry.digestLocks.lockExclusive(digest)
        defer { registry.digestLocks.unlockExclusive(digest) }
        guard try await stored({ try await storage.stat(Layout.revisionLink(digest, in: name)) }) == nil else { return }
        report.corrections += 1
        try registry.forgetRevision(digest, in: name)
    }

    private func compareTags(_ name: RepositoryName, _ report: inout ReconcileReport) async throws(RegistryError) {
        var known = try indexed { try index.read { try $0.tagTargets(in: name) } }
        for entry in try await stored({ try await storage.list(Layout.tags(name)) }) ?? [] {
            guard entry.isDirectory, let tag = try? Tag(entry.name) else { continue }
            let before = known.removeValue(forKey: tag)
            try await compareTag(tag, name, before, &report)
        }
        for (tag, target) in known { try await compareTag(tag, name, target, &report) }
    }

    private func compareTag(
        _ tag: Tag, _ name: RepositoryName, _ before: Digest?, _ report: inout ReconcileReport
    ) async throws(RegistryError) {
        let key = RepositoryTag(name: name, tag: tag)
        let path = Layout.tagCurrent(tag, in: name)
        let link = try await stored { try await storage.link(at: path) }
        if let digest = link.digest, digest == before { return }
        await registry.tagLocks.lockExclusive(key)
        defer { registry.tagLocks.unlockExclusive(key) }
        switch try await stored({ try await storage.link(at: path) }) {
        case .absent:
            guard before != nil else { return }
            try indexed { try index.write { try $0.tagRemoved(tag, in: name) } }
        case .damaged(let reason):
            return try damaged(path, name, reason, &report)
        case .digest(let digest):
            try await requireRevision(digest, tag, name, &report)
            let written = try await stored { try await storage.stat(path) }?.modified ?? Registry.now
            try indexed { try index.write { try $0.tagSet(tag, to: digest, in: name, at: written) } }
        }
        report.corrections += 1
        registry.changed()
    }

    /// A tag of registry 2.1 may point at a manifest that only `_layers` links; what it references lives all the same.
    private func requireRevision(
        _ digest: Digest, _ tag: Tag, _ name: RepositoryName, _ report: inout ReconcileReport
    ) async throws(RegistryError) {
        guard try indexed({ try index.read { try $0.revision(digest, in: name) } }) == nil else { return }
        try await record(digest, at: Layout.tagCurrent(tag, in: name), name, &report)
    }

    private func compareLayers(_ name: RepositoryName, _ report: inout ReconcileReport) async throws(RegistryError) {
        let links = try await digests(below: Layout.layers(name), name, &report)
        let known = try indexed { try index.read { try $0.layers(in: name) } }
        for digest in links.subtracting(known).sorted() {
            let path = Layout.layerLink(digest, in: name)
            switch try await stored({ try await storage.link(at: path) }) {
            case .absent: continue
            case .damaged(let reason): try damaged(path, name, reason, &report)
            case .digest(let target):
                // Distribution stores a sha512 blob under sha256 with an alias: manifests name the one, bytes lie under
                // the other. Until aliases are edges of the graph, such a repository gives nothing back.
                if target != digest { try damaged(path, name, "an alias of \(target)", &report) }
                report.corrections += 1
                try indexed {
                    try index.write { change in
                        try change.layerLinked(digest, in: name)
                        if target != digest { try change.layerLinked(target, in: name) }
                    }
                }
            }
        }
        for digest in known.subtracting(links).sorted() {
            await registry.digestLocks.lockExclusive(digest)
            defer { registry.digestLocks.unlockExclusive(digest) }
            guard try await stored({ try await storage.stat(Layout.layerLink(digest, in: name)) }) == nil else {
                continue
            }
            report.corrections += 1
            try indexed { try index.write { try $0.layerUnlinked(digest, in: name) } }
        }
    }

    /// The digests that have a directory below `_layers` or `revisions`. An empty directory is what a deletion by
    /// distribution leaves: no link, no digest.
    private func digests(
        below directory: StoragePath, _ name: RepositoryName, _ report: inout ReconcileReport
    ) async throws(RegistryError) -> Set<Digest> {
        var found: Set<Digest> = []
        for kind in try await stored({ try await storage.list(directory) }) ?? [] where kind.isDirectory {
            guard let algorithm = Digest.Algorithm(name: kind.name) else {
                try damaged(directory.appending(kind.name), name, "an unknown digest algorithm", &report)
                continue
            }
            let place = directory.appending(kind.name)
            for entry in try await stored({ try await storage.list(place) }) ?? [] where entry.isDirectory {
                guard let digest = Digest(algorithm: algorithm, hex: entry.name) else { continue }
                let link = place.appending(entry.name).appending("link")
                if try await stored({ try await storage.stat(link) }) != nil { found.insert(digest) }
            }
        }
        return found
    }

    func damaged(
        _ path: StoragePath, _ name: RepositoryName?, naming digest: Digest? = nil, _ reason: String,
        _ report: inout ReconcileReport
    ) throws(RegistryError) {
        report.damaged += 1
        registry.logger.warning("damaged", metadata: ["path": "\(path)", "reason": "\(reason)"])
        try indexed { try index.write { try $0.damaged(path.text, in: name, naming: digest, reason: reason) } }
    }
}
