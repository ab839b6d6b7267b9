package import RegistryCollector
import RegistryCore

extension [SweepPlan.Line] {
    /// Manifests and blobs: without links to layers that stay, and the directories of empty repositories.
    package var ofContent: [SweepPlan.Line] { filter { $0.kind == .revision || $0.kind == .blob } }
}

extension [SweepPlan.Spared] {
    package var ofContent: [SweepPlan.Spared] { filter { $0.kind == .revision || $0.kind == .blob } }
}
