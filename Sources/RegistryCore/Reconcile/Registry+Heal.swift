import Logging
import OCI
import RegistryIndex
import RegistryStorage

extension Registry {
    /// Brings the index up to the places of the tree that requests have met, until its task is cancelled. The requests
    /// themselves were answered from the tree.
    package func healGaps() async {
        for await _ in gaps.arrivals { await healNow() }
    }

    /// Looks at every place that waits now.
    package func healNow() async {
        let reconciler = Reconciler(registry: self)
        for gap in gaps.take() {
            do throws(RegistryError) {
                try await heal(gap, reconciler)
            } catch {
                logger.warning("cannot bring the index up to the tree", metadata: ["error": "\(error.message)"])
            }
        }
        if reconciler.report.corrections > 0 {
            logger.info("the index was behind the tree", metadata: ["corrections": "\(reconciler.report.corrections)"])
        }
    }

    private func heal(_ gap: GapQueue.Gap, _ reconciler: Reconciler) async throws(RegistryError) {
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
