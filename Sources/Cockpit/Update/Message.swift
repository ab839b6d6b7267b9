package import Drawing
package import Foundation
package import OCI
package import RegistryCollector
package import RegistryCore

/// Why something asked for did not happen: one line for people.
package struct Failure: Error, Equatable, Sendable {
    package var message: String
    /// Whether it was asked for something that is not known.
    package var isUnknown = false
    /// Whether it has to wait until the index is up to the tree.
    package var isTooEarly = false

    package init(_ message: String) { self.message = message }

    init(_ error: RegistryError) {
        message = error.message
        switch error {
        case .manifestUnknown, .nameUnknown: isUnknown = true
        case .notReconciled, .indexBehind: isTooEarly = true
        default: break
        }
    }
}

/// The state of everything that moves by itself, taken at one moment.
package struct Sample: Sendable {
    package var time: Date
    /// The registry's; another value means that lists are out of date.
    package var generation: UInt64
    package var server: ServerState
    package var transfers: [Transfer]
    package var counters: RegistryCounters
    /// Nil where the storage cannot say.
    package var capacity: StorageCapacity?
    /// The newest lines of the log, oldest first.
    package var log: [LogLine]
    /// What happened since the last sample, oldest first.
    package var events: [RegistryEvent]
    /// Events lost in between because the queue was full.
    package var eventsDropped: Int
    /// How far the sweep that is running has come; nil when none is.
    package var sweep: SweepProgress?
    /// The same of a check.
    package var check: CheckProgress?
    /// How far the comparison of the index with the tree has come; nil while none runs.
    package var reconciling: ReconcileProgress?
    /// Whether a comparison has come to its end since the registry was opened.
    package var isReconciled: Bool
    /// Whether another process serves the same directory.
    package var isAccompanied: Bool

    package init(
        time: Date, generation: UInt64, server: ServerState, transfers: [Transfer] = [],
        counters: RegistryCounters = RegistryCounters(), capacity: StorageCapacity? = nil, log: [LogLine] = [],
        events: [RegistryEvent] = [], eventsDropped: Int = 0, sweep: SweepProgress? = nil,
        check: CheckProgress? = nil, reconciling: ReconcileProgress? = nil, isReconciled: Bool = true,
        isAccompanied: Bool = false
    ) {
        self.time = time
        self.generation = generation
        self.server = server
        self.transfers = transfers
        self.counters = counters
        self.capacity = capacity
        self.log = log
        self.events = events
        self.eventsDropped = eventsDropped
        self.sweep = sweep
        self.check = check
        self.reconciling = reconciling
        self.isReconciled = isReconciled
        self.isAccompanied = isAccompanied
    }
}

/// Everything the model learns: from the terminal, from the sampler, and as results of effects.
package enum Message: Sendable {
    case input(Input, at: Date)
    case sampled(Sample)
    case repositories(Result<RepositoryChanges, Failure>)
    /// Nil where nothing has changed.
    case tags(RepositoryName, Result<TagListing?, Failure>)
    case repositoriesArranged(Arranged<RepositoryOrder>)
    case tagsArranged(Arranged<TagOrder>)
    case graph(RepositoryName, Reference, Result<ImageGraph, Failure>)
    case users(Digest, Result<[BlobUse], Failure>)
    case pullable(Result<[RepositoryReference], Failure>)
    /// What became of each tag that was to be deleted, nil when it is gone, and with what those can be put back.
    case tagsDeleted(RepositoryName, [(tag: Tag, failure: Failure?)], undo: [TagDeparture])
    /// What became of each deleted tag that was to be put back; nil when it is there.
    case tagsRestored([(tag: TagDeparture, failure: Failure?)])
    case deletedTags(RepositoryName, Result<[TagDeparture], Failure>)
    case history(Tag, RepositoryName, Result<[TagHistoryEntry], Failure>)
    case tagSet(Tag, Digest, RepositoryName, Failure?)
    case reclaimed(Reclaim.Subject, Result<Reclaim, Failure>)
    case planned(SweepOptions, Result<SweepPlan, Failure>)
    case swept(Result<SweepReport, Failure>)
    /// Nothing was swept: the text says what speaks for another registry on the tree.
    case sweepRefused(evidence: String)
    /// The path of the file that was written.
    case sweepWritten(Result<String, Failure>)
    case quarantine(Result<[QuarantinedRun], Failure>)
    case putBack(Result<UndoReport, Failure>)
    /// Room on the medium that came back.
    case purged(Result<Int64, Failure>)
    case damage(Result<[SweepPlan.Damage], Failure>)
    case checked(Result<CheckReport, Failure>)
    case repaired(Result<RepairReport, Failure>)
    /// A start or a stop has come to its end.
    case serverSettled(ServerState)
}
