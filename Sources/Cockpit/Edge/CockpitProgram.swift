package import Drawing
package import Foundation

/// The cockpit as a ``Program``: what the terminal's runner holds.
///
/// It gives the model the time with every input, takes the model's effects apart, and passes on to `perform` those that
/// are not the terminal's own.
package struct CockpitProgram: Program {
    private var model: Model
    private var requests: [TerminalRequest]
    private let clock: @Sendable () -> Date
    private let perform: @Sendable (Effect) -> Void

    /// - Parameters:
    ///   - setup: what is known before the first frame.
    ///   - clock: the time of day.
    ///   - perform: starts an effect and returns at once; ``EffectRunner/perform(_:)``.
    package init(
        _ setup: Setup, clock: @escaping @Sendable () -> Date = { Date() },
        perform: @escaping @Sendable (Effect) -> Void
    ) {
        self.clock = clock
        self.perform = perform
        model = Model(setup, now: clock())
        requests = []
    }

    package mutating func input(_ input: Input) {
        carryOut(model.update(.input(input, at: clock())))
    }

    /// Nothing is made up for dropped messages: each snapshot replaces the one before it.
    package mutating func receive(_ messages: [Message], dropped: Int) {
        for message in messages { carryOut(model.update(message)) }
    }

    package func view(_ canvas: inout Canvas) { model.view(on: &canvas) }

    package var ticking: Bool { model.isTicking }

    package mutating func takeRequests() -> [TerminalRequest] {
        defer { requests = [] }
        return requests
    }

    private mutating func carryOut(_ effects: [Effect]) {
        for effect in effects {
            if case .terminal(let request) = effect {
                requests.append(request)
            } else {
                perform(effect)
            }
        }
    }
}
