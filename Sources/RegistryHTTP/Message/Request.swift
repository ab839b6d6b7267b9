import NIOHTTP1
import OCI
import RegistryCore

/// A request without its body.
struct Request: Sendable {
    let method: HTTPMethod
    /// As it stood in the request line.
    let uri: String
    /// Below the prefix, percent-decoded, without the query; empty where the request is not for the registry, or written
    /// so that nobody can read it.
    let path: String
    /// It stands under `/v2`.
    let isOfRegistry: Bool
    /// What follows the question mark; nil without one.
    let queryText: Substring?
    let query: [(name: String, value: String)]
    let headers: HTTPHeaders
    let client: Client
    private let forwarding: Forwarding
    /// The host that the client itself asked, not yet looked at.
    private let host: String?
    private let isTLS: Bool
    let isKeepAlive: Bool
    /// Why the request cannot be answered whatever it asks for; nil when it can.
    let fault: String?

    /// - Parameters:
    ///   - peer: who is connected; nil on a Unix socket.
    ///   - peerText: the same with its port, for people.
    ///   - id: what it is called in events.
    init(
        _ head: HTTPRequestHead, peer: IPAddress?, peerText: String, isTLS: Bool, addressing: Addressing,
        id: Serial? = nil
    ) {
        method = head.method
        uri = head.uri
        headers = head.headers
        let (authority, target) = Self.split(head.uri)
        // Asked for only where a proxy can have added one: most requests come without.
        forwarding =
            headers.contains { Self.isForwarding($0.name) }
            ? Forwarding(headers, peer: peer, trusted: addressing.trustedProxies) : .none
        client = Client(
            address: forwarding.client.map { $0.isIPv6 ? "[\($0)]" : "\($0)" } ?? peerText,
            userAgent: headers.first(name: "user-agent") ?? "", request: id)
        // The target's own host counts more than the header (RFC 9112 §3.2.2).
        host = authority.map(String.init) ?? headers.first(name: "host")
        self.isTLS = isTLS
        isKeepAlive = head.version.major > 1 || head.isKeepAlive
        fault = Self.fault(head)

        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        let written = String(target[..<(mark ?? target.endIndex)])
        // Decoded here, once, as a whole: whatever a client escapes means the same (RFC 3986 §6.2.2.2).
        let decoded = PercentEncoding.decodePath(written)
        path = decoded.map { Self.strip(addressing.prefix, $0) } ?? ""
        isOfRegistry = Self.strip(addressing.prefix, decoded ?? written).hasPrefix("/v2")
        queryText = mark.map { target[target.utf8.index(after: $0)...] }
        query = queryText.map(Self.parameters) ?? []
    }

    private static let forwardingNames: Set<String> = [
        "forwarded", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-for", "x-real-ip",
    ]

    private static func isForwarding(_ name: String) -> Bool {
        guard let first = name.utf8.first.map({ $0 | 0x20 }), first == UInt8(ascii: "f") || first == UInt8(ascii: "x")
        else { return false }
        return forwardingNames.contains(name.lowercased())
    }

    /// How the client reached us, by the word of the proxies that may have one, else by its own; nil when neither can be
    /// a host.
    var base: PublicURL? {
        let scheme = isTLS ? "https" : "http"
        return PublicURL(scheme: forwarding.scheme ?? scheme, host: forwarding.host ?? host ?? "")
            ?? PublicURL(scheme: scheme, host: host ?? "")
    }

    /// The host and the path of a target; proxies send it whole, as a URL (RFC 9112 §3.2.2).
    private static func split(_ uri: String) -> (authority: Substring?, target: Substring) {
        guard !uri.hasPrefix("/") else { return (nil, uri[...]) }
        let scheme = uri.prefix(8).lowercased()
        for start in ["http://", "https://"] where scheme.hasPrefix(start) {
            let rest = uri.dropFirst(start.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            let target = rest[end...]
            // A URL without a path is one with the path "/" (RFC 9110 §4.2.3).
            return (rest[..<end], target.hasPrefix("/") ? target : "/" + target)
        }
        return (nil, uri[...])
    }

    private static func strip(_ prefix: String, _ path: String) -> String {
        if prefix.isEmpty || path == "/" { return path }
        return path.hasPrefix(prefix + "/") ? String(path.dropFirst(prefix.count)) : ""
    }

    private static func parameters(_ text: Substring) -> [(name: String, value: String)] {
        text.split(separator: "&").compactMap { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decodeQuery(sides[0]),
                let value = PercentEncoding.decodeQuery(sides.count > 1 ? sides[1] : "")
            else { return nil }
            return (name, value)
        }
    }

    /// What two programs in a row could read in two ways is answered by neither (RFC 9112 §3.2, §6.1, §6.3).
    private static func fault(_ head: HTTPRequestHead) -> String? {
        if head.version.major == 1 {
            let hosts = head.headers["host"].count
            if hosts > 1 { return "a request must have one Host header, not \(hosts)" }
            if hosts == 0, head.version.minor > 0 { return "a request must have a Host header" }
            let codings = head.headers["transfer-encoding"]
            if codings.count > 1 || codings.contains(where: { $0.lowercased() != "chunked" }) {
                return "chunked is the only Transfer-Encoding that is understood here"
            }
        }
        let lengths = head.headers["content-length"]
        if lengths.count > 1 || lengths.contains(where: { Int64($0) == nil || $0.hasPrefix("+") || $0.hasPrefix("-") })
        {
            return "Content-Length must be one number"
        }
        return nil
    }

    /// The first value of a query parameter; nil when it is absent.
    func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    func parameters(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    var isHead: Bool { method == .HEAD }

    /// True when a body follows that is worth taking: something is announced, with a method that has a use for it.
    var hasBody: Bool {
        guard method == .POST || method == .PUT || method == .PATCH else { return false }
        return headers.contains(name: "transfer-encoding") || (contentLength ?? 0) > 0
    }

    /// What the client says will come, in bytes; nil when it does not say.
    var contentLength: Int64? { headers.first(name: "content-length").flatMap { Int64($0) } }

    /// True when the client already has the content with this digest (RFC 9110 §13.1.2); quotes may be missing, as in
    /// what distribution accepts.
    func hasMatching(_ digest: Digest) -> Bool {
        headers["if-none-match"].contains { value in
            value.split(separator: ",").contains { item in
                var tag = item.drop { $0 == " " }
                if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
                let bare = tag.filter { $0 != "\"" && $0 != " " }
                return bare == digest.description || bare == "*"
            }
        }
    }

    /// The ranges asked for of content with this digest; nil when the whole is to be served, as when the client would
    /// rather have the whole of something else (RFC 9110 §13.1.5). Blobs have no date, so none can match.
    func range(of digest: Digest) -> String? {
        if let condition = headers.first(name: "if-range"), condition != "\"\(digest)\"" { return nil }
        return headers.first(name: "range")
    }
}
