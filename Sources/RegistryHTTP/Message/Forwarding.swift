import NIOHTTP1

/// What the proxies in front say of how the client came: `Forwarded` (RFC 7239), else the `X-Forwarded-…` that came before
/// it, in distribution's order (`internal/requestutil`).
///
/// Each of these fields is a list to which every proxy on the way adds at its end, in one line or in several. What stands
/// left of the first proxy that is trusted anybody may have written, the client first of all, so each list is read from its
/// end: as far as the chain of trusted proxies reaches, and not one word further.
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
        // Where the quotes of a client's own element do not close, nobody can tell it from the proxy's behind it.
        guard peer.map(trusted.contains) ?? true, let elements = ForwardedField.elements(headers["forwarded"]) else {
            self = .none
            return
        }
        let hops = elements.map { $0["for"].flatMap(Self.address) }
        let reachOfElements = Self.believed(hops, trusted)
        // Distribution reads no element but the first.
        let said = trusted == .everyone ? elements[reachOfElements].prefix(1) : elements[reachOfElements]
        let chain = Self.items(headers["x-forwarded-for"]).map(Self.address)
        let reach = Self.believed(chain, trusted)

        /// The outermost word that a trusted proxy can have added, where each adds one.
        func outermost(_ name: String) -> String? {
            let items = Self.items(headers[name])
            if case .everyone = trusted { return items.first }
            return items.suffix(max(1, reach.count)).first
        }
        scheme = said.lazy.compactMap { $0["proto"] }.first ?? outermost("x-forwarded-proto")
        host = said.lazy.compactMap { $0["host"] }.first ?? outermost("x-forwarded-host")
        client =
            hops[said.indices].lazy.compactMap { $0 }.first
            ?? chain[reach].lazy.compactMap { $0 }.first
            ?? outermost("x-real-ip").flatMap(Self.address)
    }

    /// The part of a list of hops that trusted proxies have written: the last one, and each before it as long as the hop
    /// behind it is a trusted proxy too. Where everybody is trusted it is all of it, as in distribution.
    private static func believed(_ hops: [IPAddress?], _ trusted: TrustedProxies) -> Range<Int> {
        if case .everyone = trusted { return hops.indices }
        // Who is hidden, or no address, is nobody whose word counts.
        let first = hops.lastIndex { hop in hop.map { !trusted.contains($0) } ?? true }
        return (first ?? 0)..<hops.count
    }

    /// The items of a list that may stand in several lines (RFC 9110 §5.3), empty ones left out (§5.6.1).
    private static func items(_ lines: [String]) -> [String] {
        lines.flatMap { line in
            line.split(separator: ",").map { String(OptionalSpace.trim($0)) }.filter { !$0.isEmpty }
        }
    }

    /// An address with or without a port; that of IPv6 may stand in brackets.
    private static func address(_ text: String) -> IPAddress? {
        if let whole = IPAddress(text) { return whole }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        return IPAddress(String(text[..<colon]))
    }
}
