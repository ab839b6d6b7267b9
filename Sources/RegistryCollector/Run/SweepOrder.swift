package import RegistryCore

/// Orders to a running sweep.
package enum SweepOrder: String, Sendable, CaseIterable {
    case stop, pause
    case goOn = "continue"
}

extension Collector {
    /// Tells the running sweep what to do; nothing where none runs.
    package func steer(_ order: SweepOrder, by access: Access) throws(RegistryError) {
        switch order {
        case .stop: try stopSweep(by: access)
        case .pause: try pauseSweep(by: access)
        case .goOn: try continueSweep(by: access)
        }
    }
}
