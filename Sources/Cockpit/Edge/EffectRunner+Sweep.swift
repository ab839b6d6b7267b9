import Foundation
import RegistryCollector
import RegistryCore

/// Sweeps, and what they leave in the quarantine.
extension EffectRunner {
    /// Runs it to its end or its stop. What speaks for another registry on the tree is a question, not a failure.
    func run(_ job: SweepJob) async -> Message {
        do throws(RegistryError) {
            let progress: @Sendable (SweepProgress) -> Bool = { _ in !self.isSweepStopping }
            return .swept(.success(try await registry.sweep(job, progress: progress)))
        } catch {
            if case .otherWriters(let evidence) = error { return .sweepRefused(evidence: evidence) }
            return .swept(.failure(Failure(error)))
        }
    }
}
