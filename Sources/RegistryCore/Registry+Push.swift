import Foundation
import Logging
package import OCI
import RegistryIndex
import RegistryStorage

/// What became of a pushed manifest.
package struct ManifestReceipt: Sendable, Equatable {
    package var descriptor: Descriptor
    /// Tags that point at it now because of this push.
    package var tags: [Tag]
    /// Its subject, which the registry has taken note of.
    package var subject: Digest?
}

extension Registry {
    /// References that are named as missing. A client that lacks more has not begun; nobody reads thousands of digests, and
    /// nobody is to make us look for them.
    private static let missingNamedMax = 100

    /// Makes a manifest part of a repository and points tags at it.
    ///
    /// What it references is pinned against the collector before it is looked for, and stays pinned until the links are
    /// written. When it returns, bytes and links are on the disk.
    ///
    /// - Parameters:
    ///   - bytes: kept exactly as they are.
    ///   - contentType: what the client said; nil when it said nothing.
    ///   - reference: a tag to point at it, or its digest, which must be right.
    ///   - tags: more tags to point at it.
    package func putManifest(
        _ bytes: [UInt8], contentType: MediaType?, reference: Reference, tags: [Tag] = [], in name: RepositoryName,
        by access: Access
    ) async throws(RegistryError) -> ManifestReceipt {
        try requirePush(of: reference, tags, to: name, by: access)
        try ground.requireWritable(name)
        guard bytes.count <= configuration.manifestBytesMax else {
            throw .manifestTooLarge(limit: configuration.manifestBytesMax)
        }
        let manifest = try parse(bytes, contentType, reference)
        let pins = try await pin(manifest, in: name)
        let allTags = (reference.tag.map { [$0] } ?? []) + tags
        let ownTags = Set(allTags).sorted()
        let own = try await coordination.hold(.tags(ownTags, in: name), .exclusive)
        let place = try await coordination.hold([.repository(name)], .shared)
        let holds = [pins.watch(), own.watch(), place.watch()]
        try await requireRetag(of: ownTags, to: manifest.digest, in: name, by: access)
        try await write(manifest, ownTags, in: name, by: access.client, holding: holds)
        let descriptor = Descriptor(mediaType: manifest.mediaType, digest: manifest.digest, size: Int64(bytes.count))
        let references = manifest.references
        let names = references.count > RegistryEvent.namesMax ? [] : references.map(\.digest)
        try record(
            manifest, ownTags, in: name,
            [.manifestPushed(name, descriptor, tag: allTags.first, names: names)], by: access.client)
        coordination.note(.kept(pins.digests(), in: name))
        await remember(manifest)
        if pushTally.isNewPush(name, isTagged: !allTags.isEmpty, by: access.client) { counts.add(.pushes) }
        counts.add(.bytesIn, bytes.count)
        return ManifestReceipt(descriptor: descriptor, tags: allTags, subject: manifest.subject?.digest)
    }

    /// Holds against removal what a manifest references, and what its links lead to where they are aliases, and looks for all
    /// of it.
    private func pin(_ manifest: Manifest, in name: RepositoryName) async throws(RegistryError) -> Hold {
        var pins = Set(manifest.references.map(\.digest) + [manifest.digest])
        while true {
            let hold = try await coordination.hold(.digests(pins), .shared)
            let targets = try await requireReferences(of: manifest, in: name)
            if targets.isSubset(of: pins) { return hold }
            // All in their order, and looked at once more: between two looks a link may have changed.
            pins.formUnion(targets)
        }
    }

    /// Keeps a manifest in memory, as its file is now.
    private func remember(_ manifest: Manifest) async {
        let file = try? await storage.stat(Layout.blobData(manifest.digest))
        if let cached = CachedManifest(manifest, file: file) { ground.manifests.insert(cached) }
    }

    private func parse(
        _ bytes: [UInt8], _ contentType: MediaType?, _ reference: Reference
    ) throws(RegistryError) -> Manifest {
        var algorithm = Digest.Algorithm.sha256
        if case .digest(let expected) = reference {
            algorithm = expected.algorithm
            let actual = Digest.of(bytes, algorithm)
            guard actual == expected else { throw .digestMismatch(expected: expected, actual: actual) }
        }
        do throws(OCIError) {
            return try Manifest(bytes: bytes, contentType: contentType, algorithm: algorithm)
        } catch {
            throw .manifestInvalid(reason: error.description)
        }
    }

