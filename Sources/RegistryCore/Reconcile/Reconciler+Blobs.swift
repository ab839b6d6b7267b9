import OCI
import RegistryIndex
import RegistryStorage

/// The store's bytes against the index: what came, what went, what has another size.
extension Reconciler {
    func compareBlobs() async throws(RegistryError) {
        for algorithm in Digest.Algorithm.allCases {
            let entries = try await stored { try await storage.list(Layout.blobs.appending(algorithm.name)) } ?? []
            let listed = entries.compactMap { $0.name.utf8.count == 2 ? UInt8($0.name, radix: 16) : nil }
            let known = try indexed { try index.read { try $0.blobPrefixes(algorithm) } }
            for prefix in known.union(listed).sorted() { try await compareBlobs(algorithm, prefix) }
        }
    }

    private func compareBlobs(_ algorithm: Digest.Algorithm, _ prefix: UInt8) async throws(RegistryError) {
        var known = try indexed { try index.read { try $0.presentBlobs(algorithm, prefix: prefix) } }
        let digits = String(prefix, radix: 16)
        let place = Layout.blobs.appending([algorithm.name, digits.count == 1 ? "0" + digits : digits])
        if let entries = try await stored({ try await storage.entries(of: place) }) {
            while true {
                let part = try await stored { try await entries.next(Self.partMax) }
                guard !part.isEmpty else { break }
                var differing: [Digest] = []
                for entry in part where entry.isDirectory {
                    guard let digest = Digest(algorithm: algorithm, hex: entry.name), digest.bytes.first == prefix,
                        let size = try await size(of: digest)
                    else { continue }
                    report.blobs += 1
                    if known.removeValue(forKey: digest) != size { differing.append(digest) }
                }
                try await add(differing)
                try await looked(at: part.count)
            }
        }
        for digest in known.keys { try await dropUnlessPresent(digest) }
    }

    /// Bytes of the file; nil when there is none.
    private func size(of digest: Digest) async throws(RegistryError) -> Int64? {
        guard let status = try await stored({ try await storage.stat(Layout.blobData(digest)) }), !status.isDirectory
        else { return nil }
        return status.size
    }

    /// Shared locks are enough: what is done here is what a push does.
    func add(_ digests: [Digest]) async throws(RegistryError) {
        guard !digests.isEmpty else { return }
        let locks = Set(digests)
        await registry.digestLocks.lockShared(locks)
        defer { registry.digestLocks.unlockShared(locks) }
        var found: [(digest: Digest, status: FileStatus)] = []
        for digest in digests {
            guard let status = try await stored({ try await storage.stat(Layout.blobData(digest)) }),
                !status.isDirectory
            else { continue }
            found.append((digest, status))
        }
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
        await registry.digestLocks.lockExclusive(digest)
        defer { registry.digestLocks.unlockExclusive(digest) }
        guard try await size(of: digest) == nil else { return }
        try indexed { try index.write { try $0.blobAbsent(digest) } }
        corrected()
    }
}
