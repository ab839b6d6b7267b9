package import OCI
import RegistryIndex
import RegistryStorage

/// What is about a manifest: signatures, SBOMs, attestations (distribution-spec, `spec.md`, "Listing Referrers").
extension Registry {
    /// Manifests of the repository whose subject is `subject`, with their annotations, and those that clients of an older
    /// registry have listed under its fallback tag; empty when there is none, or no such repository.
    ///
    /// Costs one query and, where there is no fallback tag, the reading of one link; where there is one, reading the index
    /// below it and two links for each entry of the page.
    ///
    /// - Parameters:
    ///   - artifactType: nil for all.
    ///   - last: the first to come is the first after it, in byte order of the digests; nil starts at the beginning.
    ///   - limit: of the answer. Ask for one more than is needed to learn whether more follow.
    ///   - bytesMax: of annotations (`Descriptor.bytes(of:)`). The entry with which they are more is the last, or one before
    ///     it is: nothing behind the first such entry is to be relied on.
    package func referrers(
        of subject: Digest, artifactType: String?, in name: RepositoryName, after last: Digest?, limit: Int,
        bytesMax: Int = .max, by access: Access
    ) async throws(RegistryError) -> [Descriptor] {
        try access.require(.pull, name)
        guard limit > 0 else { return [] }
        let known = try indexed {
            try index.read {
                try $0.referrers(
                    of: subject, artifactType: artifactType, in: name, after: last, limit: limit, bytesMax: bytesMax)
            }
        }.map(Descriptor.init(referrer:))
        let listed = try await listedReferrers(of: subject, in: name, by: access).filter { entry in
            (artifactType == nil || entry.artifactType == artifactType) && last.map { $0 < entry.digest } ?? true
        }
        guard !listed.isEmpty else { return known }

        var page: [Descriptor] = []
        var rest = known[...]
        for entry in listed {
            while page.count < limit, let next = rest.first, next.digest < entry.digest {
                page.append(rest.removeFirst())
            }
            guard page.count < limit else { break }
            if try await isReferrerByListOnly(entry.digest, in: name) { page.append(entry) }
        }
        return page + rest.prefix(limit - page.count)
    }

    /// The entries of the index that clients keep under the fallback tag, as they left them, each digest once, in order.
    /// Empty for anything but a readable index: what others left there is no fault of who asks.
    private func listedReferrers(
        of subject: Digest, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) -> [Descriptor] {
        let content: StoredManifest
        do throws(RegistryError) {
            content = try await manifest(.tag(Tag(referrersOf: subject)), in: name, by: access)
        } catch {
            switch error {
            case .manifestUnknown, .denied: return []
            default: throw error
            }
        }
        guard let list = try? Manifest(stored: content.bytes, algorithm: content.digest.algorithm), list.isIndex else {
            return []
        }
        // A client that follows referrers would not come back from one that is about itself.
        var seen: Set<Digest> = [subject]
        return list.entries.filter { !$0.mediaType.text.isEmpty && seen.insert($0.digest).inserted }
            .map(Descriptor.init(listed:))
            .sorted { $0.digest < $1.digest }
    }

    /// True for a manifest that the repository holds and of which the list is all there is to go by: the index does not
    /// know it here, or knows that it names no subject. One that names a subject is about that and nothing else.
    private func isReferrerByListOnly(
        _ digest: Digest, in name: RepositoryName
    ) async throws(RegistryError) -> Bool {
        guard try await ground.holdsManifest(digest, in: name) else { return false }
        return try indexed {
            try index.read { view in
                try view.revision(digest, in: name) == nil || view.manifest(digest)?.subject == nil
            }
        }
    }
}

extension Descriptor {
    fileprivate init(referrer row: ManifestRow) {
        self.init(
            mediaType: row.mediaType, digest: row.digest, size: row.size, artifactType: row.artifactType,
            annotations: row.annotations.isEmpty ? nil : row.annotations)
    }

    /// What a list of referrers may say of an entry.
    fileprivate init(listed entry: Descriptor) {
        self.init(
            mediaType: entry.mediaType, digest: entry.digest, size: entry.size, artifactType: entry.artifactType,
            annotations: entry.annotations)
    }
}
