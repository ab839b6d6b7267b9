import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// The store's bytes against the index: what came, what went, what has another size.
extension Reconciler {
    func compareBlobs() async throws(RegistryError) {
        for algorithm in Digest.Algorithm.allCases {
            let place = Layout.blobs.appending(algorithm.name)
            let entries: [StorageEntry]?? = try await orPassedOver(place) { try await storage.list(place) }
            let listed = ((entries ?? nil) ?? []).compactMap {
                $0.name.utf8.count == 2 ? UInt8($0.name, radix: 16) : nil
            }
            let known = try indexed { try index.read { try $0.blobPrefixes(algorithm) } }
            for prefix in known.union(listed).sorted() { try await compareBlobs(algorithm, prefix) }
        }
    }

    private func compareBlobs(_ algorithm: Digest.Algorithm, _ prefix: UInt8) async throws(RegistryError) {
        var known = try indexed { try index.read { try $0.presentBlobs(algorithm, prefix: prefix) } }
        let digits = String(prefix, radix: 16)
        let place = Layout.blobs.appending([algorithm.name, digits.count == 1 ? "0" + digits : digits])
        // What cannot be listed may be there.
        guard let opened = try await orPassedOver(place, { try await storage.entries(of: place) }) else { return }
        if let entries = opened {
            while true {
                guard let part = try await orPassedOver(place, { try await entries.next(Self.partMax) }) else { return }
                guard !part.isEmpty else { break }
                var differing: [Digest] = []
                for entry in part where entry.isDirectory {
                    guard let digest = Digest(algorithm: algorithm, hex: entry.name), digest.bytes.first == prefix
                    else { continue }
                    switch try await bytes(of: digest) {
                    case .absent: continue
                    case .unreadable: known[digest] = nil
                    case .size(let size):
                        report.blobs += 1
                        if known.removeValue(forKey: digest) != size { differing.append(digest) }
                    }
                }
                try await add(differing)
                try await looked(at: part.count)
            }
        }
        for digest in known.keys { try await dropUnlessPresent(digest) }
    }

    private enum Bytes: Equatable {
        case absent
        case size(Int64)
        /// Nobody can say; the place is passed over.
        case unreadable
    }

    private func bytes(of digest: Digest) async throws(RegistryError) -> Bytes {
        let path = Layout.blobData(digest)
        guard let found = try await orPassedOver(path, { try await storage.stat(path) }) else { return .unreadable }
        guard let status = found, !status.isDirectory else { return .absent }
        return .size(status.size)
    }

    /// Nil when the place cannot be read, which is said: bytes reference nothing, so a sweep has nothing to spare for it.
    private func orPassedOver<Value>(
        _ place: StoragePath, _ call: () async throws -> Value
    ) async throws(RegistryError) -> Value? {
        do throws(RegistryError) {
            return try await stored(call)
        } catch {
            guard error.isOfOnePlace else { throw error }
            passedOver(place, error.message)
            return nil
        }
    }

    /// Shared locks are enough: what is done here is what a push does.
    func add(_ digests: [Digest]) async throws(RegistryError) {
        guard !digests.isEmpty else { return }
        let hold = try await ground.coordination.hold(.digests(digests), .shared)
        var found: [(digest: Digest, status: FileStatus)] = []
        for digest in digests {
            let path = Layout.blobData(digest)
            guard let status = try await orPassedOver(path, { try await storage.stat(path) }) ?? nil,
                !status.isDirectory
            else { continue }
            found.append((digest, status))
        }
        try hold.confirm()
        try indexed {
            try index.write { change in
                for (digest, status) in found {
                    // Its age speaks for a promise that nobody remembers.
                    let held = try (change.view.references(to: digest)?.count ?? 0) > 0
                    try change.blobPresent(digest, size: status.size, leased: held ? 0 : status.modified)
                }
            }
        }
        corrected(found.count)
    }

    func dropUnlessPresent(_ digest: Digest) async throws(RegistryError) {
        let hold = try await ground.coordination.hold([.digest(digest)], .exclusive)
        guard try await bytes(of: digest) == .absent else { return }
        try hold.confirm()
        try indexed { try index.write { try $0.blobAbsent(digest) } }
        corrected()
    }
}
