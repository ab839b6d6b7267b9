import Cockpit
import Foundation
import Logging
import RegistryHTTP
import Synchronization

/// The embedded server's switch: starts it, drains and stops it, and knows what it is doing.
final class ServerController: ServerControl {
    /// Seconds that a stop waits for requests in progress.
    private static let drainSeconds = 30.0

    private struct State {
        var phase = ServerState.stopped
        var server: RegistryServer?
    }

    private let assembly: Assembly
    private let logger: Logger
    private let current = Mutex(State())

    init(_ assembly: Assembly, logger: Logger) {
        self.assembly = assembly
        self.logger = logger
    }

    var state: ServerState {
        let (phase, server) = current.withLock { ($0.phase, $0.server) }
        if case .draining = phase { return .draining(requests: server?.connectionCount ?? 0) }
        return phase
    }

    func start() async {
        let mayStart = current.withLock { state in
            switch state.phase {
            case .stopped, .failed:
                state.phase = .starting
                return true
            case .starting, .serving, .draining: return false
            }
        }
        guard mayStart else { return }
        let server = assembly.makeServer()
        do throws(ServerError) {
            let address = try await server.start()
            current.withLock { $0 = State(phase: .serving(address: "\(address)", since: Date()), server: server) }
            logger.info("listening on \(address)")
        } catch {
            current.withLock { $0 = State(phase: .failed(error.description)) }
            logger.error("\(error)")
        }
    }

    func stop() async {
        let server = current.withLock { state -> RegistryServer? in
            guard case .serving = state.phase else { return nil }
            state.phase = .draining(requests: 0)
            return state.server
        }
        guard let server else { return }
        await server.stop(drainingFor: Self.drainSeconds)
        current.withLock { $0 = State() }
        logger.info("stopped")
    }
}
