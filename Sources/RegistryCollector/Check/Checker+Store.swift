import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// The bytes: what lies in the store, and whether it is what its name says.
extension Checker {
    func checkStore() async throws(RegistryError) {
        enter(.blobs)
        try await forEachBlobDirectory { digest, directory async throws(RegistryError) in
            try await forEachPart(of: directory) { files async throws(RegistryError) in
                for file in files { try await checkFile(file, of: digest, in: directory) }
            }
            try looked(at: 1, place: nil)
        }
    }

    private func checkFile(
        _ file: StorageEntry, of digest: Digest, in directory: StoragePath
    ) async throws(RegistryError) {
        let path = directory.appending(file.name)
        guard file.name == "data" else { return try await checkStray(file, in: directory, nil) }
        guard let status = try await stored({ try await storage.stat(path) }) else { return }
        if status.isDirectory {
            return found(
                CheckFinding(
                    kind: .foreignPlace, path: path.text, digest: digest,
                    reason: "a directory stands where the bytes should be"))
        }
        report.blobs += 1
        report.bytes.addClamped(status.size)
        // What a power cut leaves most often, and seen without reading.
        if !RepositoryTree.canBe(digest, size: status.size) { corrupt(digest, "the file is empty") }
    }

    /// Gives every directory of the store that a blob may lie in, in the order of the prefixes.
    func forEachBlobDirectory(
        _ body: (Digest, StoragePath) async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        for algorithm in Digest.Algorithm.allCases {
            let place = Layout.blobs.appending(algorithm.name)
            var prefixes: [StorageEntry] = []
            try await forEachPart(of: place) { prefixes += $0 }
            for prefix in prefixes.sorted(by: { $0.name < $1.name }) where prefix.isDirectory {
                let directory = place.appending(prefix.name)
                try await forEachPart(of: directory) { part async throws(RegistryError) in
                    for entry in part where entry.isDirectory {
                        guard let digest = Digest(algorithm: algorithm, hex: entry.name) else { continue }
                        guard entry.name.hasPrefix(prefix.name) else {
                            found(
                                CheckFinding(
                                    kind: .foreignPlace, path: directory.appending(entry.name).text, digest: digest,
                                    reason: "nobody looks for this digest here"))
                            continue
                        }
                        try await body(digest, directory.appending(entry.name))
                    }
                }
            }
        }
    }

    // MARK: Every byte

    /// The index's word for when an unfinished hashing was begun.
    private static let startedKey = "check.hash.started"

    func hashStore() async throws(RegistryError) {
        let begun = options.startsOver ? nil : try indexed { try ground.index.read { try $0.state(Self.startedKey) } }
        report.continues = begun.flatMap { Int64($0) }
        let start = report.continues ?? Ground.now
        try indexed { try ground.index.write { try $0.setState("\(start)", for: Self.startedKey) } }
        enter(.hash, total: report.bytes)
        var batch: [Digest] = []
        let hasher = BlobHasher(ground, bytesPerSecond: options.bytesPerSecond)
        try await forEachBlobDirectory { digest, _ async throws(RegistryError) in
            batch.append(digest)
            guard batch.count >= Self.partMax else { return }
            try await hash(batch, since: start, hasher)
            batch = []
        }
        try await hash(batch, since: start, hasher)
        try indexed { try ground.index.write { try $0.setState(nil, for: Self.startedKey) } }
    }

    /// Hashes those that this hashing has not seen yet, several at a time.
    private func hash(_ digests: [Digest], since start: Int64, _ hasher: BlobHasher) async throws(RegistryError) {
        var pending: [Digest] = []
        for digest in digests {
            let known = try indexed { try ground.index.read { try $0.verified(digest) } }
            // Not one that was verified in the future, by a clock that was wrong.
            guard let known, abs(known.at) >= start, abs(known.at) <= Ground.now else {
                pending.append(digest)
                continue
            }
            report.blobsHashed += 1
            report.bytesHashed.addClamped(known.size)
            if known.at < 0 { corrupt(digest, "its bytes are another digest's") }
            try looked(at: known.size, place: nil)
        }
        var next = 0
        while next < pending.count {
            let part = Array(pending[next..<min(next + options.filesAtOnce, pending.count)])
            next += part.count
            let place = part.first?.description
            let results = try await hasher.hash(part) { bytes throws(RegistryError) in
                try looked(at: bytes, place: place)
            }
            for result in results {
                if let failure = result.failure {
                    unreadable(Layout.blobData(result.digest), nil, failure)
                    continue
                }
                guard let actual = result.actual else { continue }
                let isRight = actual == result.digest
                if !isRight { corrupt(result.digest, "its bytes are those of \(actual)") }
                try indexed {
                    try ground.index.write {
                        try $0.blobVerified(result.digest, isRight: isRight, at: Ground.now)
                    }
                }
                report.blobsHashed += 1
                report.bytesHashed.addClamped(result.size)
                try looked(at: 0, place: place)
            }
        }
    }

    private func corrupt(_ digest: Digest, _ reason: String) {
        let path = Layout.blobData(digest).text
        // An empty file and a manifest were seen before.
        if report.findings.contains(where: { $0.kind == .corruptBytes && $0.path == path }) { return }
        found(
            CheckFinding(kind: .corruptBytes, path: path, digest: digest, reason: reason, repair: .quarantine))
    }
}
