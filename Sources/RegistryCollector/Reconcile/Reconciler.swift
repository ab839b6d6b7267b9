import Foundation
import Logging
import OCI
import RegistryCore
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

    let collector: Collector
    /// The number of this run; damage that it did not see again is forgotten.
    let pass: Int64
    var report = ReconcileReport()
    private var pacer: Pacer
    private let started = ContinuousClock.now
    /// Rows of the index when the run began: how much there is to look at, as far as anybody knows.
    private var expected: Int64 = 0
    /// What has been looked at, in the same unit.
    private var seen: Int64 = 0
    private var speed = ReconcileSpeed()
    private let progress: (ReconcileProgress) -> Void
    /// Links among the repositories that lead nowhere, as to a disk that is not mounted.
    private var deadLinks: Set<StoragePath> = []

    var ground: Ground { collector.ground }
    var storage: any StorageDriver { ground.storage }
    var index: ReferenceIndex { ground.index }

    /// - Parameter progress: told between two parts.
    init(
        collector: Collector, pace: Pace = .full, expecting expected: Int64 = 0,
        progress: @escaping (ReconcileProgress) -> Void = { _ in }
    ) {
        self.collector = collector
        self.expected = expected
        self.progress = progress
        pass = collector.ground.nextPass()
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

    /// The same with the links to layers. Costs a listing of every directory of the repositories.
    func compareLinksAndLayers() async throws(RegistryError) { try await compareRepositories(layers: true) }

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
        state.total = expected
        state.seconds = elapsed
        state.secondsLeft = speed.secondsLeft(seconds: elapsed, seen: seen, of: expected)
        progress(state)
        try await pacer.breathe()
    }

    private var elapsed: Double { (ContinuousClock.now - started).seconds }

    // MARK: Repositories

    /// The index's word for where a run was that did not come to its end.
    private static let placeKey = "reconciler.repository"

    private func compareRepositories(layers: Bool) async throws(RegistryError) {
        if let reason = try await stored({ try await storage.reasonToSeeNoRepositories() }) {
            // What the index remembers is all that anybody knows.
            collector.unreadable.note(Layout.repositories)
            try damaged(Layout.repositories, nil, reason)
        } else {
            try await compareEveryRepository(layers: layers)
        }
        try indexed {
            try index.write { change in
                try change.damageOutsideRepositoriesCleared(before: pass, layers: layers)
                if layers { try change.setState(nil, for: Self.placeKey) }
            }
        }
    }

    private func compareEveryRepository(layers: Bool) async throws(RegistryError) {
        // Begun where the last run was broken off, so that one that never comes to its end still gets everywhere.
        let place = layers ? try indexed { try index.read { try $0.state(Self.placeKey) } } : nil
        let start = place.map { $0.split(separator: "/").map(String.init) }
        if let start { try await walk(layers: layers) { $0.lexicographicallyFollows(start) } }
        try await walk(layers: layers) { components in start.map { !components.lexicographicallyFollows($0) } ?? true }
        try await dropRepositories(layers: layers)
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
                guard let name else { break }
                try indexed { try index.write { try $0.repositoryMet(name) } }
                try await meetUploads(of: name)
            case .nameless: try damaged(place.directory, nil, "its name cannot be a repository's")
            case .tooDeep: try damaged(place.directory, nil, "directories are nested too deep")
            case .unreadable(let reason):
                collector.unreadable.note(place.directory)
                try damaged(place.directory, nil, reason)
            case .deadLink:
                // Who left such a link is not to have no collection any more: only what the index remembers is spared.
                if deadLinks.insert(place.directory).inserted { passedOver(place.directory, "the link leads nowhere") }
            case .knownOtherwise: passedOver(place.directory, "what it leads to is known by another name")
            }
            try await looked(at: 0)
        }
    }

    /// Said and counted; nothing can be in it that a sweep would have to spare.
    func passedOver(_ path: StoragePath, _ reason: String) {
        ground.logger.warning("passed over", metadata: ["path": "\(path)", "reason": "\(reason)"])
    }

    private func meetUploads(of name: RepositoryName) async throws(RegistryError) {
        do throws(RegistryError) {
            for entry in try await stored({ try await storage.list(Layout.uploads(name)) }) ?? [] {
                if let id = UploadID(entry.name) { ground.uploads.met(id, in: name) }
            }
        } catch {
            guard error.isOfOnePlace else { throw error }
            passedOver(Layout.uploads(name), error.message)
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
                if try await isThere(name) { continue }
                if let link = deadLink(above: name) {
                    // What the index remembers of it is all that anybody knows.
                    try damaged(Layout.revisions(name), name, "the link \(link) leads nowhere")
                    continue
                }
                try await compare(name, layers: layers)
                if try await stored({ try await storage.stat(Layout.uploads(name)) }) == nil {
                    try indexed { try index.write { try $0.repositoryBare(name) } }
                }
            }
            try await looked(at: 0)
        }
    }

    /// True also where that cannot be told: the walk has noted why.
    func isThere(_ name: RepositoryName) async throws(RegistryError) -> Bool {
        do throws(RegistryError) {
            return try await stored { try await TreeListing(storage: storage).contains(name) }
        } catch {
            guard error.isOfOnePlace else { throw error }
            return true
        }
    }

    private func deadLink(above name: RepositoryName) -> StoragePath? {
        guard !deadLinks.isEmpty else { return nil }
        var place = Layout.repository(name)
        while place != Layout.repositories, let above = place.parent {
            if deadLinks.contains(place) { return place }
            place = above
        }
        return nil
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

    /// Said of a file where what a name stands for would be a directory.
    static let noDirectory = "what stands there is no directory"

    /// Gives the digests that have a directory below `_layers` or `revisions`, in parts. An empty directory is what a
    /// deletion by distribution leaves: its digest is among them.
    func forEachPart(
        below directory: StoragePath, _ name: RepositoryName, _ body: ([Digest]) async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        try await parts(of: directory, pinning: nil) { kinds async throws(RegistryError) in
            for kind in kinds where kind.unreachable == nil {
                let place = directory.appending(kind.name)
                guard let algorithm = Digest.Algorithm(name: kind.name) else {
                    if kind.isDirectory { try damaged(place, name, "an unknown digest algorithm") }
                    continue
                }
                guard kind.isDirectory else {
                    try damaged(place, nil, Self.noDirectory)
                    continue
                }
                let owner = { (hex: String) in Digest(algorithm: algorithm, hex: hex).map { (name, $0) } }
                try await parts(of: place, pinning: nil, entriesOf: owner) { part async throws(RegistryError) in
                    for entry in part where !entry.isDirectory && entry.unreachable == nil {
                        guard let digest = Digest(algorithm: algorithm, hex: entry.name) else { continue }
                        try damaged(place.appending(entry.name), name, naming: digest, Self.noDirectory)
                    }
                    try await body(
                        part.compactMap { $0.isDirectory ? Digest(algorithm: algorithm, hex: $0.name) : nil })
                    try await looked(at: part.count)
                }
            }
        }
    }

    /// Gives what a directory holds, in parts. What of it cannot be read is noted, and the rest goes on.
    ///
    /// - Parameters:
    ///   - name: the repository that damage in here is about; nil where it may be about anything. Nobody knows which bytes the
    ///     links of a directory are about that cannot be read.
    ///   - owner: what an entry is about by its name, where that says more.
    func parts(
        of directory: StoragePath, pinning name: RepositoryName?,
        entriesOf owner: (String) -> (RepositoryName, Digest)? = { _ in nil },
        _ body: ([StorageEntry]) async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        guard let opened = try await reading(directory, name, { try await storage.entries(of: directory) }) else {
            return
        }
        guard let entries = opened else {
            let hidden = storage.obstruction(of: directory, isDirectory: true)
            guard let hidden else { return }
            collector.unreadable.note(directory)
            return try damaged(directory, name, hidden)
        }
        while let part = try await reading(directory, name, { try await entries.next(Self.partMax) }), !part.isEmpty {
            for entry in part {
                guard let reason = entry.unreachable else { continue }
                let about = owner(entry.name)
                try damaged(directory.appending(entry.name), about?.0 ?? name, naming: about?.1, reason)
            }
            try await body(part)
        }
    }

    /// True when nothing is there for certain. What cannot be looked at may be there, and is noted.
    ///
    /// - Parameter link: where it is noted; nil for the place itself. What a repository's comparison sees is noted in the
    ///   repository, where the next one forgets it.
    func isGone(
        _ path: StoragePath, _ name: RepositoryName, naming digest: Digest?, at link: StoragePath? = nil
    ) async throws(RegistryError) -> Bool {
        let found = try await reading(path, name, naming: digest, at: link) { try await storage.stat(path) }
        return found.map { $0 == nil } ?? false
    }

    /// Nil when the place cannot be read, which is noted.
    private func reading<Value>(
        _ place: StoragePath, _ name: RepositoryName?, naming digest: Digest? = nil, at noted: StoragePath? = nil,
        _ call: () async throws -> Value
    ) async throws(RegistryError) -> Value? {
        do throws(RegistryError) {
            return try await stored(call)
        } catch {
            guard error.isOfOnePlace else { throw error }
            collector.unreadable.note(place)
            try damaged(noted ?? place, name, naming: digest, error.message)
            return nil
        }
    }

    func damaged(
        _ path: StoragePath, _ name: RepositoryName?, naming digest: Digest? = nil, _ reason: String
    ) throws(RegistryError) {
        report.damaged += 1
        var metadata: Logger.Metadata = ["path": "\(path)", "reason": "\(reason)"]
        if let name { metadata["repository"] = "\(name)" }
        if let tag = Layout.tag(of: path) { metadata["tag"] = "\(tag)" }
        if let digest { metadata["digest"] = "\(digest)" }
        ground.logger.warning("damaged", metadata: metadata)
        try indexed {
            try index.write { try $0.damaged(path.text, in: name, naming: digest, reason: reason, pass: pass) }
        }
    }

    /// Reads a link. One that the medium does not give is damaged, as one with something else in it is.
    func link(at path: StoragePath) async throws(RegistryError) -> Link {
        do throws(RegistryError) {
            return try await stored { try await storage.link(at: path) }
        } catch {
            guard case .storage(let failure) = error, failure.isOfOnePlace else { throw error }
            collector.unreadable.note(path)
            return .damaged(reason: failure.description)
        }
    }

    /// A number for the state of a file; 0 when there is none, or when it is not for us to look at.
    func stamp(of path: StoragePath) async throws(RegistryError) -> Int64 {
        do throws(RegistryError) {
            let status = try await stored { try await storage.stat(path) }
            guard let status, !status.isDirectory else { return 0 }
            let mixed = status.version &* 31 &+ status.size
            return mixed == 0 ? 1 : mixed
        } catch {
            guard error.isOfOnePlace else { throw error }
            return 0
        }
    }

    /// A row was added or taken away.
    func corrected(_ count: Int = 1) {
        report.corrections += count
        ground.changed()
    }
}

extension [String] {
    /// True when the path comes after another one in a walk from the top, where a directory comes before what is in it.
    fileprivate func lexicographicallyFollows(_ other: [String]) -> Bool {
        other.lexicographicallyPrecedes(self) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
