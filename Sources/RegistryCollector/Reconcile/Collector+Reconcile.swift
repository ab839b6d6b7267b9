import Foundation
import Logging
import OCI
package import RegistryCore
import RegistryIndex
import Synchronization

/// What a comparison of the index with the tree found.
package struct ReconcileReport: Sendable, Equatable {
    package var repositories = 0
    package var manifests = 0
    package var tags = 0
    package var blobs = 0
    /// Rows that were added or taken away because the tree said otherwise.
    package var corrections = 0
    package var damaged = 0
    package var seconds = 0.0
}

extension Collector {
    /// Seconds between two lines of the log while a comparison runs.
    private static let linePeriod = 10.0

    /// Compares the index with the whole tree and corrects it. Run at start, in the background, while serving; until it
    /// has succeeded once nothing is swept. No request waits for it.
    ///
    /// Throws `interrupted` when its task was cancelled; a later run begins where this one was.
    ///
    /// - Parameters:
    ///   - pace: how much of a core it may take.
    ///   - expecting: links and blobs that there will be to look at, for telling how far it is; nil for as many as the index
    ///     has, or the tree where the index was never up to it.
    ///   - progress: told between two parts of the work.
    @discardableResult
    package func reconcile(
        pace: Pace = .full, expecting: Int64? = nil, by access: Access,
        progress: @escaping (ReconcileProgress) -> Void = { _ in }
    ) async throws(RegistryError) -> ReconcileReport {
        try access.require(.administer, nil)
        let hold = try await coordination.hold([.comparison], .exclusive)
        defer { reconcileProgress.withLock { $0 = nil } }
        reconcileProgress.withLock { $0 = ReconcileProgress() }
        let expected = if let expecting { expecting } else { try await expectedLooks(pace) }
        var nextLine = Self.linePeriod
        let reconciler = Reconciler(collector: self, pace: pace, expecting: expected) { state in
            self.reconcileProgress.withLock { $0 = state }
            progress(state)
            guard state.seconds >= nextLine else { return }
            nextLine += Self.linePeriod
            self.logger.info("comparing the index with the tree", metadata: state.metadata)
        }
        try endTimesOfTheFuture(tags: true)
        let failures = ground.standing.failures
        try await reconciler.compareAll()
        try hold.confirm()
        try indexed { try index.write { try $0.setState("1", for: Self.wholeKey) } }
        guard ground.standing.agreed(since: failures) else { throw .indexBehind }
        ground.changed()
        let report = reconciler.report
        ground.publish(
            .reconciled(
                repositories: report.repositories, manifests: report.manifests, damaged: report.damaged,
                seconds: report.seconds), by: access.client)
        return report
    }

    /// The index's word for that it was up to the tree once, and has as many rows as there are to look at.
    private static let wholeKey = "reconciler.whole"

    private func expectedLooks(_ pace: Pace) async throws(RegistryError) -> Int64 {
        let (known, isWhole) = try indexed {
            try index.read { (try $0.linkAndBlobCount(), try $0.state(Self.wholeKey) != nil) }
        }
        guard !isWhole else { return known }
        let began = ContinuousClock.now
        return try await countTree(pace: pace) {
            self.reconcileProgress.withLock { $0?.seconds = (ContinuousClock.now - began).seconds }
        }
    }

    /// Looks again at the manifests of the repositories that would lose something; true when one of them is not what it was.
    func isOutdated(_ plan: SweepPlan) async throws(RegistryError) -> Bool {
        let names = plan.lines.reduce(into: Set<RepositoryName>()) { $0.formUnion($1.repositories) }
        // A comparison that runs now sees the same, and so does the one before the plan's run.
        guard !names.isEmpty, let hold = try coordination.holdNow([.comparison], .exclusive) else { return false }
        try hold.confirm()
        let reconciler = Reconciler(collector: self)
        var isOutdated = false
        for name in names.sorted() {
            // Where a disk is not mounted a whole comparison keeps what the index remembers.
            guard try await reconciler.isThere(name) else { continue }
            try await reconciler.compareKnownRevisions(name)
            guard reconciler.report.corrections + reconciler.report.damaged > 0 else { continue }
            try await reconciler.requireTagged(name)
            isOutdated = true
        }
        return isOutdated
    }

    /// Compares manifests and tags alone.
    func compareLinks() async throws(RegistryError) {
        let hold = try await coordination.hold([.comparison], .exclusive)
        try hold.confirm()
        try await Reconciler(collector: self).compareLinks()
    }
}

extension ReconcileProgress {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "repositories": "\(repositories)", "manifests": "\(manifests)", "blobs": "\(blobs)",
            "corrections": "\(corrections)",
        ]
        if let fraction { metadata["done"] = "\(Int(fraction * 100))%" }
        return metadata
    }
}
