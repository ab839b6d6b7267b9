import Foundation
import Logging
import OCI
import RegistryIndex
import RegistryStorage

/// Makes the index say what the tree says. The tree is read, never changed.
///
/// Runs while the registry serves, at a pace: each difference is settled under the digest's lock, where the link is looked
/// at once more, so a push or a deletion in between is never undone. Directories are read and rows are fetched in parts, so
/// memory does not grow with the tree. One run at a time changes the index; it may end anywhere without harm.
///
/// Not for two tasks at once.
final class Reconciler {
    /// Entries and rows that are held at a time.
    static let partMax = 256

    let registry: Registry
    /// The number of this run; damage that it did not see again is forgotten.
    let pass: Int64
    var report = ReconcileReport()
    private var pacer: Pacer
    private let started = ContinuousClock.now
    /// Rows of the index when the run began: how much there is to look at, as far as anybody knows.
    private var expected: Int64 = 0
    /// What has been looked at, in the same unit.
    private var seen: Int64 = 0
    private let progress: (ReconcileProgress) -> Void

    var storage: any StorageDriver { registry.storage }
    var index: ReferenceIndex { registry.index }

    /// - Parameter progress: told between two parts.
    init(
        registry: Registry, pace: Pace = .full, expecting expected: Int64 = 0,
        progress: @escaping (ReconcileProgress) -> Void = { _ in }
    ) {
        self.registry = registry
        self.expected = expected
        self.progress = progress
        pass = registry.nextPass()
        pacer = Pacer(pace)
    }

    /// Links and blobs, everything. Costs a listing of every directory of the tree.
    func compareAll() async throws(RegistryError) {
        try await compareRepositories(layers: true)
        try await compareBlobs()
        report.seconds = elapsed
    }

    /// Manifests and tags only: what decides whether something is reachable. Costs a listing of the repositories.
    func compareLinks() async throws(RegistryError) { try await compareRepositories(layers: false) }

    /// Said between two parts of the work.
    func looked(at count: Int) async throws(RegistryError) {
        seen += Int64(count)
        var state = ReconcileProgress()
        state.repositories = report.repositories
        state.manifests = report.manifests
        state.blobs = report.blobs
        state.corrections = report.corrections
        state.damaged = report.damaged
        state.fraction = expected > 0 ? min(1, Double(seen) / Double(expected)) : nil
        state.seconds = elapsed
        progress(state)
        try await pacer.breathe()
    }

    private var elapsed: Double { (ContinuousClock.now - started).seconds }

    // MARK: Repositories

    /// The index's word for where a run was that did not come to its end.
    private static let placeKey = "reconciler.repository"

    private func compareRepositories(layers: Bool) async throws(RegistryError) {
        // Begun where the last run was broken off, so that one that never comes to its end still gets everywhere.
        let place = layers ? try indexed { try index.read { try $0.state(Self.placeKey) } } : nil
        let start = place.map { $0.split(separator: "/").map(String.init) }
        if let start { try await walk(layers: layers) { $0.lexicographicallyFollows(start) } }
        try await walk(layers: layers) { components in start.map { !components.lexicographicallyFollows($0) } ?? true }
        try await dropRepositories(layers: layers)
        try await comparePins()
        try indexed {
            try index.write { change in
                try change.damageOutsideRepositoriesCleared(before: pass)
                if layers { try change.setState(nil, for: Self.placeKey) }
            }
        }
    }

    /// Compares every repository of the tree that `isWanted` by the components of its path.
    private func walk(layers: Bool, where isWanted: ([String]) -> Bool) async throws(RegistryError) {
        var walk = RepositoryWalk(storage: storage)
        while let place = try await stored({ try await walk.next() }) {
            guard isWanted(place.components) else { continue }
            switch place.kind {
            case .repository(let name):
                try indexed { try index.write { try $0.repositoryMet(name) } }
                if place.hasUploads { try await meetUploads(of: name) }
                try await compare(name, layers: layers)
                report.repositories += 1
                if layers { try indexed { try index.write { try $0.setState(name.text, for: Self.placeKey) } } }
            case .uploadsOnly(let name):
                try indexed { try index.write { try $0.repositoryMet(name) } }
                try await meetUploads(of: name)
            case .nameless: try damaged(place.directory, nil, "its name cannot be a repository's")
            case .tooDeep: try damaged(place.directory, nil, "directories are nested too deep")
            }
            try await looked(at: 0)
        }
    }

