import NIOHTTP1
import OCI
import RegistryCore

/// A request without its body.
struct Request: Sendable {
    let method: HTTPMethod
    /// As it stood in the request line.
    let uri: String
    let path: String
    let query: [(name: String, value: String)]
    let headers: HTTPHeaders
    let client: Client
    let isTLS: Bool
    let isKeepAlive: Bool

    init(_ head: HTTPRequestHead, address: String, isTLS: Bool) {
        method = head.method
        uri = head.uri
        headers = head.headers
        self.isTLS = isTLS
        isKeepAlive = head.isKeepAlive
        client = Client(address: address, userAgent: head.headers.first(name: "user-agent") ?? "")
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        query =
            parts.count < 2
            ? []
            : parts[1].split(separator: "&").compactMap { pair in
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard let name = PercentEncoding.decodeQuery(sides[0]),
                    let value = PercentEncoding.decodeQuery(sides.count > 1 ? sides[1] : "")
                else { return nil }
                return (name, value)
            }
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
}
