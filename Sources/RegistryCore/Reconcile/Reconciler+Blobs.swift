import OCI
import RegistryIndex
import RegistryStorage

extension Reconciler {
    /// The store's bytes against the index: what came, what went, what has another size.
    func compareBlobs(_ report: inout ReconcileReport) async throws(RegistryError) {
        for algorithm in Digest.Algorithm.allCases {
            let entries = try await stored { try await storage.list(Layout.blobs.appending(algorithm.name)) } ?? []
            let listed = entries.compactMap { $0.name.utf8.count == 2 ? UInt8($0.name, radix: 16) : nil }
            let known = try indexed { try index.read { try $0.blobPrefixes(algorithm) } }
            for prefix in known.union(listed).sorted() { try await compareBlobs(algorithm, prefix, &report) }
        }
    }

    private func compareBlobs(
        _ algorithm: Digest.Algorithm, _ prefix: UInt8, _ report: inout ReconcileReport
    ) async throws(RegistryError) {
        var known = try indexed { try index.read { try $0.presentBlobs(algorithm, prefix: prefix) } }
        let digits = String(prefix, radix: 16)
        let place = Layout.blobs.appending([algorithm.name, digits.count == 1 ? "0" + digits : digits])
        for entry in try await stored({ try await storage.list(place) }) ?? [] where entry.isDirectory {
            guard let digest = Digest(algorithm: algorithm, hex: entry.name),
                let status = try await stored({ try await storage.stat(Layout.blobData(digest)) }), !status.isDirectory
            else { continue }
            report.blobs += 1
            if known.removeValue(forKey: digest) == status.size { continue }
            await registry.digestLocks.lockExclusive(digest)
            defer { registry.digestLocks.unlockExclusive(digest) }
            guard try await stored({ try await storage.stat(Layout.blobData(digest)) }) != nil else { continue }
            report.corrections += 1
            // Its age speaks for a promise that nobody remembers.
            try indexed {
                try index.write { change in
                    let held = try (change.view.references(to: digest)?.count ?? 0) > 0
                    try change.blobPresent(digest, size: status.size, leased: held ? 0 : status.modified)
                }
            }
        }
        for digest in known.keys {
            await registry.digestLocks.lockExclusive(digest)
            defer { registry.digestLocks.unlockExclusive(digest) }
            guard try await stored({ try await storage.stat(Layout.blobData(digest)) }) == nil else { continue }
            report.corrections += 1
            try indexed { try index.write { try $0.blobAbsent(digest) } }
        }
    }
}
