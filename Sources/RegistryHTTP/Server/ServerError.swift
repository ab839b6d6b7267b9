/// Why the server could not start: one line that says what and what to do.
package enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    case addressInUse(String)
    case addressNotPermitted(String)
    case badAddress(String)
    case cannotListen(String, reason: String)
    case tls(file: String, reason: String)

    package var description: String {
        switch self {
        case .addressInUse(let address):
            "\(address) is in use by another program: stop it, or choose another address with --listen"
        case .addressNotPermitted(let address):
            "not permitted to listen on \(address): choose a port from 1024 with --listen"
        case .badAddress(let text): "\"\(text)\" is not an address to listen on: write it as 127.0.0.1:5000 or :5000"
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .tls(let file, let reason): "TLS: \(file): \(reason)"
        }
    }
}

/// Where to listen: a host and a port, as in `127.0.0.1:5000`, `[::1]:5000` or `:5000` for all interfaces. Port 0 lets
/// the system choose.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// Empty for all interfaces.
    package let host: String
    package let port: Int

    package init(_ text: String) throws(ServerError) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { throw .badAddress(text) }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .badAddress(text)
        }
        self.host = String(host)
        self.port = port
    }

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
