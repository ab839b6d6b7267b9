import OCI
import RegistryIndex
import RegistryStorage

/// Layer links: through which repositories a blob may be read.
extension Reconciler {
    func compareLayers(_ name: RepositoryName) async throws(RegistryError) {
        try await forEachPart(below: Layout.layers(name), name) { digests async throws(RegistryError) in
            let unknown = try indexed { try index.read { try $0.unknown(.layer, of: digests, in: name) } }
            try await add(unknown, name)
        }
        var last: Int64?
        while true {
            let part = try indexed {
                try index.read { try $0.page(of: .layer, in: name, after: last, limit: Self.partMax) }
            }
            guard let end = part.last else { return }
            last = end.cursor
            for row in part { try await dropUnlessLinked(layer: row.digest, name) }
            try await looked(at: 0)
        }
    }

    /// One link, in both directions.
    func compareLayer(_ digest: Digest, _ name: RepositoryName) async throws(RegistryError) {
        let unknown = try indexed { try index.read { try $0.unknown(.layer, of: [digest], in: name) } }
        if unknown.isEmpty { try await dropUnlessLinked(layer: digest, name) } else { try await add(unknown, name) }
    }

    /// Shared locks are enough: what is done here is what a push does.
    private func add(_ digests: [Digest], _ name: RepositoryName) async throws(RegistryError) {
        guard !digests.isEmpty else { return }
        let locks = Set(digests)
        await registry.digestLocks.lockShared(locks)
        defer { registry.digestLocks.unlockShared(locks) }
        var found: [(digest: Digest, target: Digest)] = []
        for digest in digests {
            let path = Layout.layerLink(digest, in: name)
            switch try await link(at: path) {
            case .absent: continue
            case .damaged(let reason): try damaged(path, name, reason)
            case .digest(let target): found.append((digest, target))
            }
        }
        guard !found.isEmpty else { return }
        try indexed {
            try index.write { change in
                for (digest, target) in found {
                    if digest == target {
                        try change.layerLinked(digest, in: name)
                    } else {
                        try change.aliasLinked(digest, to: target, in: name)
                    }
                }
            }
        }
        corrected(found.count)
    }

    private func dropUnlessLinked(layer digest: Digest, _ name: RepositoryName) async throws(RegistryError) {
        let path = Layout.layerLink(digest, in: name)
        if try await !isGone(path, name, naming: digest) { return }
        await registry.digestLocks.lockExclusive(digest)
        defer { registry.digestLocks.unlockExclusive(digest) }
        guard try await isGone(path, name, naming: digest) else { return }
        try indexed { try index.write { try $0.layerUnlinked(digest, in: name) } }
        corrected()
    }
}
