import Foundation
import Logging
package import OCI
import RegistryIndex
import RegistryStorage

extension Registry {
    /// Repositories that are tried for a mount that names none.
    private static let mountSourcesMax = 8

    /// Opens an upload session: an empty directory with the time it began, readable by registry:2 as its own.
    ///
    /// Throws `tooManyUploads` when the repository has `uploadsPerRepositoryMax` of them already; requests that come at the
    /// same moment may go over it by their number.
    package func startUpload(
        in name: RepositoryName, algorithm: Digest.Algorithm = .sha256, by access: Access
    ) async throws(RegistryError) -> UploadStatus {
        try access.require(.push, name)
        try ground.requireWritable(name)
        let limit = configuration.uploadsPerRepositoryMax
        guard try await countUploads(in: name, upTo: limit) < limit else { throw .tooManyUploads(name, limit: limit) }
        let id = UploadID()
        // Whole seconds, as the file holds them: what is signed into a session must read the same from the disk.
        let started = Date(timeIntervalSince1970: Double(Ground.now))
        let place = Layout.upload(id.text, in: name)
        // Nobody knows of it yet; who looks for sessions while it is made is not to think that it has gone.
        let claim = try claim(id)
        // Before it is in the tree, where a comparison that met it would take it for somebody else's.
        ground.uploads.begin(id, algorithm, in: name)
        do {
            try claim.confirm()
            // Lasts once something has arrived: until then a client whose session is gone has lost nothing.
            let beginning = FileContent(Layout.uploadBeginning(id.text, in: name), Array(UploadTime.text(started).utf8))
            try await storage.write([[beginning]], .passing)
        } catch {
            // The directory may be there already; without the file in it nobody would know it for a session.
            _ = try? await storage.remove(place, .lasting)
            ground.uploads.end(id)
            throw RegistryError(error)
        }
        return UploadStatus(id: id, offset: 0, started: started)
    }

    /// Sessions that are open in a repository, by the tree, counted no further than `limit`. Costs a listing and, only where
    /// that reaches the limit, a look at each: distribution leaves directories behind that are no sessions.
    private func countUploads(in name: RepositoryName, upTo limit: Int) async throws(RegistryError) -> Int {
        let place = Layout.uploads(name)
        let listed = try await stored { try await storage.list(place) }?.filter { UploadID($0.name) != nil } ?? []
        guard listed.count >= limit else { return listed.count }
        var count = 0
        for entry in listed where count < limit {
            let beginning = Layout.uploadBeginning(entry.name, in: name)
            if try await stored({ try await storage.stat(beginning) }) != nil { count += 1 }
        }
        return count
    }

    /// Where a session stands. Throws `uploadUnknown` when there is none in this repository.
    package func uploadStatus(
        _ id: UploadID, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) -> UploadStatus {
        try access.require(.push, name)
        let place = Layout.upload(id.text, in: name)
        guard
            let text = try await stored({ try await storage.read(Layout.uploadBeginning(id.text, in: name), limit: 64) }
            ),
            let started = UploadTime.date(String(decoding: text, as: UTF8.self))
        else { throw .uploadUnknown(id) }
        let data = try await stored { try await storage.stat(place.appending("data")) }
        return UploadStatus(id: id, offset: data?.size ?? 0, started: started)
    }

    /// Takes a session for one request's body. Throws `uploadConflict` while another request has it.
    package func openUpload(
        _ id: UploadID, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) -> UploadSession {
        try access.require(.push, name)
        try ground.requireWritable(name)
        let claim = try claim(id)
        let digester = ground.uploads.take(id)
        do throws(RegistryError) {
            let status = try await uploadStatus(id, in: name, by: access)
            ground.uploads.goesOn(id, in: name)
            let path = Layout.upload(id.text, in: name).appending("data")
            let writer = try await writer(to: path, at: status.offset, for: id)
            return UploadSession(
                registry: self, name: name, status: status, claim: claim, writer: writer, digester: digester)
        } catch {
            if case .uploadUnknown = error { ground.uploads.end(id) } else { ground.uploads.release(id, digester) }
            throw error
        }
    }

    /// Ends a session and removes what arrived.
    package func cancelUpload(
        _ id: UploadID, in name: RepositoryName, by access: Access
    ) async throws(RegistryError) {
        try access.require(.push, name)
        try ground.requireWritable()
        let claim = try claim(id)
        do throws(RegistryError) {
            _ = try await uploadStatus(id, in: name, by: access)
            try claim.confirm()
            try await stored { try await storage.remove(Layout.upload(id.text, in: name), .lasting) }
            ground.uploads.end(id)
        } catch {
            if case .uploadUnknown = error { ground.uploads.end(id) }
            throw error
        }
    }

