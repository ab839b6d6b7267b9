import Foundation
import RegistryCore
import RegistryStorage
import Synchronization

/// How a run ended.
struct RunEnding: Codable, Sendable, Equatable {
    var finished: Date
    var bytesTaken: Int64
    /// Absent in the first version, which listed what was spared.
    var linesRemoved: Int?
    var linesSpared: Int?
}

/// What the records of a run say.
enum KnownRun: Sendable, Equatable {
    /// There is no record.
    case absent
    /// What it says cannot be understood, for this reason: nobody may free what it took but a person.
    case unreadable(String)
    case known(RecordHead, KnownEnding)
}

/// What the record of a run's end says.
enum KnownEnding: Sendable, Equatable {
    /// There is none: the run goes on, or a crash ended it.
    case absent
    /// It cannot be understood, for this reason. What the run took can come back as after a crash, and only a person frees it.
    case unreadable(String)
    case known(RunEnding)
}

extension Quarantine {
    /// Bytes of an ending that is read at once: all of ours.
    private static let endingBytesMax = 64 << 10

    func end(_ ending: RunEnding) async throws {
        struct Written: Encodable {
            var finished: Date
            var bytesTaken: Int64
            var linesRemoved: Int?
            var linesSpared: Int?
            /// What the first version reads.
            var spared: [Int] = []
        }
        let written = Written(
            finished: ending.finished, bytesTaken: Bounds.clamped(bytes: ending.bytesTaken),
            linesRemoved: ending.linesRemoved, linesSpared: ending.linesSpared)
        try await storage.write(endingPath, try CollectorJSON.line(written) + [UInt8(ascii: "\n")])
    }

    /// What the records say. Reads both where one of them changed since the catalog was asked, in parts.
    func known(_ catalog: QuarantineCatalog) async -> KnownRun {
        let stamp: QuarantineCatalog.Stamp
        do {
            stamp = .init(record: try await storage.stat(recordPath), ending: try await storage.stat(endingPath))
        } catch {
            return .unreadable("its record cannot be looked at: \(error)")
        }
        if let known = catalog.known(run, stamp) { return known }
        do {
            let (known, isLasting) = try await read()
            if isLasting { catalog.note(run, stamp, known) }
            return known
        } catch let unreadable as RecordUnreadable {
            let known = KnownRun.unreadable(unreadable.reason)
            catalog.note(run, stamp, known)
            return known
        } catch {
            // The medium may answer the next time.
            return .unreadable("its record cannot be read: \(error)")
        }
    }

    /// - Returns: also whether it stays so until the files change; what the medium did not give it may give the next time.
    private func read() async throws -> (known: KnownRun, isLasting: Bool) {
        guard let file = try await storage.open(recordPath) else { return (.absent, true) }
        let head = try RecordHead.decoded(
            try await Self.understanding {
                if let short = try await RecordHead.short(file) { return short }
                return try await ListedDocument(file, lists: RecordHead.lists).head
            })
        do {
            return (.known(head, try await ending()), true)
        } catch {
            return (.known(head, .unreadable("how it ended (done.json) cannot be read: \(error)")), false)
        }
    }

    /// Throws what the storage throws.
    private func ending() async throws(StorageError) -> KnownEnding {
        guard let file = try await storage.open(endingPath) else { return .absent }
        do {
            let json = try await Self.understanding {
                if file.size <= Int64(Self.endingBytesMax) { return try await file.read(at: 0, count: Int(file.size)) }
                return try await ListedDocument(file, lists: ["spared"]).head
            }
            let ending = try CollectorJSON.decode(RunEnding.self, from: Data(json))
            try Bounds.date(ending.finished, "finished")
            return .known(ending)
        } catch let error as StorageError {
            throw error
        } catch {
            return .unreadable("how it ended (done.json) cannot be understood")
        }
    }

    /// The lines of the record, for reading a block at a time. Throws `RecordUnreadable` when it is not whole.
    func lines(_ head: RecordHead) async throws -> ListedDocument {
        guard let file = try await storage.open(recordPath) else {
            throw RecordUnreadable(reason: "its record is gone")
        }
        let document = try await Self.understanding { try await ListedDocument(file, lists: RecordHead.lists) }
        // The first version's count was for its readers.
        guard (head.version ?? 1) < 2 || document.count(of: RecordHead.lines) == head.plan.totals.lines else {
            throw RecordUnreadable(reason: "lines are missing in its record")
        }
        return document
    }

    /// Throws `RecordUnreadable` unless every line can be understood. Costs decoding all of them, a block at a time.
    func check(_ head: RecordHead) async throws {
        do {
            let document = try await lines(head)
            try await PlannedLines.document(document).forEachBlock { _ in }
        } catch let invalid as PlanInvalid {
            throw RecordUnreadable(reason: invalid.reason)
        }
    }

    static func understanding<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let damaged as ListedDocument.Damaged {
            throw RecordUnreadable(reason: "\(damaged.reason)")
        }
    }

    /// Directories and files in the trash, with what each is.
    static func all(in storage: any StorageDriver) async throws -> [(kind: Kind, place: StoragePath)] {
        try await (storage.list(Layout.trash) ?? []).map { entry in
            let place = Layout.trash.appending(entry.name)
            if let run = UUID(uuidString: entry.name), entry.isDirectory { return (.run(run), place) }
            for (suffix, kind) in [(Layout.erasingSuffix, Kind.purging), (PlanIntake.suffix, .incoming)]
            where entry.name.hasSuffix(suffix) && UUID(uuidString: String(entry.name.dropLast(suffix.count))) != nil {
                return (kind, place)
            }
            return (.unknown, place)
        }
    }

    enum Kind: Equatable {
        case run(UUID)
        /// Half freed: nothing comes back from it.
        case purging
        /// A record whose lines are arriving, or were when a process ended.
        case incoming
        /// Nothing that this version puts there.
        case unknown
    }
}

/// What the records of the runs in the quarantine said when they were last looked at, so that looking again costs a `stat`
/// of each while nothing changes.
final class QuarantineCatalog: Sendable {
    /// Size and time of both records.
    struct Stamp: Equatable {
        var record: FileStatus?
        var ending: FileStatus?
    }

    private struct State {
        var entries: [UUID: (stamp: Stamp, known: KnownRun)] = [:]
        var complaints: Set<String> = []
    }

    /// Runs that are remembered; more are read again each time.
    private static let entriesMax = 10_000

    private let state = Mutex(State())

    func known(_ run: UUID, _ stamp: Stamp) -> KnownRun? {
        state.withLock { state in
            guard let entry = state.entries[run], entry.stamp == stamp else { return nil }
            return entry.known
        }
    }

    func note(_ run: UUID, _ stamp: Stamp, _ known: KnownRun) {
        state.withLock { state in
            if state.entries.count >= Self.entriesMax { state.entries = [:] }
            state.entries[run] = (stamp, known)
        }
    }

    /// What the lines of a run turned out to be, while its records stay as they are.
    func note(_ run: UUID, unreadable reason: String) {
        state.withLock { $0.entries[run]?.known = .unreadable(reason) }
    }

    /// True when this was not said before.
    func isNew(_ complaint: String) -> Bool {
        state.withLock { state in
            if state.complaints.count >= Self.entriesMax { state.complaints = [] }
            return state.complaints.insert(complaint).inserted
        }
    }
}
