import Foundation
import OCI
import RegistryCore
import RegistryIndex

/// Works out what a sweep would remove, on one state of the index. Removes nothing.
///
/// Recursion is by (repository, digest), for a manifest lives and dies in each repository on its own; blobs are judged by
/// digest, over all repositories. Works through the index's row numbers, a generation of holders at a time with a few
/// statements each, and costs time in proportion to what it finds.
struct SweepPlanner {
    /// A tag that is to go.
    struct Drop {
        var name: RepositoryName
        var tag: Tag
        var reason: SweepPlan.Reason
    }

    /// What is to be looked at.
    enum Scope {
        /// Everything that is garbage, and what the drops make garbage.
        case all
        /// Only what the drops make garbage, and everything in these repositories.
        case only(Set<RepositoryName>)
    }

    /// An upload session, as the tree has it.
    struct Upload {
        var id: UploadID
        var name: RepositoryName
        var bytes: Int64
        /// Seconds since 1970.
        var lastWrite: Int64
        /// False where the storage says a time that is still to come, and `lastWrite` is when that was noticed.
        var isTimeKnown = true
    }

    struct Candidate {
        var key: RevisionKey
        var reason: SweepPlan.Reason
        /// The last tag of what led here.
        var departure: Int64?
        /// The index has said already that nothing holds it.
        var isLoose = false
    }

    let view: IndexView
    let options: SweepOptions
    let now: Int64
    let mayGo: MayGo
    let drops: [Drop]
    let scope: Scope
    let uploads: [Upload]
    let damage: [DamageRow]
    var room: PlanRoom
    /// The repositories that are asked about as a whole.
    let whole: Set<Int64>

    private var names: [Int64: RepositoryName] = [:]
    var going = Going()
    var sparedItems: Set<SweepPlan.Item> = []
    var departureOf: [RevisionKey: Int64] = [:]
    var edgesOf: [Int64: [SweepEdgeRow]] = [:]
    /// Tags, manifests and links that go, by repository.
    var goneLinks: [Int64: Int] = [:]
    /// Lines whose last tag is still only a number.
    var departures: [Int: Int64] = [:]

    private(set) var lines: [SweepPlan.Line] = []
    private var spared: [SweepPlan.Spared] = []
    /// What goes or is held by what goes: the rest of it stays, and so does all that is below.
    var relatives: Set<RevisionKey> = []
    /// Manifests that go, and whose documents stay because other repositories hold them.
    var sharedManifests: [RevisionKey] = []
    /// Manifests that nothing holds and that stay all the same.
    var sparedRevisions: Set<RevisionKey> = []
    /// Blobs that what goes references and that stay because something else needs them, with their bytes.
    var shared: [Int64: Int64] = [:]

    init(
        view: IndexView, options: SweepOptions, now: Int64, promises: PromisesMade,
        isPinned: @escaping (Digest) -> Bool, drops: [Drop] = [], scope: Scope = .all, uploads: [Upload] = [],
        room: PlanRoom
    ) throws {
        self.room = room
        self.view = view
        self.options = options
        self.now = now
        self.drops = drops
        self.scope = scope
        self.uploads = uploads
        if case .only(let names) = scope {
            whole = Set(try names.compactMap { try view.repositoryID($0) })
        } else {
            whole = []
        }
        let damage = try view.damage()
        self.damage = damage
        // Asked for each thing: by name, and not with a statement each.
        let places = Dictionary(damage.map { ($0.repository, $0.path) }, uniquingKeysWith: { first, _ in first })
        let named = Dictionary(
            damage.compactMap { row in row.digest.map { ($0, row.path) } }, uniquingKeysWith: { first, _ in first })
        mayGo = MayGo(
            now: now, options: options, promised: promises.promised, isPinned: isPinned
        ) { digest, names in
            if damage.isEmpty { return nil }
            if let path = places[nil] ?? digest.flatMap({ named[$0] }) { return path }
            return names.lazy.compactMap { places[$0] }.first
        }
    }

    mutating func plan(generation: UInt64) throws -> SweepPlan {
        try planManifests()
        try planBlobs()
        if case .all = scope {
            try planUploads()
            try planRepositories()
        }
        try nameLastTags()
        return SweepPlan(
            options: options, generation: generation, made: Date(timeIntervalSince1970: Double(now)), lines: lines,
            spared: spared, damaged: damage.map { SweepPlan.Damage(path: $0.path, reason: $0.reason) },
            bytesShared: shared.values.sumClamped { $0 }, isPart: room.wasFull)
    }

    mutating func append(_ line: SweepPlan.Line) {
        room.take(line)
        lines.append(line)
    }

    // MARK: What stays

    /// True when the thing may go; what may not is spared, with the reason. A thing is asked about once.
    mutating func judge(
        _ item: SweepPlan.Item, _ thing: MayGo.Thing, bytes: Int64 = 0, mediaType: MediaType? = nil,
        repositories: [RepositoryName]? = nil
    ) throws -> Bool {
        guard let reason = try mayGo.reasonToStay(thing) else { return true }
        guard room.isForSpared else { return false }
        if sparedItems.insert(item).inserted {
            let stays = SweepPlan.Spared(
                item, bytes: bytes, mediaType: mediaType, repositories: repositories, reason: reason)
            room.take(stays)
            spared.append(stays)
        }
        return false
    }

    // MARK: Names

    mutating func name(_ repository: Int64) throws -> RepositoryName {
        if let known = names[repository] { return known }
        guard let name = try view.repositoryName(repository) else { throw SweepError.unknownRepository(repository) }
        names[repository] = name
        return name
    }

    private mutating func nameLastTags() throws {
        let rows = try view.departures(Set(departures.values))
        for (line, number) in departures { lines[line].lastTag = rows[number].map(SweepPlan.LastTag.init) }
    }

    /// The index contradicts itself: a defect of ours.
    private enum SweepError: Error {
        case unknownRepository(Int64)
    }
}

extension SweepPlan.LastTag {
    init(_ row: DepartureRow) {
        self.init(
            repository: row.repository, tag: row.tag, until: Date(timeIntervalSince1970: Double(row.at)), by: row.by,
            how: TagDeparture.Cause(row.cause))
    }
}
