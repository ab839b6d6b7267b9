import OCI
import RegistryIndex
import RegistryStorage

/// Removing the tags of a manifest that goes: there may be a hundred thousand.
extension Registry {
    /// Tags that are removed at a time. One sync of their directory and one transaction serve them all, and who waits for
    /// one of their locks waits for a moment.
    private static let tagsAtOnceMax = 256
    /// Threads that take them out: what each waits for is mostly the disk.
    private static let threads = 8

    /// Removes every tag that points at the manifest. When it returns they stay gone through a crash. The caller holds the
    /// digest exclusive.
    ///
    /// Throws `denied`, and removes none, when one of them may not be deleted.
    ///
    /// - Parameter manifest: on the digest; asked after before each tag, for others may be waited for.
    func removeTags(
        of digest: Digest, in name: RepositoryName, by access: Access, holding manifest: borrowing Hold
    ) async throws(RegistryError) {
        var rest = try await tags(of: digest, in: name).sorted()[...]
        for tag in rest { try access.require(.delete, name, tag) }
        // Also where none is left: a process that died may have taken one out a moment ago, and it must not come back to
        // point at nothing.
        if rest.isEmpty, let failure = await settleTags(of: name) { throw failure }
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.tagsAtOnceMax))
            let hold = try await coordination.hold(.tags(part, in: name), .exclusive)
            try await remove(part, of: digest, in: name, by: access.client, holding: [manifest.watch(), hold.watch()])
            rest = rest.dropFirst(Self.tagsAtOnceMax)
        }
    }

    private func remove(
        _ tags: [Tag], of digest: Digest, in name: RepositoryName, by client: Client, holding holds: [HoldWatch]
    ) async throws(RegistryError) {
        let (gone, failure) = await withTaskGroup(of: (gone: [Tag], failure: RegistryError?).self) { group in
            for first in 0..<Self.threads {
                let part = stride(from: first, to: tags.count, by: Self.threads).map { tags[$0] }
                group.addTask { await self.discard(part, of: digest, in: name, holding: holds) }
            }
            var (gone, failure) = ([Tag](), RegistryError?.none)
            for await part in group {
                gone += part.gone
                failure = failure ?? part.failure
            }
            return (gone.sorted(), failure)
        }
        if gone.isEmpty {
            if let failure { throw failure }
            return
        }
        // What has left the tree leaves the index, whether or not that is known to survive a crash.
        let unsettled = await settleTags(of: name)
        try ground.committed(gone.map { .tagDeleted(name, $0, digest) }, by: client) {
            try $0.tagsRemoved(gone, from: digest, in: name, at: Ground.now, by: client.address, .manifestDeleted)
        }
        if let failure = failure ?? unsettled { throw failure }
    }

    /// Makes it durable that tags are gone; gives what failed.
    private func settleTags(of name: RepositoryName) async -> RegistryError? {
        do throws(RegistryError) {
            try await stored { try await storage.settle(.removals(from: [Layout.tags(name)])) }
            return nil
        } catch {
            return error
        }
    }

    /// Takes out those that still point at the manifest. The first failure ends it; what went before it is gone all the same.
    private func discard(
        _ tags: [Tag], of digest: Digest, in name: RepositoryName, holding holds: [HoldWatch]
    ) async -> (gone: [Tag], failure: RegistryError?) {
        var gone: [Tag] = []
        do throws(RegistryError) {
            for tag in tags where try await ground.resolve(.tag(tag), in: name) == digest {
                for hold in holds { try hold.confirm() }
                try await stored { try await storage.remove(Layout.tag(tag, in: name), .passing) }
                gone.append(tag)
            }
            return (gone, nil)
        } catch {
            return (gone, error)
        }
    }

    /// Tags that point at a manifest. Read from the tree while the index is not up to it, where that costs a link for each tag
    /// of the repository.
    private func tags(of digest: Digest, in name: RepositoryName) async throws(RegistryError) -> [Tag] {
        guard ground.listsFollowIndex else {
            let tags = try await stored { try await TreeListing(storage: storage).tags(in: name) }
            return tags.filter { $0.digest == digest }.map(\.tag)
        }
        return try indexed { try index.read { try $0.tags(of: digest, in: name) } }
    }
}
