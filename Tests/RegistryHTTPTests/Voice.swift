import NIOHTTP1
import RegistryCore
import RegistryHTTP

/// A client that holds one conversation: asks, and waits for the answer.
protocol Voice: Sendable {
    func exchange(
        _ method: String, _ target: String, _ headers: [(String, String)], body: [UInt8]?
    ) async throws -> WireAnswer

    /// True when the server ended the connection after its last answer.
    func isClosedByServer() async -> Bool

    func close() async
}

extension WireClient: Voice {}

/// The ways in which a conversation is held: what is answered must not depend on them.
enum Transport: CaseIterable, Sendable {
    /// Without a socket: the handler is asked and its answer taken as it is.
    case direct
    case http1, http1Sendfile, http1TLS
    case http2, http2TLS

    var medium: Medium {
        switch self {
        case .direct, .http1: .memory
        case .http1Sendfile, .http2: .fileSystem
        case .http1TLS, .http2TLS: .fileSystemOverTLS
        }
    }

    func prepare(_ settings: inout RegistryServer.Configuration) {
        settings.http2WithoutTLSEnabled = self == .http2
    }

    func connect(_ harbour: Harbour) async throws -> any Voice {
        switch self {
        case .direct: DirectClient(harbour)
        case .http1, .http1Sendfile, .http1TLS: try await harbour.connect()
        case .http2, .http2TLS: try await StreamClient.connect(harbour.address, tls: harbour.isTLS)
        }
    }
}

extension Harbour {
    /// Another connection of the same kind.
    func connectAnew(_ transport: Transport) async throws -> any Voice { try await transport.connect(self) }
}
