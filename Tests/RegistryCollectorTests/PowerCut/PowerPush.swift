import ImageBuilder
import OCI
import RegistryCore
import StorageProbes

/// A client that pushes, and has each of its answers written down.
struct PowerPush: Sendable {
    let registry: Registry
    let chronicle: PowerChronicle

    func push(_ image: SampleImage, to name: RepositoryName, tag: Tag?) async throws {
        for child in image.children { try await push(child, to: name, tag: nil) }
        for blob in image.blobs {
            let id = try await start(in: name)
            try await finish(id, blob.bytes, as: blob.digest, in: name)
        }
        let digest = image.manifest.digest
        let place = CollectorModel.Place(name: name, digest: digest)
        let tagPlace = tag.map { CollectorModel.TagPlace(name: name, tag: $0) }
        chronicle.begin("put manifest") { ledger in
            ledger.mayHold(place, true)
            if let tagPlace { ledger.mayPoint(tagPlace, to: digest) }
        }
        try await registry.push(image.manifest, to: name, tag: tag)
        try chronicle.answer("put manifest") { ledger in
            ledger.swept.remove(place)
            ledger.holds(place, true)
            if let tagPlace { ledger.points(tagPlace, to: digest) }
        }
    }

    func start(in name: RepositoryName) async throws -> UploadID {
        chronicle.begin("start upload")
        let id = try await registry.startUpload(in: name, by: .test).id
        try chronicle.answer("start upload") {
            // It lasts once something has arrived.
            $0.sessions[id] = PowerLedger.Session(name: name, bytes: [], isThere: [true, false])
        }
        return id
    }

    /// - Parameter tearing: the request before it, with the same bytes, never comes to its end.
    func append(_ bytes: [UInt8], to id: UploadID, in name: RepositoryName, tearing: Bool) async throws {
        chronicle.begin("append")
        var rest = bytes[...]
        if tearing {
            let torn = try await registry.openUpload(id, in: name, by: .test)
            try rest.prefix(10).withUnsafeBytes { try torn.append($0) }
            rest = rest.dropFirst(10)
        }
        let session = try await registry.openUpload(id, in: name, by: .test)
        try rest.withUnsafeBytes { try session.append($0) }
        _ = try await session.suspend()
        try chronicle.answer("append") {
            $0.sessions[id]?.bytes += bytes
            $0.sessions[id]?.isThere = [true]
        }
    }

    func finish(_ id: UploadID, _ bytes: [UInt8], as digest: Digest, in name: RepositoryName) async throws {
        let place = CollectorModel.Place(name: name, digest: digest)
        chronicle.begin("finish upload") { ledger in
            ledger.mayLink(place, true)
            ledger.blobs[digest] = (ledger.sessions[id]?.bytes ?? []) + bytes
            ledger.sessions[id]?.isThere.insert(false)
        }
        let session = try await registry.openUpload(id, in: name, by: .test)
        try bytes.withUnsafeBytes { try session.append($0) }
        _ = try await session.finish(digest, by: .test)
        try chronicle.answer("finish upload") { ledger in
            ledger.links(place, true)
            ledger.sessions[id] = nil
            ledger.spent[id] = name
        }
    }

    func cancel(_ id: UploadID, in name: RepositoryName) async throws {
        chronicle.begin("cancel upload") { $0.sessions[id]?.isThere.insert(false) }
        try await registry.cancelUpload(id, in: name, by: .test)
        try chronicle.answer("cancel upload") { $0.sessions[id]?.isThere = [false] }
    }
}