    /// Takes a session for one request, or for who removes it. Throws `uploadConflict` while another has it.
    private func claim(_ id: UploadID) throws(RegistryError) -> Hold {
        guard let claim = try coordination.holdNow([.upload(id)], .exclusive) else {
            throw .uploadConflict(id, reason: "another request is writing to it")
        }
        return claim
    }

    /// One process at a time writes to a session, and none to what was committed from it.
    private func writer(
        to path: StoragePath, at offset: Int64, for id: UploadID
    ) async throws(RegistryError) -> any BlobWriter {
        do throws(StorageError) {
            return try await storage.upload(to: path, at: offset)
        } catch {
            if error.isInUse { throw .uploadConflict(id, reason: "another process is writing to it") }
            if error.isAbsence { throw .uploadUnknown(id) }
            throw .storage(error)
        }
    }

    /// Makes a blob of another repository part of this one without moving bytes; nil when the source does not hold it or may
    /// not be pulled from, so that the client has to upload.
    ///
    /// - Parameter source: nil for any repository that holds it (distribution-spec, "Mounting a blob from another
    ///   repository", without `from`).
    package func mountBlob(
        _ digest: Digest, from source: RepositoryName?, into name: RepositoryName, by access: Access
    ) async throws(RegistryError) -> Descriptor? {
        try access.require(.push, name)
        try ground.requireWritable(name)
        let sources: [RepositoryName]
        if let source {
            sources = [source]
        } else {
            // The first that really has it will do; where the index errs about so many, the client uploads.
            sources = try indexed {
                try index.read {
                    try $0.repositories(withLayer: digest, limit: Self.mountSourcesMax) { access.may(.pull, $0) }
                }
            }
        }
        for holder in sources where access.may(.pull, holder) {
            if let blob = try await mount(digest, from: holder, into: name, by: access.client) { return blob }
        }
        return nil
    }

    private func mount(
        _ digest: Digest, from source: RepositoryName, into name: RepositoryName, by client: Client
    ) async throws(RegistryError) -> Descriptor? {
        try await whileHolding(.layer, digest, in: source) { found, hold async throws(RegistryError) in
            try await stored {
                // Whoever brought them may not have come to his end.
                try await storage.settle(.files([Layout.blobData(found.target)]))
                // Distribution too has a link by the bytes' own digest beside each alias.
                let links = Set([digest, found.target]).map {
                    FileContent(Layout.layerLink($0, in: name), Link.content(found.target))
                }
                try hold.confirm()
                try await storage.write([links])
            }
            let descriptor = Descriptor(mediaType: .octetStream, digest: digest, size: found.size)
            try recordMount(digest, found, in: name, [.blobMounted(name, descriptor, from: source)], by: client)
            return descriptor
        }
    }

    /// The same as `recordBlob` for a link that may be an alias: the bytes are another digest's then.
    private func recordMount(
        _ digest: Digest, _ found: HeldContent, in name: RepositoryName, _ actions: [RegistryEvent.Action],
        by client: Client
    ) throws(RegistryError) {
        guard found.target != digest else {
            return try recordBlob(digest, size: found.size, in: name, actions, by: client)
        }
        renew(digest, found, in: name)
        let now = Ground.now
        try ground.committed(actions, by: client) { change in
            try change.blobPresent(found.target, size: found.size, leased: now)
            try change.layerLinked(found.target, in: name)
            try change.aliasLinked(digest, to: found.target, in: name)
        }
    }

    /// Puts a blob that is now in the store and linked into the index, with a lease until its manifest comes.
    func recordBlob(
        _ digest: Digest, size: Int64, in name: RepositoryName, _ actions: [RegistryEvent.Action], by client: Client
    ) throws(RegistryError) {
        let now = Ground.now
        coordination.note(.given(digest, in: name, at: now))
        try ground.committed(actions, by: client) { change in
            try change.blobPresent(digest, size: size, leased: now)
            try change.layerLinked(digest, in: name, leased: now)
        }
    }

    /// Tells the index of bytes that are in the store while the link to them could not be written, so that a sweep can take
    /// them. An index that cannot be told learns it from the next comparison with the tree.
    func recordUnlinked(_ digest: Digest, size: Int64) {
        do throws(IndexError) {
            try index.write { try $0.blobPresent(digest, size: size, leased: Ground.now) }
        } catch {
            logger.warning(
                "cannot note an unlinked blob", metadata: ["digest": "\(digest)", "error": "\(error)"])
        }
    }

}
