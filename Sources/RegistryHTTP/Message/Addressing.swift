/// How clients reach the registry: what its `Location` headers start with, the path it is found under, and which proxies
/// are believed when they say how the client came.
package struct Addressing: Sendable {
    /// `Location` and `Link` without scheme and host, whatever else is said here.
    package var isRelative = false
    /// What every `Location` starts with; nil takes it from the request.
    package var publicURL: PublicURL?
    /// The path above `/v2/`, with a slash before it and none behind; empty at the root.
    package var prefix = ""
    package var trustedProxies = TrustedProxies.everyone

    package init() {}
}

/// A scheme and a host that were looked at before they may stand in a header: nothing in it can end a line.
package struct PublicURL: Sendable, Equatable, CustomStringConvertible {
    package let scheme: String
    /// With its port where it has one.
    package let host: String
    /// A path in front of everything else, with a slash before it and none behind; mostly empty.
    package let path: String

    /// Reads `https://registry.example.com`; nil when it is none.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
        let rest = text[colon...].dropFirst(3)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        self.init(
            scheme: String(text[..<colon]), host: String(rest[..<slash]), path: String(rest[slash...]))
    }

    /// Nil when the scheme is another than HTTP's or the host cannot be one.
    init?(scheme: String, host: String, path: String = "") {
        let scheme = scheme.lowercased()
        guard scheme == "http" || scheme == "https", Self.isHost(host),
            path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
        else { return nil }
        self.scheme = scheme
        self.host = host
        self.path = String(path.reversed().drop { $0 == "/" }.reversed())
    }

    package var description: String { "\(scheme)://\(host)\(path)" }

    /// A name, an IPv4 address or an IPv6 address in brackets, with a port or without (RFC 3986 §3.2.2, in the characters
    /// that names really have).
    static func isHost(_ text: some StringProtocol) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 262 else { return false }
        var name = text[...]
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            let port = text[text.index(after: colon)...]
            guard !port.isEmpty, port.utf8.count <= 5, port.utf8.allSatisfy(isDigit) else { return false }
            name = text[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") {
            return IPAddress(String(name.dropFirst().dropLast()))?.isIPv6 ?? false
        }
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
