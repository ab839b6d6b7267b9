/// Why the server could not start: one line that says what and what to do.
package enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    case addressInUse(String)
    case addressNotPermitted(String)
    case badAddress(String)
    case cannotListen(String, reason: String)
    /// A path where something is that is no socket.
    case notASocket(String)
    case tls(file: String, reason: String)

    package var description: String {
        switch self {
        case .addressInUse(let address):
            "\(address) is in use by another program: stop it, or choose another address with --listen"
        case .addressNotPermitted(let address):
            "not permitted to listen on \(address): choose a port from 1024 with --listen"
        case .badAddress(let text): "\"\(text)\" is not an address to listen on: write it as 127.0.0.1:5000 or :5000"
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .notASocket(let path): "\(path) is there and is no socket: remove it, or choose another path"
        case .tls(let file, let reason): "TLS: \(file) \(reason)"
        }
    }
}
