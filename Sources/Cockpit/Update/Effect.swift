package import Drawing
package import OCI
package import RegistryCore

/// Something the model wants done; the answer, where there is one, comes as a ``Message``.
package enum Effect: Sendable, Equatable {
    case loadRepositories
    case loadTags(RepositoryName)
    case loadGraph(RepositoryName, Reference)
    case loadUsers(Digest)
    case deleteTags([Tag], in: RepositoryName)
    case planSweep(SweepOptions)
    case runSweep(SweepPlan)
    /// Ends the running sweep after its current line.
    case stopSweep
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
