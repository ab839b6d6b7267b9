import RegistryCore

/// Orders to a running sweep.
package enum SweepOrder: String, Sendable, CaseIterable {
    case stop, pause
    case goOn = "continue"
}

extension Collector {
    /// Tells the running sweep what to do; nothing where none runs.
    package func steer(_ order: SweepOrder) {
        switch order {
        case .stop: stopSweep()
        case .pause: pauseSweep()
        case .goOn: continueSweep()
        }
    }
}
