import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// A user at the cockpit: presses keys, and every effect is answered at once from a ``FakeRegistry``.
///
/// Described, as in a failure, by its screen. The clock moves half a second a key, so that no key is typed ahead of a dialog unless the scenario says so.
struct Session: CustomTestStringConvertible {
    var model: Model
    var registry: FakeRegistry
    var now = noon
    /// Every effect so far that the fake registry has no answer for: the server's and the terminal's.
    private(set) var outside: [Effect] = []
    /// Every effect so far.
    private(set) var asked: [Effect] = []
    /// Whether effects are answered; false leaves them hanging.
    var isAnswering = true
    var server = ServerState.serving(address: "127.0.0.1:5000", since: noon.addingTimeInterval(-3661))

    init(
        _ registry: FakeRegistry? = nil, columns: Int = 80, rows: Int = 24, setup: Setup = fixtureSetup(),
        server: ServerState? = nil
    ) throws {
        self.registry = try registry ?? FakeRegistry.sample()
        model = Model(setup, now: noon)
        if let server { self.server = server }
        send(.input(.resize(Size(columns: columns, rows: rows)), at: now))
        sample()
    }

    /// Delivers a message and answers what it leads to.
    mutating func send(_ message: Message) { settle(model.update(message)) }

    private mutating func settle(_ effects: [Effect]) {
        var waiting = effects
        while !waiting.isEmpty {
            let effect = waiting.removeFirst()
            asked.append(effect)
            if isAnswering, let message = registry.answer(effect) {
                waiting += model.update(message)
            } else {
                outside.append(effect)
            }
        }
    }

    /// Presses a key after half a second, or after `seconds`.
    mutating func press(_ keys: Key..., after seconds: Double = 0.5) {
        for key in keys {
            now += seconds
            send(.input(.key(key), at: now))
        }
    }

    /// Types characters.
    mutating func type(_ text: String, after seconds: Double = 0.5) {
        for character in text { press(.character(character), after: seconds) }
    }

    mutating func click(x: Int, y: Int, _ action: Mouse.Action = .press(.left)) {
        now += 0.5
        send(.input(.mouse(Mouse(action, x: x, y: y)), at: now))
    }

    mutating func wait(_ seconds: Double) {
        now += seconds
        send(.input(.tick, at: now))
    }

    /// A look at what moves by itself, as the sampler would post it.
    mutating func sample(
        transfers: [Transfer] = [], events: [RegistryEvent] = [], log: [LogLine] = [],
        capacity: StorageCapacity? = nil, counters: RegistryCounters = sampleCounters,
        sweep: SweepProgress? = nil, check: CheckProgress? = nil, reconciling: ReconcileProgress? = nil,
        isReconciled: Bool = true, isAccompanied: Bool = false, dropped: Int = 0
    ) {
        send(
            .sampled(
                Sample(
                    time: now, generation: registry.generation, server: server, transfers: transfers,
                    counters: counters, capacity: capacity, log: log, events: events, eventsDropped: dropped,
                    sweep: sweep, check: check, reconciling: reconciling, isReconciled: isReconciled,
                    isAccompanied: isAccompanied)))
    }

    /// The screen as text.
    func screen(_ glyphs: Glyphs = .unicode) -> [String] { canvas(glyphs).plainText }

    func canvas(_ glyphs: Glyphs = .unicode) -> Canvas {
        var canvas = Canvas(columns: model.size.columns, rows: model.size.rows, glyphs: glyphs)
        model.view(on: &canvas)
        return canvas
    }

    var testDescription: String { "\n" + screen().joined(separator: "\n") + "\n" }

    /// Whether a line of the screen holds `text`.
    func shows(_ text: String) -> Bool { screen().contains { $0.contains(text) } }

    /// What was handed to the clipboard, oldest first.
    var copied: [String] {
        outside.compactMap { if case .terminal(.copy(let text)) = $0 { text } else { nil } }
    }

    var hasQuit: Bool { outside.contains(.terminal(.quit)) }

    /// Whether nothing lies over the screen.
    var isPlain: Bool { if case nil = model.overlay { true } else { false } }

    var isAsking: Bool { if case .dialog = model.overlay { true } else { false } }
}
