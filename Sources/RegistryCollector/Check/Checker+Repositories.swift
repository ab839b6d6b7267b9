import OCI
import RegistryCore
import RegistryStorage

/// Links, tags, manifests and what they reference, repository by repository.
extension Checker {
    func checkRepositories() async throws(RegistryError) {
        enter(.links)
        if let reason = try await stored({ try await storage.reasonToSeeNoRepositories() }) {
            return unreadable(Layout.repositories, nil, reason)
        }
        var walk = RepositoryWalk(storage: storage)
        while let place = try await stored({ try await walk.next() }) {
            switch place.kind {
            case .repository(let name):
                report.repositories += 1
                unowned = [:]
                try await checkManifests(name)
                try await checkTags(name)
                try await checkLayers(name)
                try await checkUploads(name)
                try looked(at: 1, place: name.text)
            case .uploadsOnly(let name): if let name { try await checkUploads(name) }
            case .unreadable(let reason): unreadable(place.directory, nil, reason)
            case .deadLink: unreadable(place.directory, nil, "the link leads nowhere")
            case .knownOtherwise:
                found(
                    CheckFinding(
                        kind: .foreignPlace, path: place.directory.text,
                        reason: "a link leads round here; what is there is known by another name"))
            case .nameless:
                found(
                    CheckFinding(
                        kind: .foreignPlace, path: place.directory.text,
                        reason: "its name cannot be a repository's, so nobody can pull from it"))
            case .tooDeep:
                found(
                    CheckFinding(
                        kind: .foreignPlace, path: place.directory.text,
                        reason: "directories are nested deeper than a name can be"))
            }
        }
    }

    // MARK: Links by digest

    private func checkManifests(_ name: RepositoryName) async throws(RegistryError) {
        try await forEachLink(below: Layout.revisions(name), name) { digest, path async throws(RegistryError) in
            try await reading(in: name) { () async throws(RegistryError) in
                guard try await checkLink(path, digest, name, mayBeAlias: false) != nil else { return }
                report.manifests += 1
                try await checkManifest(digest, name)
            }
            try looked(at: 0, place: name.text)
        }
    }

    private func checkLayers(_ name: RepositoryName) async throws(RegistryError) {
        try await forEachLink(below: Layout.layers(name), name) { digest, path async throws(RegistryError) in
            try await reading(in: name) { () async throws(RegistryError) in
                _ = try await checkLink(path, digest, name, mayBeAlias: true)
            }
        }
    }

    /// Gives every link file of `_layers` or `revisions`; strange places on the way are found.
    private func forEachLink(
        below directory: StoragePath, _ name: RepositoryName,
        _ body: (Digest, StoragePath) async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        var kinds: [StorageEntry] = []
        try await forEachPart(of: directory, in: name) { kinds += $0 }
        for kind in kinds.sorted(by: { $0.name < $1.name }) where kind.unreachable == nil {
            let place = directory.appending(kind.name)
            guard kind.isDirectory else {
                if Digest.Algorithm(name: kind.name) != nil { unreadable(place, name, Reconciler.noDirectory) }
                continue
            }
            guard let algorithm = Digest.Algorithm(name: kind.name) else {
                found(
                    CheckFinding(
                        kind: .foreignPlace, path: place.text, repository: name, reason: "an unknown digest algorithm"))
                continue
            }
            try await forEachPart(of: place, in: name) { part async throws(RegistryError) in
                for entry in part where entry.unreachable == nil {
                    guard let digest = Digest(algorithm: algorithm, hex: entry.name) else { continue }
                    guard entry.isDirectory else {
                        unreadable(place.appending(entry.name), name, Reconciler.noDirectory)
                        continue
                    }
                    let directory = place.appending(entry.name)
                    try await forEachPart(of: directory, in: name) { files async throws(RegistryError) in
                        for file in files {
                            if file.name == "link" {
                                try await body(digest, directory.appending("link"))
                            } else {
                                try await checkStray(file, in: directory, name)
                            }
                        }
                    }
                }
                try looked(at: 0, place: name.text)
            }
        }
    }