    private func meetUploads(of name: RepositoryName) async throws(RegistryError) {
        for entry in try await stored({ try await storage.list(Layout.uploads(name)) }) ?? [] {
            if let id = UploadID(entry.name) { registry.uploads.met(id, in: name) }
        }
    }

    /// Compares what the index knows and the tree no longer has.
    private func dropRepositories(layers: Bool) async throws(RegistryError) {
        var last: String?
        while true {
            let part = try indexed { try index.read { try $0.repositoryPage(after: last, limit: Self.partMax) } }
            guard !part.isEmpty else { return }
            last = part.last?.text
            for name in part {
                let listing = TreeListing(storage: storage)
                if try await stored({ try await listing.contains(name) }) { continue }
                try await compare(name, layers: layers)
                if try await stored({ try await storage.stat(Layout.uploads(name)) }) == nil {
                    try indexed { try index.write { try $0.repositoryBare(name) } }
                }
            }
            try await looked(at: 0)
        }
    }

    func compare(_ name: RepositoryName, layers: Bool) async throws(RegistryError) {
        try await compareTags(name)
        try await compareManifests(name)
        if layers { try await compareLayers(name) }
        // Only what was looked at again is forgotten: damage that nobody re-examines goes on sparing what it may pin.
        try indexed {
            try index.write { change in
                try change.damageCleared(below: Layout.manifests(name).text, before: pass)
                if layers { try change.damageCleared(below: Layout.layers(name).text, before: pass) }
            }
        }
    }

    /// Gives the digests that have a directory below `_layers` or `revisions`, in parts. An empty directory is what a
    /// deletion by distribution leaves: its digest is among them.
    func forEachPart(
        below directory: StoragePath, _ name: RepositoryName, _ body: ([Digest]) async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        for kind in try await stored({ try await storage.list(directory) }) ?? [] where kind.isDirectory {
            let place = directory.appending(kind.name)
            guard let algorithm = Digest.Algorithm(name: kind.name) else {
                try damaged(place, name, "an unknown digest algorithm")
                continue
            }
            guard let entries = try await stored({ try await storage.entries(of: place) }) else { continue }
            while true {
                let part = try await stored { try await entries.next(Self.partMax) }
                guard !part.isEmpty else { break }
                try await body(
                    part.compactMap { $0.isDirectory ? Digest(algorithm: algorithm, hex: $0.name) : nil })
                try await looked(at: part.count)
            }
        }
    }

    func damaged(
        _ path: StoragePath, _ name: RepositoryName?, naming digest: Digest? = nil, _ reason: String
    ) throws(RegistryError) {
        report.damaged += 1
        registry.logger.warning("damaged", metadata: ["path": "\(path)", "reason": "\(reason)"])
        try indexed {
            try index.write { try $0.damaged(path.text, in: name, naming: digest, reason: reason, pass: pass) }
        }
    }

    func link(at path: StoragePath) async throws(RegistryError) -> Link { try await registry.link(at: path) }

    /// What the storage says of a file; 0 when there is none, or when it is not for us to look at.
    func stamp(of path: StoragePath) async throws(RegistryError) -> Int64 {
        do throws(RegistryError) {
            return try await stored { try await storage.stat(path) }?.stamp ?? 0
        } catch {
            guard case .storage(let failure) = error, failure.isOfOnePlace else { throw error }
            return 0
        }
    }

    /// A row was added or taken away.
    func corrected(_ count: Int = 1) {
        report.corrections += count
        registry.changed()
    }
}

extension [String] {
    /// True when the path comes after another one in a walk from the top, where a directory comes before what is in it.
    fileprivate func lexicographicallyFollows(_ other: [String]) -> Bool {
        other.lexicographicallyPrecedes(self) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
