import OCI
import RegistryCore
import StorageProbes
import Synchronization

/// What was asked of the disk and what was answered to clients, on one line of time.
final class PowerChronicle: Sendable {
    /// A moment at which the power may go.
    struct Moment: Sendable {
        /// Records of the disk that came before it.
        var count: Int
        var ledger: PowerLedger
        /// The verb that runs, or that has just been answered.
        var step: String
        var isAnswered: Bool
        /// Of the ledger, among those of the schedule.
        var number = 0
    }

    /// The process that was to answer is dead.
    struct Died: Error {}

    let journal: DiskJournal
    /// The disk of the process that may die.
    let disk: MortalCalls
    private let moments = Mutex<[Moment]>([Moment(count: 0, ledger: PowerLedger(), step: "start", isAnswered: true)])

    init(_ journal: DiskJournal) {
        self.journal = journal
        disk = MortalCalls(journal)
    }

    var ledger: PowerLedger { moments.withLock { $0[$0.count - 1].ledger } }

    /// A verb begins that may change what `change` says.
    func begin(_ step: String, _ change: (inout PowerLedger) -> Void = { _ in }) { note(step, false, change) }

    /// It was answered, and has changed it. Throws where nobody is left to answer.
    func answer(_ step: String, _ change: (inout PowerLedger) -> Void = { _ in }) throws {
        if disk.isDead { throw Died() }
        note(step, true, change)
    }

    private func note(_ step: String, _ isAnswered: Bool, _ change: (inout PowerLedger) -> Void) {
        let count = journal.count
        moments.withLock { moments in
            var ledger = moments[moments.count - 1].ledger
            change(&ledger)
            moments.append(
                Moment(
                    count: count, ledger: ledger, step: step, isAnswered: isAnswered, number: moments.count))
        }
    }

    /// Moments that cover all others: right after an answer, and right before a sync takes a choice from the disk.
    func record() -> PowerRecord {
        let (records, notes) = (journal.records, moments.withLock { $0 })
        var moments: [Moment] = []
        var now = notes[0]
        var next = 1
        for count in 0...records.count {
            while next < notes.count, notes[next].count == count {
                now = notes[next]
                if now.isAnswered { moments.append(now) }
                next += 1
            }
            if count < records.count, records[count].isSync {
                moments.append(
                    Moment(
                        count: count, ledger: now.ledger, step: now.step, isAnswered: false, number: now.number))
            }
        }
        return PowerRecord(records: records, moments: moments, isOrdered: journal.isOrdered)
    }
}

/// A schedule that was run: what can be looked at as often as one likes.
struct PowerRecord: Sendable {
    var records: [DiskJournal.Record]
    var moments: [PowerChronicle.Moment]
    var isOrdered: Bool

    /// A sync that was made: of what, and for which verb.
    struct Sync: Hashable {
        /// As `PowerPlace` names it; `*` for all that there is.
        var place: String
        var step: String
    }

    /// Calls `body` with what may be on the disk at each moment, until it gives something.
    ///
    /// - Parameter isDropped: a sync that is taken out. Moments before the first of them are passed over; nil for all
    ///   moments and syncs.
    func first<Value>(
        dropping isDropped: ((Sync) -> Bool)? = nil,
        _ body: (DiskHistory, PowerChronicle.Moment) async throws -> Value?
    ) async rethrows -> Value? {
        var history = DiskHistory(isOrdered: isOrdered)
        var count = 0
        var isOfInterest = isDropped == nil
        for moment in moments {
            while count < moment.count {
                let drops = isDropped.flatMap { isDropped in sync(records[count], moment).map(isDropped) } ?? false
                history.apply(records[count], isDropped: drops)
                if drops { isOfInterest = true }
                count += 1
            }
            guard isOfInterest else { continue }
            if let value = try await body(history, moment) { return value }
        }
        return nil
    }

    /// Every kind of sync that was made.
    var syncs: Set<Sync> {
        var (syncs, count) = (Set<Sync>(), 0)
        for moment in moments {
            while count < moment.count {
                if let sync = sync(records[count], moment) { syncs.insert(sync) }
                count += 1
            }
        }
        return syncs
    }

    /// The moment that follows a sync is of the same verb: right before the next sync, or right after the answer.
    private func sync(_ record: DiskJournal.Record, _ moment: PowerChronicle.Moment) -> Sync? {
        switch record {
        case .synchronize(_, _, let path): Sync(place: PowerPlace.name(of: path), step: moment.step)
        case .synchronizeAll: Sync(place: "*", step: moment.step)
        default: nil
        }
    }
}

extension DiskJournal.Record {
    fileprivate var isSync: Bool {
        switch self {
        case .synchronize, .synchronizeAll: true
        default: false
        }
    }
}
