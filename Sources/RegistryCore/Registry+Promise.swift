package import OCI
import RegistryStorage

/// Promises to clients: who is told that something is here sends no bytes and relies on it for the grace period.
extension Registry {
    /// Says that the repository holds a blob, and promises that it will stay for the grace period: a client that is told
    /// so sends no bytes and pushes its manifest next. Waits while a sweep is deciding about this very blob. Promises nothing
    /// where nothing is. Throws `blobUnknown` then.
    package func promiseBlob(
        _ digest: Digest, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) -> Descriptor {
        try access.require(.pull, name)
        guard let held = try await promise(.layer, digest, in: name) else {
            // Says why, where something is damaged.
            _ = try await blob(digest, in: name, by: access)
            throw .blobUnknown(digest, name)
        }
        return Descriptor(mediaType: .octetStream, digest: digest, size: held.size)
    }

    /// The same without waiting; nil when it would have to wait.
    package func promiseBlobNow(
        _ digest: Digest, in name: RepositoryName, by access: Access
    ) throws(RegistryError) -> Descriptor? {
        try access.require(.pull, name)
        switch try promiseNow(.layer, digest, in: name) {
        case .held(let held): return Descriptor(mediaType: .octetStream, digest: digest, size: held.size)
        case .absent: throw .blobUnknown(digest, name)
        case .hasToWait: return nil
        }
    }

    /// The same of a manifest: who asks for one by HEAD may be about to list it in an index.
    ///
    /// - Parameter tag: by which it was asked for; nil for one that was asked for by its digest.
    package func promiseManifest(
        _ digest: Digest, asked tag: Tag? = nil, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) {
        try access.require(.pull, name, tag)
        _ = try await promise(.manifest, digest, in: name)
    }

    /// The same without waiting; false when it would have to wait, or is not here.
    package func promiseManifestNow(
        _ digest: Digest, asked tag: Tag? = nil, in name: RepositoryName, by access: Access
    ) throws(RegistryError) -> Bool {
        try access.require(.pull, name, tag)
        return if case .held = try promiseNow(.manifest, digest, in: name) { true } else { false }
    }

    // MARK: Both forms

    /// Nil when it is not here; nothing is promised then.
    private func promise(
        _ kind: RepositoryTree.Kind, _ digest: Digest, in name: RepositoryName
    ) async throws(RegistryError) -> HeldContent? {
        try await whileHolding(kind, digest, in: name) { found, _ async throws(RegistryError) in
            renew(digest, found, in: name)
            return found
        }
    }

    /// Runs `body` while no removal can take what a repository holds by the digest; nil when it holds nothing.
    ///
    /// The bytes of an alias lie under another digest, which a sweep takes by itself. That is known only after a look: then
    /// both are held, in their order, and looked at once more.
    func whileHolding<T>(
        _ kind: RepositoryTree.Kind, _ digest: Digest, in name: RepositoryName,
        _ body: (HeldContent, HoldWatch) async throws(RegistryError) -> T
    ) async throws(RegistryError) -> T? {
        var wanted: Set<Digest> = [digest]
        while true {
            let hold = try await coordination.hold(.digests(wanted), .shared)
            guard let found = try await ground.tree.look(kind, digest, in: name).content else { return nil }
            if wanted.contains(found.target) {
                try hold.confirm()
                return try await body(found, hold.watch())
            }
            wanted = [digest, found.target]
        }
    }

    private enum PromisedNow {
        case held(HeldContent)
        case absent
        case hasToWait
    }

    private func promiseNow(
        _ kind: RepositoryTree.Kind, _ digest: Digest, in name: RepositoryName
    ) throws(RegistryError) -> PromisedNow {
        guard let immediate, let hold = try coordination.holdNow([.digest(digest)], .shared) else { return .hasToWait }
        switch try RepositoryTree.lookNow(kind, digest, in: name, on: immediate) {
        case .held(let found) where found.target == digest:
            try hold.confirm()
            renew(digest, found, in: name)
            return .held(found)
        // An alias needs both digests held; who asks with waiting is told what is damaged.
        case .held, .damaged: return .hasToWait
        case .absent: return .absent
        }
    }

    func renew(_ digest: Digest, _ found: HeldContent, in name: RepositoryName) {
        let now = Ground.now
        coordination.note(.given(digest, in: name, at: now))
        if found.target != digest { coordination.note(.given(found.target, in: name, at: now)) }
    }
}
