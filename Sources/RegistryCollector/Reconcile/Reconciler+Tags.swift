import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// What tags point at.
extension Reconciler {
    /// Who did what this registry only found.
    private static let others = "another registry"

    func compareTags(_ name: RepositoryName) async throws(RegistryError) {
        try await parts(of: Layout.tags(name), pinning: name) { part async throws(RegistryError) in
            var tags: [Tag] = []
            for entry in part where entry.unreachable == nil {
                guard let tag = try? Tag(entry.name) else { continue }
                if entry.isDirectory {
                    tags.append(tag)
                } else if !entry.name.hasSuffix(".tmp") {
                    try damaged(Layout.tag(tag, in: name), name, Self.noDirectory)
                }
            }
            try await compareTags(tags, name)
            try await looked(at: part.count)
        }
        var last: Tag?
        while true {
            let part = try indexed { try index.read { try $0.tagPage(in: name, after: last, limit: Self.partMax) } }
            guard let end = part.last else { return }
            last = end.tag
            for row in part where try await stamp(of: Layout.tagCurrent(row.tag, in: name)) == 0 {
                try await compareTag(row.tag, name)
            }
            try await looked(at: 0)
        }
    }

    /// Those that the index does not know go into it with one transaction: a tree that is opened for the first time has
    /// hundreds of thousands.
    private func compareTags(_ tags: [Tag], _ name: RepositoryName) async throws(RegistryError) {
        let known = try indexed {
            try index.read { view in try tags.map { try view.target(of: $0, in: name) != nil } }
        }
        let unknown = zip(tags, known).lazy.filter { !$1 }.map(\.0)
        let added = try await add(Array(unknown), name)
        report.tags += added.count
        for tag in tags where !added.contains(tag) { try await compareTag(tag, name) }
    }

    /// Gives those that are in the index now. What has no sound link is not among them.
    private func add(_ tags: [Tag], _ name: RepositoryName) async throws(RegistryError) -> Set<Tag> {
        guard !tags.isEmpty else { return [] }
        let hold = try await ground.coordination.hold(.tags(tags, in: name), .exclusive)
        var found: [(tag: Tag, digest: Digest, written: Int64)] = []
        for tag in tags {
            let path = Layout.tagCurrent(tag, in: name)
            guard let digest = try await link(at: path).digest else { continue }
            found.append((tag, digest, try await stored { try await storage.stat(path) }?.modified ?? Ground.now))
        }
        try hold.confirm()
        try indexed {
            try index.write { change in
                for one in found {
                    try change.tagSet(one.tag, to: one.digest, in: name, at: one.written, by: Self.others)
                    try change.damageMended(Layout.tagCurrent(one.tag, in: name).text)
                }
            }
        }
        if !found.isEmpty { corrected(found.count) }
        return Set(found.map(\.tag))
    }

    func compareTag(_ tag: Tag, _ name: RepositoryName) async throws(RegistryError) {
        report.tags += 1
        let path = Layout.tagCurrent(tag, in: name)
        let known = try indexed { try index.read { try $0.target(of: tag, in: name) } }
        let link = try await link(at: path)
        if link == .absent ? known == nil : known != nil && link.digest == known { return }
        let hold = try await ground.coordination.hold([.tag(tag, name)], .exclusive)
        let now = try await self.link(at: path)
        try hold.confirm()
        switch now {
        case .absent:
            try indexed { try index.write { try $0.tagRemoved(tag, in: name, at: Ground.now, by: Self.others) } }
        case .damaged(let reason):
            try damaged(path, name, reason)
            // It points at nothing that anybody could be served, and what it may have pointed at stays for the damage.
            guard known != nil else { return }
            try indexed { try index.write { try $0.tagLost(tag, in: name) } }
        case .digest(let digest):
            let written = try await stored { try await storage.stat(path) }?.modified ?? Ground.now
            try indexed {
                try index.write { change in
                    try change.tagSet(tag, to: digest, in: name, at: written, by: Self.others)
                    try change.damageMended(path.text)
                }
            }
        }
        corrected()
    }
}
