/// Where to listen: a host and a port, as in `127.0.0.1:5000`, `[::1]:5000` or `:5000` for all interfaces, where port 0
/// lets the system choose; or the path of a Unix socket.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// An empty host is all interfaces.
    case tcp(host: String, port: Int)
    case unix(path: String)

    /// Reads a host and a port.
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
        self = .tcp(host: String(host), port: port)
    }

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
