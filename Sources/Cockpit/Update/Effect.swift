package import Drawing
package import Foundation
package import OCI
package import RegistryCollector
package import RegistryCore

/// Something the model wants done; the answer, where there is one, comes as a ``Message``.
package enum Effect: Sendable, Equatable {
    /// What has changed of them since a moment; nil for all of them.
    case loadRepositories(since: Int64?)
    /// The same for the tags of one.
    case loadTags(RepositoryName, since: Int64?)
    case arrangeRepositories(ArrangeJob<RepositoryOrder>)
    case arrangeTags(ArrangeJob<TagOrder>)
    case loadGraph(RepositoryName, Reference)
    case loadUsers(Digest)
    /// What can be pulled of each of these.
    case findPullable([RepositoryName])
    case deleteTags([Tag], in: RepositoryName)
    case planSweep(SweepOptions)
    case runSweep(SweepJob)
    /// Has the running sweep wait after its current line.
    case pauseSweep
    case continueSweep
    /// Ends the running sweep after its current line.
    case stopSweep
    case writeSweep(SweepExport)
    case loadQuarantine
    /// Puts a run back, or these lines of it.
    case putBack(UUID, only: Set<SweepPlan.Item>?)
    /// Frees a run for good.
    case purge(UUID)
    case reclaim(Reclaim.Subject)
    case loadHistory(Tag, RepositoryName)
    case setTag(Tag, Digest, RepositoryName)
    case loadDeletedTags(RepositoryName)
    case restoreTags([TagDeparture])
    /// What the last comparison of the index with the tree could not read.
    case loadDamage
    case check(CheckOptions)
    /// Ends the running check where it is.
    case stopCheck
    case repair([CheckFinding])
    case startServer
    case stopServer
    case restartServer
    /// For the terminal itself.
    case terminal(TerminalRequest)
}
