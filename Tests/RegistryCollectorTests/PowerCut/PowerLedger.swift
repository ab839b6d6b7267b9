import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage

/// What a registry has promised by what it has answered so far, and what a verb that runs may be changing: of each thing the
/// conditions in which a start after a power cut may find it. What is not here, nobody was told of.
struct PowerLedger: Sendable {
    typealias Place = CollectorModel.Place
    typealias TagPlace = CollectorModel.TagPlace

    struct Session: Sendable {
        var name: RepositoryName
        /// What was acknowledged of it; more may be there.
        var bytes: [UInt8]
        var isThere: Set<Bool>
    }

    struct Kept: Sendable {
        var bytes: [UInt8]
        /// Where it came from, if it may be back there.
        var origin: String?
    }

    /// What a tag may point at; nil for a tag that is not there.
    var tags: [TagPlace: Set<Digest?>] = [:]
    /// What the history of a tag names at the least.
    var histories: [TagPlace: Set<Digest>] = [:]
    /// Whether a manifest may be, and may not be, part of a repository.
    var revisions: [Place: Set<Bool>] = [:]
    var layers: [Place: Set<Bool>] = [:]
    /// Content of layers that are of no image.
    var blobs: [Digest: [UInt8]] = [:]
    var sessions: [UploadID: Session] = [:]
    /// Sessions whose bytes are a blob now.
    var spent: [UploadID: RepositoryName] = [:]
    /// Files of the quarantine, by path, that may come back by an undo.
    var kept: [String: Kept] = [:]
    /// Paths where a repair has taken something away.
    var cleared: Set<String> = []
    /// Paths where somebody damaged something, of which nobody was told that it is mended.
    var wounds: Set<String> = []
    /// Manifests and links that a sweep which runs, or which did not come to its end, is about: nothing needs them, and they
    /// may be back without what goes at the same time.
    var swept: Set<Place> = []

    /// True when somebody was told that what the line is about is there.
    func promises(_ line: SweepPlan.Line) -> Bool {
        switch line.item {
        case .tag(let tag, let name):
            tags[TagPlace(name: name, tag: tag)].map { $0.count == 1 && $0 != [nil] } ?? false
        case .revision(let digest, let name): revisions[Place(name: name, digest: digest)] == [true]
        case .layerLink(let digest, let name): layers[Place(name: name, digest: digest)] == [true]
        case .blob(let digest):
            revisions.merging(layers) { one, _ in one }.contains { $0.key.digest == digest && $0.value == [true] }
        case .upload(let id, _): sessions[id]?.isThere == [true]
        case .repository: false
        }
    }

    // MARK: What a verb may change

    mutating func mayPoint(_ place: TagPlace, to digest: Digest?) { tags[place, default: [nil]].insert(digest) }

    mutating func mayHold(_ place: Place, _ isThere: Bool) { revisions[place, default: [false]].insert(isThere) }

    mutating func mayLink(_ place: Place, _ isThere: Bool) { layers[place, default: [false]].insert(isThere) }

    // MARK: What it has changed

    mutating func points(_ place: TagPlace, to digest: Digest?) {
        tags[place] = [digest]
        if let digest { histories[place, default: []].insert(digest) } else { histories[place] = nil }
    }

    /// Nothing of what the run took is promised to be in its quarantine.
    mutating func forget(_ run: PowerSchedule.Run) { kept = kept.filter { !$0.key.hasPrefix(run.prefix) } }

    mutating func holds(_ place: Place, _ isThere: Bool) { revisions[place] = [isThere] }

    mutating func links(_ place: Place, _ isThere: Bool) {
        layers[place] = [isThere]
        swept.remove(place)
    }
}
