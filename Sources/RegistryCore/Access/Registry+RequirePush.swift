package import OCI

/// What has to be allowed for a push.
extension Registry {
    /// Throws `denied` unless a manifest may be pushed under the reference and all the tags. Costs no look at the tree: a
    /// server may ask before it takes the manifest's bytes.
    package func requirePush(
        of reference: Reference, _ tags: [Tag], to name: RepositoryName, by access: Access
    ) throws(RegistryError) {
        try access.require(.push, name, reference.tag)
        for tag in tags { try access.require(.push, name, tag) }
    }

    /// Throws `denied` where a tag is there, points at something else, and may not be pointed anew. The caller holds the tags.
    /// Costs a look at those that may not.
    func requireRetag(
        of tags: [Tag], to digest: Digest, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) {
        for tag in tags where !access.may(.retag, name, tag) {
            let present = try await ground.resolve(.tag(tag), in: name)
            guard present == nil || present == digest else { throw .denied(.retag, name, tag) }
        }
    }
}
