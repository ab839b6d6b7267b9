package import RegistryCore

/// Orders to a running sweep.
package enum SweepOrder: String, Sendable, CaseIterable {
    /// End after the current line; it can be resumed no more, for it has come to an end.
    case stop
    /// Wait after the current line.
    case pause
    case goOn = "continue"
}

extension Collector {
    /// Tells the running sweep what to do; nothing where none runs.
    package func steer(_ order: SweepOrder, by access: Access) throws(RegistryError) {
        try access.require(.administer, nil)
        switch order {
        case .stop: sweeps.stop()
        case .pause: sweeps.pause()
        case .goOn: sweeps.resume()
        }
    }
}
