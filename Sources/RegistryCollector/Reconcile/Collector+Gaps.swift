import Logging
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

extension Collector {
    /// Brings the index up to the places of the tree that requests have met, and that others say they have changed, until its
    /// task is cancelled. The requests themselves were answered from the tree.
    package func reconcileGaps() async {
        await withDiscardingTaskGroup { group in
            group.addTask { for await change in self.coordination.changes { self.ground.gaps.note(change) } }
            for await _ in ground.gaps.arrivals { await reconcileGapsNow() }
        }
    }

    /// Looks at every place that waits now.
    package func reconcileGapsNow() async {
        let reconciler = Reconciler(collector: self)
        for gap in ground.gaps.take() {
            do throws(RegistryError) {
                try await reconcile(gap, reconciler)
            } catch {
                logger.warning("cannot bring the index up to the tree", metadata: ["error": "\(error.message)"])
            }
        }
        if reconciler.report.corrections > 0 {
            logger.info("the index was behind the tree", metadata: ["corrections": "\(reconciler.report.corrections)"])
        }
    }

    private func reconcile(_ gap: GapQueue.Gap, _ reconciler: Reconciler) async throws(RegistryError) {
        switch gap {
        case .tag(let tag, let name):
            try await reconciler.compareTag(tag, name)
            try await reconciler.requireTagged(name)
        case .manifest(let digest, let name): try await reconciler.compareRevision(digest, name)
        case .layer(let digest, let name): try await reconciler.compareLayer(digest, name)
        case .blob(let digest):
            let isKnown = try indexed { try index.read { try $0.references(to: digest)?.present } } ?? false
            if isKnown { try await reconciler.dropUnlessPresent(digest) } else { try await reconciler.add([digest]) }
        }
    }
}
