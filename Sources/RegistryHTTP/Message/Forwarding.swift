import NIOHTTP1

/// What the proxies in front say of how the client came: `Forwarded` (RFC 7239), else the `X-Forwarded-…` that came before
/// it, in distribution's order (`internal/requestutil`).
struct Forwarding {
    /// `http` or `https`, as the client spoke to the outermost proxy; nil when nothing is said.
    let scheme: String?
    /// What the client wrote in `Host`; not yet looked at.
    let host: String?
    /// The client; nil when nothing is said that can be believed.
    let client: IPAddress?

    static let none = Forwarding(scheme: nil, host: nil, client: nil)

    private init(scheme: String?, host: String?, client: IPAddress?) {
        (self.scheme, self.host, self.client) = (scheme, host, client)
    }

    /// - Parameter peer: who is connected; nil on a Unix socket, where whoever may open it is trusted.
    init(_ headers: HTTPHeaders, peer: IPAddress?, trusted: TrustedProxies) {
        guard peer.map(trusted.contains) ?? true else { self = .none; return }
        let forwarded = Self.elements(headers.first(name: "forwarded"))
        scheme = forwarded["proto"] ?? headers.first(name: "x-forwarded-proto")
        host = forwarded["host"] ?? headers.first(name: "x-forwarded-host").map(Self.first)
        client =
            forwarded["for"].flatMap(Self.address)
            ?? Self.client(headers["x-forwarded-for"].flatMap { $0.split(separator: ",") }, trusted)
            ?? headers.first(name: "x-real-ip").flatMap(Self.address)
    }

    /// Without a list the first address that is one, as in distribution. With a list each proxy's word reaches as far as
    /// the next that is trusted: the client is the last that is not.
    private static func client(_ chain: [Substring], _ trusted: TrustedProxies) -> IPAddress? {
        let addresses = chain.compactMap { address(String($0)) }
        if case .everyone = trusted { return addresses.first }
        return addresses.last { !trusted.contains($0) } ?? addresses.first
    }

    /// The pairs of the first element, names in lower case.
    private static func elements(_ header: String?) -> [String: String] {
        guard let header else { return [:] }
        var pairs: [String: String] = [:]
        for pair in first(header).split(separator: ";") {
            let sides = pair.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { continue }
            let name = OptionalSpace.trim(sides[0]).lowercased()
            let value = String(OptionalSpace.trim(sides[1]))
            guard pairs[name] == nil else { continue }
            pairs[name] = value.hasPrefix("\"") && value.hasSuffix("\"") ? String(value.dropFirst().dropLast()) : value
        }
        return pairs
    }

    private static func first(_ header: String) -> String { String(OptionalSpace.trim(header.prefix { $0 != "," })) }

    /// An address with or without a port; that of IPv6 may stand in brackets.
    private static func address(_ text: String) -> IPAddress? {
        let text = String(OptionalSpace.trim(text[...]))
        if let whole = IPAddress(text) { return whole }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        return IPAddress(String(text[..<colon]))
    }
}
