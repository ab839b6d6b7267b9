import Glibc

/// HTTP/1.1 over one connection to this machine that is kept alive, for those that send thousands of requests.
///
/// A call blocks its thread: run it where that does no harm, as on a `BlockingExecutor`. Whatever goes wrong is thrown and
/// nothing is sent twice; the next call connects anew. Not for two tasks at once.
package final class PlainClient {
    package struct Answer: Sendable {
        package var status: Int
        /// By lower-case name; of a name that comes twice, the last.
        package var headers: [String: String] = [:]
        package var body: [UInt8] = []

        package var text: String { String(decoding: body, as: UTF8.self) }

        /// The path and query of `Location`, to be asked for at whichever server.
        package var location: String? {
            guard let location = headers["location"], let scheme = location.firstRange(of: "://") else {
                return headers["location"]
            }
            let rest = location[scheme.upperBound...]
            return rest.firstIndex(of: "/").map { String(rest[$0...]) }
        }
    }

    /// The request has no answer: nobody knows what became of it.
    package struct Broken: Error, CustomStringConvertible {
        package let description: String
    }

    /// Seconds that the other side may be silent, or take nothing.
    private static let patience = 30
    /// Bytes of a line of the answer's head.
    private static let lineBytesMax = 65_536

    private let port: UInt16
    private var descriptor: CInt = -1
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    /// What of the buffer has arrived and is not read yet.
    private var unread = 0..<0

    /// - Parameter address: as `127.0.0.1:5000`; nothing is connected yet.
    package init(address: String) throws(Broken) {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw Broken(description: "\(address) has no port")
        }
        self.port = port
    }

    deinit { disconnect() }

    /// - Parameter target: path and query.
    package func callAsFunction(
        _ method: String, _ target: String, _ headers: [String: String] = [:], body: [UInt8] = []
    ) throws(Broken) -> Answer {
        var request = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { request += "\(name): \(value)\r\n" }
        do throws(Broken) {
            if descriptor < 0 { try connect() }
            try send(Array("\(request)\r\n".utf8) + body)
            var answer = try receiveHead()
            while answer.status < 200 { answer = try receiveHead() }
            if method != "HEAD" { answer.body = try receiveBody(answer) }
            if answer.headers["connection"]?.lowercased() == "close" { disconnect() }
            return answer
        } catch {
            disconnect()
            throw Broken(description: "\(method) \(target): \(error)")
        }
    }

    package func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        unread = 0..<0
    }

    private func connect() throws(Broken) {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var (limit, on) = (timeval(tv_sec: Self.patience, tv_usec: 0), CInt(1))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let isConnected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Self.failed("connect") }
    }

    private func send(_ bytes: [UInt8]) throws(Broken) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 || errno == EINTR else { throw Self.failed("send") }
            sent += max(0, count)
        }
    }

    /// Reads more into the empty buffer.
    private func fill() throws(Broken) {
        var count = -1
        while count < 0 {
            count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count >= 0 || errno == EINTR else { throw Self.failed("receive") }
        }
        guard count > 0 else { throw Broken(description: "the connection ended before the answer did") }
        unread = 0..<count
    }

    private static func failed(_ call: String) -> Broken {
        Broken(description: "\(call): \(errno == EAGAIN ? "nothing for \(patience) s" : "errno \(errno)")")
    }

    private func receiveLine() throws(Broken) -> String {
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            guard line.count < Self.lineBytesMax else { throw Broken(description: "a line without end") }
            if unread.isEmpty { try fill() }
            let end = buffer[unread].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? unread.upperBound
            line += buffer[unread.lowerBound..<end]
            unread = end..<unread.upperBound
        }
        return String(decoding: line.dropLast(line.dropLast().last == UInt8(ascii: "\r") ? 2 : 1), as: UTF8.self)
    }

    private func receiveHead() throws(Broken) -> Answer {
        let first = try receiveLine()
        guard first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix { $0 != " " }) else {
            throw Broken(description: "no answer of HTTP: \(first)")
        }
        var answer = Answer(status: status)
        while case let line = try receiveLine(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { throw Broken(description: "no header: \(line)") }
            answer.headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return answer
    }

    /// RFC 9112 §6.3, without bodies that only the end of the connection ends.
    private func receiveBody(_ answer: Answer) throws(Broken) -> [UInt8] {
        if answer.status == 204 || answer.status == 304 { return [] }
        if let length = answer.headers["content-length"].flatMap({ Int($0) }) { return try receive(length) }
        guard answer.headers["transfer-encoding"] == "chunked" else { throw Broken(description: "a body without end") }
        var body: [UInt8] = []
        while let count = Int(try receiveLine().prefix { $0 != ";" }, radix: 16) {
            body += try receive(count)
            guard try receiveLine().isEmpty else { break }
            if count == 0 { return body }
        }
        throw Broken(description: "a chunk is not as long as it says")
    }

    private func receive(_ count: Int) throws(Broken) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            if unread.isEmpty { try fill() }
            let part = unread.prefix(count - bytes.count)
            bytes += buffer[part]
            unread = part.endIndex..<unread.upperBound
        }
        return bytes
    }
}