    /// Config and layers must be blobs of the repository, entries of an index its manifests or blobs. Foreign layers may
    /// be absent. Each digest is looked for once, and the search ends with the hundredth that is missing. What is found is
    /// made durable, for another request may have put it there a moment ago and not have come to its end.
    ///
    /// Gives the digests that the bytes lie under. A push that lacks something is waited for.
    private func requireReferences(
        of manifest: Manifest, in name: RepositoryName
    ) async throws(RegistryError) -> Set<Digest> {
        var missing: [Digest] = []
        var found: [HeldContent] = []
        var seen: Set<Digest> = []
        let blobs = (manifest.config.map { [$0] } ?? []) + manifest.layers
        for descriptor in configuration.requiresBlobs ? blobs : []
        where missing.count < Self.missingNamedMax && !descriptor.mediaType.isNonDistributable {
            guard seen.insert(descriptor.digest).inserted else { continue }
            if let held = try await ground.tree.look(.layer, descriptor.digest, in: name).content {
                found.append(held)
            } else {
                missing.append(descriptor.digest)
            }
        }
        for entry in configuration.requiresIndexEntries ? manifest.entries : []
        where missing.count < Self.missingNamedMax {
            guard seen.insert(entry.digest).inserted else { continue }
            var held = try await ground.tree.look(.manifest, entry.digest, in: name).content
            if held == nil { held = try await ground.tree.look(.layer, entry.digest, in: name).content }
            if let held { found.append(held) } else { missing.append(entry.digest) }
        }
        let targets = Set(found.map(\.target))
        guard missing.isEmpty else {
            let wanted = targets.union(manifest.references.map(\.digest) + [manifest.digest])
            coordination.note(.awaited(wanted, in: name, at: Ground.now))
            throw .manifestReferencesUnknown(missing)
        }
        try await stored { [found] in
            try await storage.settle(.files(found.flatMap { [$0.link, Layout.blobData($0.target)] }))
        }
        return targets
    }

    /// Bytes, then the link that makes them part of the repository with the history of its tags, then the links that serve:
    /// the commit point. The caller holds the tags.
    private func write(
        _ manifest: Manifest, _ tags: [Tag], in name: RepositoryName, by client: Client, holding holds: [HoldWatch]
    ) async throws(RegistryError) {
        let digest = manifest.digest
        let data = Layout.blobData(digest)
        let link = Link.content(digest)
        // Bytes that are there and right stay; damaged ones are replaced.
        let isPresent = (try? await storage.read(data, limit: configuration.manifestBytesMax)) == manifest.bytes
        // Distribution 2 finds repositories to mark by this directory; without it its collector would sweep us.
        let layers = FileContent.directory(Layout.layers(name))
        let bytes = isPresent ? [layers] : [layers, FileContent(data, manifest.bytes)]
        let history = tags.map { FileContent(Layout.tagIndex(digest, $0, in: name), link) }
        let current = tags.map { FileContent(Layout.tagCurrent($0, in: name), link) }
        do {
            if isPresent { try await storage.settle(.files([data])) }
            for hold in holds { try hold.confirm() }
            try await storage.write([
                bytes, [FileContent(Layout.revisionLink(digest, in: name), link)] + history, current,
            ])
        } catch {
            // Who has lost what it held leaves all as it is, and the index learns of it.
            if holds.allSatisfy({ (try? $0.confirm()) != nil }) {
                await clear(up: manifest, tags, in: name, by: client)
            } else {
                for tag in tags { ground.gaps.note(.tag(tag, name)) }
                ground.gaps.note(.manifest(digest, name))
            }
            throw RegistryError(error)
        }
    }

    /// After a write that failed somewhere: the index learns what has come to be there, and a tag that was not there before
    /// is not to be listed, as distribution would for its directory alone. What the storage refuses now, the reconciler
    /// finds at the next start.
    private func clear(up manifest: Manifest, _ tags: [Tag], in name: RepositoryName, by client: Client) async {
        do {
            if try await storage.stat(Layout.revisionLink(manifest.digest, in: name)) != nil {
                try record(manifest, [], in: name, [], by: client)
            } else if let status = try await storage.stat(Layout.blobData(manifest.digest)) {
                recordUnlinked(manifest.digest, size: status.size)
            }
            for tag in tags {
                switch try await storage.link(at: Layout.tagCurrent(tag, in: name)) {
                case .absent: try await storage.remove(Layout.tag(tag, in: name), .passing)
                case .digest(let target):
                    try index.write { try $0.tagSet(tag, to: target, in: name, at: Ground.now, by: client.address) }
                case .damaged: break
                }
            }
        } catch {
            ground.standing.failed(onlyRemoves: false)
            logger.warning(
                "cannot clear up after a failed push",
                metadata: ["digest": "\(manifest.digest)", "error": "\(RegistryError(error).message)"])
        }
    }

    /// Puts a manifest that is linked into the index, its tags, and its type where only the client says it. It is promised
    /// to the client until a tag or an index holds it, so that a push whose tag could not be written can be repeated.
    private func record(
        _ manifest: Manifest, _ tags: [Tag], in name: RepositoryName, _ actions: [RegistryEvent.Action],
        by client: Client
    ) throws(RegistryError) {
        let now = Ground.now
        var type = manifest.pushedType
        if type != nil, !ground.notedTypes.hasRoom(for: manifest.digest, in: name) {
            logger.warning("no room to note the type of a manifest", metadata: ["digest": "\(manifest.digest)"])
            type = nil
        }
        try ground.committed(actions, by: client) { change in
            try change.manifestLinked(manifest, noting: type, in: name, at: now, leased: now)
            for tag in tags {
                try change.tagSet(tag, to: manifest.digest, in: name, at: now, by: client.address)
                try change.damageMended(Layout.tagCurrent(tag, in: name).text)
            }
            try change.damageMended(naming: manifest.digest, below: Layout.manifests(name).text)
            // In the transaction, so that of two pushes at once the same is the last in both places.
            ground.notedTypes.note(type, for: manifest.digest, in: name)
        }
    }
}
