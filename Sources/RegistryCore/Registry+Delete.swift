package import OCI
import RegistryIndex
import RegistryStorage

extension Registry {
    /// Removes a tag with its history. Its manifest stays until a sweep of untagged ones.
    package func deleteTag(_ tag: Tag, in name: RepositoryName, by access: Access) async throws(RegistryError) {
        try access.require(.delete, name, tag)
        try requireDeletion()
        let hold = try await coordination.hold([.tag(tag, name)], .exclusive)
        guard let digest = try await ground.resolve(.tag(tag), in: name) else {
            throw .manifestUnknown(.tag(tag), name)
        }
        try hold.confirm()
        try await stored { try await storage.remove(Layout.tag(tag, in: name), .lasting) }
        try ground.committed([.tagDeleted(name, tag, digest)], by: access.client) { change in
            try change.tagRemoved(tag, in: name, at: Ground.now, by: access.client.address)
            try change.damageMended(Layout.tagCurrent(tag, in: name).text)
        }
    }

    /// Removes a manifest from a repository, and every tag that points at it. Its bytes stay until a sweep.
    package func deleteManifest(
        _ digest: Digest, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) {
        try access.require(.delete, name)
        try requireDeletion()
        let hold = try await coordination.hold([.digest(digest)], .exclusive)
        // A damaged link can be deleted too: it is in the way.
        let link = Layout.revisionLink(digest, in: name)
        var isThere = try await stored { try await storage.stat(link) } != nil
        if !isThere { isThere = try await ground.holdsLink(to: digest, byTag: false, in: name) }
        guard isThere else { throw .manifestUnknown(.digest(digest), name) }
        // Tags first: a crash in between leaves an untagged manifest, never a tag that points at nothing.
        try await removeTags(of: digest, in: name, by: access, holding: hold)
        try hold.confirm()
        if let directory = link.parent { try await stored { try await storage.remove(directory, .lasting) } }
        try ground.forgetRevision(digest, in: name, [.manifestDeleted(name, digest)], by: access.client)
    }

    /// Takes a blob out of a repository. Its bytes stay until a sweep.
    package func deleteBlob(_ digest: Digest, in name: RepositoryName, by access: Access) async throws(RegistryError) {
        try access.require(.delete, name)
        try requireDeletion()
        let hold = try await coordination.hold([.digest(digest)], .exclusive)
        let link = Layout.layerLink(digest, in: name)
        let isThere =
            switch try await stored({ try await storage.link(at: link) }) {
            case .absent: false
            // It is in the way: a sweep keeps whatever it may have led to.
            case .damaged: true
            case .digest(let target): try await stored { try await storage.stat(Layout.blobData(target)) } != nil
            }
        guard isThere, let directory = link.parent else { throw .blobUnknown(digest, name) }
        try hold.confirm()
        try await stored { try await storage.remove(directory, .lasting) }
        try ground.committed([.blobDeleted(name, digest)], by: access.client) { change in
            try change.layerUnlinked(digest, in: name)
            try change.damageMended(link.text)
        }
    }

    private func requireDeletion() throws(RegistryError) {
        try ground.requireWritable()
        if !configuration.deletionEnabled { throw .deletionDisabled }
    }
}
