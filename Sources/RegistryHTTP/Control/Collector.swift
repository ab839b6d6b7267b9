package import Foundation
package import RegistryCore

/// What a person can ask of the collector of one data directory: answered in this process where nobody serves the
/// directory, and over its control socket where somebody does. Who asks need not know which.
package protocol Collector: Sendable {
    /// What a sweep would remove now. Changes nothing.
    func plan(_ options: SweepDocument.Options) async throws(ControlError) -> SweepDocument

    /// Runs a plan, or goes on with a run that was interrupted.
    ///
    /// - Parameter progress: told now and then how far it is; never after the end.
    func run(
        _ work: SweepWork, progress: @escaping @Sendable (SweepProgress) -> Void
    ) async throws(ControlError) -> SweepReportDocument

    /// Tells the running sweep what to do; nothing where none runs.
    func steer(_ order: SweepOrder) async throws(ControlError)

    /// What can come back from the quarantine, newest first.
    func runs() async throws(ControlError) -> [QuarantinedRunDocument]

    /// Puts back what a run took out: these items, or all where nil.
    func undo(_ run: UUID, only items: [SweepDocument.Item]?) async throws(ControlError) -> UndoDocument

    /// Frees what a run took out, before its time.
    func purge(_ run: UUID) async throws(ControlError) -> PurgeDocument

    /// What deleting the tags or repositories that a pattern fits would give back.
    func reclaim(_ pattern: String) async throws(ControlError) -> ReclaimDocument

    /// What a tag points at and pointed at, once it was pointed at a digest where one is given.
    func tag(_ request: TagRequest) async throws(ControlError) -> TagHistoryDocument
}

/// Orders to a running sweep; the word is the last part of the path.
package enum SweepOrder: String, Sendable, CaseIterable {
    case stop, pause
    case goOn = "continue"
}

/// Why something that was asked of the collector was not done. Also the answer of the control socket.
package struct ControlError: Error, Sendable, Equatable {
    package var kind: Kind
    /// What is wrong, as half a sentence.
    package var message: String

    /// The raw value is the status of HTTP that says the same.
    package enum Kind: Int, Sendable, CaseIterable {
        /// What was asked for makes no sense.
        case badRequest = 400
        /// The registry may not be written to.
        case notAllowed = 403
        /// There is no such run, tag or repository.
        case unknown = 404
        /// Something else is under way; the same may be asked again later.
        case busy = 409
        /// Another registry may be writing to the tree; that none is can be said with the request.
        case othersMayWrite = 412
        case tooLarge = 413
        case failed = 500
        /// The index is still being compared with the tree.
        case tooEarly = 503
    }

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package init(_ error: RegistryError) {
        message = error.message
        switch error {
        case .runUnknown, .nameUnknown, .manifestUnknown, .blobUnknown, .uploadUnknown: kind = .unknown
        case .readOnly, .deletionDisabled, .nameNotConforming: kind = .notAllowed
        case .otherWriters: kind = .othersMayWrite
        case .notReconciled, .indexBehind: kind = .tooEarly
        case .sweepRunning, .notAlone, .tagConflict, .uploadConflict, .rangeOutOfOrder, .tooManyUploads: kind = .busy
        case .manifestInvalid, .manifestTooLarge, .manifestReferencesUnknown, .digestMismatch: kind = .badRequest
        case .noRoomForQuarantine, .interrupted, .storage, .unexpected, .index: kind = .failed
        }
    }
}
