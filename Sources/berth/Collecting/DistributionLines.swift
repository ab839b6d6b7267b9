import OCI
import RegistryControl
import RegistryCollector
import RegistryCore
import RegistryStorage

/// What distribution's `garbage-collect` prints about a tree, line by line and in its order, for what one of our plans would
/// remove: first the mark, repository by repository, then the count, then what is to go.
///
/// Source: distribution 2.8.2, `registry/storage/garbagecollect.go`. Links to layers, which only 3.x removes, come last in
/// its form.
struct DistributionLines {
    private let storage: any StorageDriver
    private let plan: Spool
    private let emit: (String) -> Void
    private var marked: Set<Digest> = []
    private var manifests = 0
    private var links = FollowedLinks()
    /// Manifests that go, as `<repository>@<digest>`.
    private let goingManifests: Set<String>

    init(_ plan: Spool, of storage: any StorageDriver, emit: @escaping (String) -> Void) throws {
        self.plan = plan
        self.storage = storage
        self.emit = emit
        var going: Set<String> = []
        try Self.forEach(of: plan) {
            if case .revision(let digest, let name) = $0 { going.insert("\(name)@\(digest)") }
        }
        goingManifests = going
    }

    private static func forEach(of plan: Spool, _ body: (SweepPlan.Item) -> Void) throws {
        try plan.forEach([.line]) { body(try $0.item) }
    }

    /// Reads every manifest of the tree, as distribution does.
    mutating func print() async throws {
        try await mark(below: Layout.repositories, [])
        var blobs = 0
        try Self.forEach(of: plan) { if $0.kind == .blob { blobs += 1 } }
        emit("\n\(marked.count) blobs marked, \(blobs) blobs and \(manifests) manifests eligible for deletion")
        try Self.forEach(of: plan) { if case .blob(let digest) = $0 { emit("blob eligible for deletion: \(digest)") } }
        try Self.forEach(of: plan) { item in
            guard case .layerLink(let digest, let name) = item else { return }
            emit("\(name): layer link eligible for deletion: \(digest)")
        }
    }

    /// A directory with `_layers` in it is a repository, and others may lie beside that: what stands before it in the order
    /// of the directory is reported before it.
    private mutating func mark(
        below place: StoragePath, _ components: [String], isBehindLink: Bool = false
    ) async throws(StorageError) {
        // Deeper than a name can be.
        guard components.count < 128 else { return }
        for entry in try await list(place) where entry.isDirectory {
            if entry.name == "_layers", let name = try? RepositoryName(onDisk: components.joined(separator: "/")) {
                try await mark(name)
            } else if !entry.name.hasPrefix("_") {
                let child = place.appending(entry.name)
                let isBehindLink = isBehindLink || entry.isLink
                if isBehindLink, try await !mayEnter(child, entry) { continue }
                try await mark(below: child, components + [entry.name], isBehindLink: isBehindLink)
            }
        }
    }

    private mutating func mayEnter(_ child: StoragePath, _ entry: StorageEntry) async throws(StorageError) -> Bool {
        do throws(StorageError) {
            return try await links.mayEnter(child, isLink: entry.isLink, below: Layout.repositories, storage)
        } catch {
            guard error.isOfOnePlace else { throw error }
            return false
        }
    }

    /// What cannot be read has no lines; the plan says that it spares what that may reference.
    private func list(_ place: StoragePath) async throws(StorageError) -> [StorageEntry] {
        do throws(StorageError) {
            return try await storage.list(place) ?? []
        } catch {
            guard error.isOfOnePlace else { throw error }
            return []
        }
    }

    private mutating func mark(_ name: RepositoryName) async throws(StorageError) {
        emit(name.text)
        let place = Layout.revisions(name)
        for algorithm in try await list(place) {
            for entry in try await list(place.appending(algorithm.name)) {
                let link = place.appending([algorithm.name, entry.name, "link"])
                do throws(StorageError) {
                    guard let digest = try await storage.link(at: link).digest,
                        let bytes = try await storage.read(Layout.blobData(digest), limit: Self.manifestBytesMax)
                    else { continue }
                    if goingManifests.contains("\(name)@\(digest)") {
                        manifests += 1
                        emit("manifest eligible for deletion: \(digest)")
                    } else {
                        mark(digest, bytes, name)
                    }
                } catch {
                    guard error.isOfOnePlace else { throw error }
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
