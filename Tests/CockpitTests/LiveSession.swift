import Drawing
import Foundation
import ImageBuilder
import RegistryCollector
import RegistryCore
import Synchronization

@testable import Cockpit

/// A server that only says what it is told to.
final class FakeServer: ServerControl {
    private let current = Mutex(ServerState.serving(address: "127.0.0.1:5000", since: noon))

    var state: ServerState { current.withLock { $0 } }
    func start() async { current.withLock { $0 = .serving(address: "127.0.0.1:5000", since: noon) } }
    func stop() async { current.withLock { $0 = .stopped } }
}

/// The cockpit on whatever is behind it, one effect at a time.
struct RunnerSession {
    let server = FakeServer()
    let log = LogRing()
    let mailbox = Mailbox<Message>()
    let runner: EffectRunner
    var model: Model
    var now = noon
    var requests: [TerminalRequest] = []
    private var sampler: Sampler

    init(_ registry: any CockpitRegistry, setup: Setup = fixtureSetup()) async {
        model = Model(setup, now: noon)
        runner = EffectRunner(registry: registry, server: server, log: log, mailbox: mailbox)
        sampler = Sampler(registry: registry, server: server, log: log)
        await look()
    }

    /// One look of the sampler; false when nothing had changed.
    @discardableResult
    mutating func look() async -> Bool {
        guard let sample = sampler.look(at: now) else { return false }
        await send(.sampled(sample))
        return true
    }

    mutating func send(_ message: Message) async {
        var waiting = [message]
        while !waiting.isEmpty {
            for effect in model.update(waiting.removeFirst()) {
                if case .terminal(let request) = effect { requests.append(request) }
                await runner.carryOut(effect)
            }
            waiting += mailbox.take().messages
        }
    }

    mutating func press(_ keys: Key...) async { await press(keys) }

    mutating func press(_ keys: [Key]) async {
        for key in keys {
            now += 0.5
            await send(.input(.key(key), at: now))
        }
    }

    mutating func type(_ text: String) async {
        for character in text { await press(.character(character)) }
    }

    func shows(_ text: String) -> Bool {
        var canvas = Canvas(columns: 120, rows: 40)
        model.view(on: &canvas)
        return canvas.plainText.contains { $0.contains(text) }
    }
}

/// The same on a real registry in memory.
@dynamicMemberLookup
struct LiveSession {
    let registry: Registry
    let collector: Collector
    private var session: RunnerSession

    init(
        _ registry: Registry? = nil, collecting: Collector.Settings = Collector.Settings(),
        setup: Setup = fixtureSetup()
    ) async throws {
        self.registry = if let registry { registry } else { try await Registry.sample() }
        collector = Collector(self.registry.ground, collecting)
        session = await RunnerSession(LocalRegistry(self.registry, collector), setup: setup)
    }

    subscript<Value>(dynamicMember path: KeyPath<RunnerSession, Value>) -> Value { session[keyPath: path] }

    subscript<Value>(dynamicMember path: WritableKeyPath<RunnerSession, Value>) -> Value {
        get { session[keyPath: path] }
        set { session[keyPath: path] = newValue }
    }

    @discardableResult
    mutating func look() async -> Bool { await session.look() }
    mutating func send(_ message: Message) async { await session.send(message) }
    mutating func press(_ keys: Key...) async { await session.press(keys) }
    mutating func type(_ text: String) async { await session.type(text) }
    func shows(_ text: String) -> Bool { session.shows(text) }
}
