/// What a comparison of the index with the tree found.
package struct ReconcileReport: Sendable, Equatable {
    package var repositories = 0
    package var manifests = 0
    package var blobs = 0
    /// Rows that were added or taken away because the tree said otherwise.
    package var corrections = 0
    package var damaged = 0
    package var seconds = 0.0
}

extension Registry {
    /// Compares the index with the whole tree and corrects it. Run at start, in the background, while serving; until it
    /// has succeeded once nothing is swept.
    @discardableResult
    package func reconcile() async throws(RegistryError) -> ReconcileReport {
        let start = ContinuousClock.now
        var report = try await Reconciler(registry: self).compareAll()
        let elapsed = ContinuousClock.now - start
        report.seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        markReconciled()
        changed()
        publish(
            .reconciled(
                repositories: report.repositories, manifests: report.manifests, damaged: report.damaged,
                seconds: report.seconds), by: Client(address: "reconciler"))
        return report
    }
}
