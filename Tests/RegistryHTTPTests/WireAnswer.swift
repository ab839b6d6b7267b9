import Foundation
import NIOHTTP1

/// An answer as it came over the wire.
struct WireAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8]

    func header(_ name: String) -> String? { headers.first(name: name) }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The server will close the connection after it.
    var closes: Bool { header("connection")?.lowercased() == "close" }

    /// The path and query of `Location`, without scheme and host.
    var location: String? {
        guard let location = header("location") else { return nil }
        guard let scheme = location.range(of: "://") else { return location }
        let rest = location[scheme.upperBound...]
        return rest.firstIndex(of: "/").map { String(rest[$0...]) }
    }
}

/// A status line and headers, cut from the front of what has arrived; a parser of our own, so that what NIO's client would
/// mend or swallow is seen.
struct WireHead {
    var status: Int
    var headers: HTTPHeaders = [:]
    /// Bytes up to and with the empty line.
    var length: Int

    struct Malformed: Error {
        var line: String
    }

    /// Nil while the empty line has not come.
    init?(_ bytes: [UInt8]) throws {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.count >= end.count,
            let start = (0...(bytes.count - end.count)).first(where: {
                bytes[$0] == 13 && bytes[$0...].starts(with: end)
            })
        else { return nil }
        length = start + end.count
        var lines = String(decoding: bytes[..<start], as: UTF8.self).components(separatedBy: "\r\n")
        let first = lines.removeFirst()
        let words = first.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw Malformed(line: first)
        }
        self.status = status
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { throw Malformed(line: line) }
            headers.add(
                name: String(line[..<colon]), value: line[line.index(after: colon)...].trimmingPrefix(" ").description)
        }
    }

    /// Bytes of the body that follows. Everything of ours has a length; an answer without one is its own body's end.
    func bodyLength(toHead: Bool) -> Int {
        if toHead || status == 204 || status == 304 || status < 200 { return 0 }
        return headers.first(name: "content-length").flatMap { Int($0) } ?? 0
    }
}