    /// What a link leads to; nil when it is absent, damaged or dangling, which is found.
    private func checkLink(
        _ path: StoragePath, _ digest: Digest, _ name: RepositoryName, mayBeAlias: Bool
    ) async throws(RegistryError) -> Digest? {
        var reason: String
        switch try await stored({ try await storage.link(at: path) }) {
        case .absent: return nil
        case .damaged(let what): reason = what
        case .digest(let target) where target == digest || mayBeAlias:
            if try await ground.hasBytes(target) { return target }
            found(
                CheckFinding(
                    kind: .danglingLink, path: path.text, repository: name, digest: target,
                    reason: "the bytes it leads to are not in the store", repair: mayBeAlias ? .quarantine : nil))
            return nil
        case .digest: reason = "it holds another digest than its path"
        }
        // A link by digest says in its path what it holds; where the bytes are there too, nothing is left to guess. Else it
        // stays, for as long as it is there a sweep keeps what it may lead to: what a lost manifest needs, and bytes that
        // distribution has under their sha256. Only a layer's sha256 itself can have led to nothing but what is gone.
        let isCertain = try await ground.hasBytes(digest)
        let ledNowhereElse = mayBeAlias && digest.algorithm == .sha256
        found(
            CheckFinding(
                kind: .damagedLink, path: path.text, repository: name, digest: digest, reason: reason,
                repair: isCertain ? .relink : ledNowhereElse ? .quarantine : nil))
        return nil
    }

    // MARK: What a manifest says

    private func checkManifest(_ digest: Digest, _ name: RepositoryName) async throws(RegistryError) {
        let path = Layout.blobData(digest).text
        let manifest: Manifest
        do throws(RegistryError) {
            guard let read = try await ground.readManifest(digest) else { return }
            manifest = read
        } catch {
            switch error {
            case .digestMismatch(_, let actual):
                return found(
                    CheckFinding(
                        kind: .corruptBytes, path: path, repository: name, digest: digest,
                        reason: "its bytes are those of \(actual)", repair: .quarantine))
            case _ where error.damageOfManifest != nil:
                return found(
                    CheckFinding(
                        kind: .unreadableManifest, path: path, repository: name, digest: digest,
                        reason: error.message))
            default: throw error
            }
        }
        var seen: Set<Digest> = []
        for blob in (manifest.config.map { [$0] } ?? []) + manifest.layers where seen.insert(blob.digest).inserted {
            guard let size = try await ground.layerSize(blob.digest, in: name) else {
                if blob.mediaType.isNonDistributable { continue }
                if try await ground.isOnlyUnlinked(blob.digest, at: Layout.layerLink(blob.digest, in: name)) {
                    continue
                }
                missing(blob.digest, of: digest, "blob", name)
                continue
            }
            compare(size, blob, of: digest, name)
        }
        for part in manifest.entries + (manifest.subject.map { [$0] } ?? []) {
            guard let size = try await ground.manifestSize(part.digest, in: name) else { continue }
            compare(size, part, of: digest, name)
        }
        guard ground.configuration.requiresIndexEntries else { return }
        for entry in manifest.entries where seen.insert(entry.digest).inserted {
            if try await ground.holdsManifest(entry.digest, in: name) { continue }
            if try await ground.layerSize(entry.digest, in: name) != nil { continue }
            let link = Layout.revisionLink(entry.digest, in: name)
            if try await ground.isOnlyUnlinked(entry.digest, at: link) { continue }
            missing(entry.digest, of: digest, "manifest", name)
        }
    }

    /// A manifest may say what it likes of the size of its parts, and is taken as registry:2 takes it; clients refuse it later.
    private func compare(_ size: Int64, _ part: Descriptor, of digest: Digest, _ name: RepositoryName) {
        guard size != part.size else { return }
        found(
            CheckFinding(
                kind: .wrongSize, path: Layout.blobData(digest).text, repository: name, digest: digest,
                reason: "it says \(part.size) bytes of \(part.digest), which has \(size)"))
    }

    private func missing(_ part: Digest, of digest: Digest, _ what: String, _ name: RepositoryName) {
        found(
            CheckFinding(
                kind: .missingReference, path: Layout.revisionLink(digest, in: name).text, repository: name,
                digest: digest, reason: "it needs the \(what) \(part), which the repository does not hold"))
    }

    // MARK: Uploads

    private func checkUploads(_ name: RepositoryName) async throws(RegistryError) {
        let place = Layout.uploads(name)
        try await forEachPart(of: place, in: name) { part async throws(RegistryError) in
            for entry in part where entry.unreachable == nil {
                let path = place.appending(entry.name)
                guard entry.isDirectory, UploadID(entry.name) != nil else {
                    found(
                        CheckFinding(
                            kind: .foreignPlace, path: path.text, repository: name, reason: "no upload has such a name")
                    )
                    continue
                }
                try await reading(in: name) { () async throws(RegistryError) in try await checkUpload(path, name) }
            }
        }
    }

    private func checkUpload(_ path: StoragePath, _ name: RepositoryName) async throws(RegistryError) {
        guard try await stored({ try await storage.stat(path.appending("startedat")) }) == nil, try await isOld(path)
        else { return }
        found(
            CheckFinding(
                kind: .deadUpload, path: path.text, repository: name,
                reason: "it lacks the time it began, so no client can continue it and no purge takes it",
                repair: .quarantine))
    }
}
