import OCI
import RegistryCore
import RegistryStorage

/// What distribution's `garbage-collect` prints about a tree, line by line and in its order, for what one of our plans would
/// remove: first the mark, repository by repository, then the count, then what is to go.
///
/// Source: distribution 2.8.2, `registry/storage/garbagecollect.go`. Links to layers, which only 3.x removes, come last in
/// its form.
struct DistributionLines {
    private let storage: any StorageDriver
    private let plan: SweepDocument
    private let emit: (String) -> Void
    private var marked: Set<Digest> = []
    private var manifests = 0
    /// Manifests that go, as `<repository>@<digest>`.
    private let goingManifests: Set<String>

    init(_ plan: SweepDocument, of storage: any StorageDriver, emit: @escaping (String) -> Void) {
        self.plan = plan
        self.storage = storage
        self.emit = emit
        goingManifests = Set(
            plan.lines.filter { $0.item.kind == "revision" }.map {
                "\($0.item.repository ?? "")@\($0.item.digest ?? "")"
            })
    }

    /// Reads every manifest of the tree, as distribution does.
    mutating func print() async throws(StorageError) {
        try await mark(below: Layout.repositories, [])
        let blobs = plan.lines.filter { $0.item.kind == "blob" }
        emit("\n\(marked.count) blobs marked, \(blobs.count) blobs and \(manifests) manifests eligible for deletion")
        for line in blobs { emit("blob eligible for deletion: \(line.item.digest ?? "")") }
        for line in plan.lines where line.item.kind == "layerLink" {
            emit("\(line.item.repository ?? ""): layer link eligible for deletion: \(line.item.digest ?? "")")
        }
    }

    /// A directory with `_layers` in it is a repository, and others may lie beside that: what stands before it in the order
    /// of the directory is reported before it.
    private mutating func mark(below place: StoragePath, _ components: [String]) async throws(StorageError) {
        for entry in try await storage.list(place) ?? [] where entry.isDirectory {
            if entry.name == "_layers", let name = try? RepositoryName(onDisk: components.joined(separator: "/")) {
                try await mark(name)
            } else if !entry.name.hasPrefix("_") {
                try await mark(below: place.appending(entry.name), components + [entry.name])
            }
        }
    }

    private mutating func mark(_ name: RepositoryName) async throws(StorageError) {
        emit(name.text)
        let place = Layout.revisions(name)
        for algorithm in try await storage.list(place) ?? [] {
            for entry in try await storage.list(place.appending(algorithm.name)) ?? [] {
                let link = place.appending([algorithm.name, entry.name, "link"])
                guard let digest = try await storage.link(at: link).digest,
                    let bytes = try await storage.read(Layout.blobData(digest), limit: Self.manifestBytesMax)
                else { continue }
                if goingManifests.contains("\(name)@\(digest)") {
                    manifests += 1
                    emit("manifest eligible for deletion: \(digest)")
                } else {
                    mark(digest, bytes, name)
                }
            }
        }
    }

    private static let manifestBytesMax = 64 << 20

    private mutating func mark(_ digest: Digest, _ bytes: [UInt8], _ name: RepositoryName) {
        // The blank at the end is distribution's.
        emit("\(name): marking manifest \(digest) ")
        marked.insert(digest)
        guard let manifest = try? Manifest(stored: bytes, algorithm: digest.algorithm) else { return }
        for reference in manifest.references {
            marked.insert(reference.digest)
            emit("\(name): marking blob \(reference.digest)")
        }
    }
}
