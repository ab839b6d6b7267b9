import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// Layer links: through which repositories a blob may be read. As with manifests, the index has afterwards what the tree says,
/// and what cannot be read is damage that names the blob of its path.
extension Reconciler {
    func compareLayers(_ name: RepositoryName) async throws(RegistryError) {
        var last: Int64?
        while true {
            let part = try indexed {
                try index.read { try $0.page(of: .layer, in: name, after: last, limit: Self.partMax) }
            }
            guard let end = part.last else { break }
            last = end.cursor
            var changed: [Digest] = []
            for row in part {
                let stamp = try await stamp(of: Layout.layerLink(row.digest, in: name))
                if stamp == 0 || stamp != row.stamp { changed.append(row.digest) }
            }
            try await read(changed, name, areKnown: true)
            try await looked(at: 0)
        }
        try await forEachPart(below: Layout.layers(name), name) { digests async throws(RegistryError) in
            let unknown = try indexed { try index.read { try $0.unknown(.layer, of: digests, in: name) } }
            try await read(unknown, name, areKnown: false)
        }
    }

    /// One link, in both directions.
    func compareLayer(_ digest: Digest, _ name: RepositoryName) async throws(RegistryError) {
        let unknown = try indexed { try index.read { try $0.unknown(.layer, of: [digest], in: name) } }
        try await read([digest], name, areKnown: unknown.isEmpty)
    }

    /// Reads links, and takes what they say into the index.
    private func read(_ digests: [Digest], _ name: RepositoryName, areKnown: Bool) async throws(RegistryError) {
        guard !digests.isEmpty else { return }
        for digest in try await add(digests, name) {
            if areKnown {
                try await drop(layer: digest, name)
            } else if case .damaged(let reason) = try await link(at: Layout.layerLink(digest, in: name)) {
                try damaged(Layout.layerLink(digest, in: name), name, naming: digest, reason)
            }
        }
    }

    /// Takes those in that lead somewhere; gives the others. Shared locks are enough: what is done here is what a push does.
    private func add(_ digests: [Digest], _ name: RepositoryName) async throws(RegistryError) -> [Digest] {
        let hold = try await ground.coordination.hold(.digests(digests), .shared)
        var found: [(digest: Digest, target: Digest, stamp: Int64)] = []
        var others: [Digest] = []
        for digest in digests {
            let path = Layout.layerLink(digest, in: name)
            let stamp = try await stamp(of: path)
            if let target = try await link(at: path).digest {
                found.append((digest, target, stamp))
            } else {
                others.append(digest)
            }
        }
        guard !found.isEmpty else { return others }
        try hold.confirm()
        let changes = try indexed {
            try index.write { change in
                try found.count { one in
                    try change.damageMended(Layout.layerLink(one.digest, in: name).text)
                    return try change.layerFound(one.digest, to: one.target, in: name, stamp: one.stamp)
                }
            }
        }
        if changes > 0 { corrected(changes) }
        return others
    }

    /// Takes a link out of the index that is not there any more, or cannot be read.
    private func drop(layer digest: Digest, _ name: RepositoryName) async throws(RegistryError) {
        let hold = try await ground.coordination.hold([.digest(digest)], .exclusive)
        let path = Layout.layerLink(digest, in: name)
        switch try await link(at: path) {
        case .digest: return
        case .damaged(let reason): try damaged(path, name, naming: digest, reason)
        case .absent: break
        }
        try hold.confirm()
        try indexed { try index.write { try $0.layerUnlinked(digest, in: name) } }
        corrected()
    }
}
