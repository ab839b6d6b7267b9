import Glibc

/// HTTP/1.1 over one connection to this machine, at the pace of a line that is slower than it.
///
/// A call blocks its thread while the other side is busy, and waits without one for its pace. Whatever goes wrong is thrown,
/// and ends the connection.
final class DemoConnection {
    struct Answer {
        var status: Int
        /// By lower-case name.
        var headers: [String: String] = [:]
        /// What came after the head; empty where it was only counted.
        var body: [UInt8] = []
    }

    enum Failure: Error {
        /// Nobody listens, or the other side has closed the connection or said what is no HTTP.
        case broken
        /// The demonstration is over.
        case ended
    }

    /// Seconds that the other side may be silent, or take nothing.
    private static let patience = 20
    /// Bytes that are sent and read together.
    private static let partBytes = 32 << 10
    /// Bytes of an answer that is kept.
    private static let bodyBytesMax = 4 << 20
    /// Bytes that the kernel holds for us: with more it would have taken in a moment what we read for seconds.
    private static let receiveBytes: CInt = 128 << 10

    private let port: UInt16
    private let userAgent: String
    private let isEnded: @Sendable () -> Bool
    private let descriptor: CInt
    private var buffer = [UInt8](repeating: 0, count: partBytes)
    private var unread = 0..<0

    /// Connects from `host`, the last number of an address of this machine's own network 127.0.0.0/8, so that clients can be
    /// told apart.
    init(
        port: UInt16, from host: UInt8, userAgent: String, isEnded: @escaping @Sendable () -> Bool
    ) throws(Failure) {
        self.port = port
        self.userAgent = userAgent
        self.isEnded = isEnded
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .broken }
        // Linux's `timeval`: seconds and microseconds. The type itself is of a module that a release build does not see.
        var (limit, bytes) = ((Self.patience, 0), Self.receiveBytes)
        let size = socklen_t(MemoryLayout<(Int, Int)>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<CInt>.size))
        // Only Linux gives the whole network to the machine; elsewhere they all come from the same address.
        _ = Self.with(address: 0x7F00_0000 | UInt32(host), port: 0) { bind(descriptor, $0, $1) }
        guard Self.with(address: 0x7F00_0001, port: port, { connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            throw .broken
        }
    }

    deinit { close(descriptor) }

    private static func with(
        address: UInt32, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = address.bigEndian
        return withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    // MARK: Requests

    /// Sends a request and reads its answer.
    ///
    /// - Parameters:
    ///   - rate: bytes a second of both bodies; nil for as fast as it goes.
    ///   - keeps: the answer's body is given and not only read.
    func callAsFunction(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8] = [],
        rate: Int? = nil, keeps: Bool = false
    ) async throws -> Answer {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUser-Agent: \(userAgent)\r\n"
        if method != "GET" && method != "HEAD" { head += "Content-Length: \(body.count)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        try await send(Array("\(head)\r\n".utf8), rate: nil)
        try await send(body, rate: rate)
        var answer = try receiveHead()
        while answer.status < 200 { answer = try receiveHead() }
        if method != "HEAD" { try await receiveBody(of: &answer, rate: rate, keeps: keeps) }
        return answer
    }

    private func send(_ bytes: [UInt8], rate: Int?) async throws {
        let begun = ContinuousClock.now
        var sent = 0
        while sent < bytes.count {
            if isEnded() { throw Failure.ended }
            let count = bytes[sent...].prefix(Self.partBytes).withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure.broken }
            sent += count
            try await Self.wait(since: begun, bytes: sent, rate: rate)
        }
    }

    private static func wait(since begun: ContinuousClock.Instant, bytes: Int, rate: Int?) async throws {
        guard let rate else { return }
        try await Task.sleep(until: begun + .microseconds(Int64(bytes) * 1_000_000 / Int64(rate)), clock: .continuous)
    }

    // MARK: Answers

    private func fill() throws {
        guard unread.isEmpty else { return }
        if isEnded() { throw Failure.ended }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw Failure.broken }
        unread = 0..<count
    }

    private func receiveHead() throws -> Answer {
        let first = try receiveLine().split(separator: " ")
        guard first.count > 1, let status = Int(first[1]) else { throw Failure.broken }
        var answer = Answer(status: status)
        while case let line = try receiveLine(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { throw Failure.broken }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            answer.headers[line[..<colon].lowercased()] = String(value)
        }
        return answer
    }

    private func receiveLine() throws -> String {
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            try fill()
            guard line.count < Self.partBytes else { throw Failure.broken }
            line.append(buffer[unread.removeFirst()])
        }
        return String(decoding: line.dropLast(line.dropLast().last == UInt8(ascii: "\r") ? 2 : 1), as: UTF8.self)
    }

    private func receiveBody(of answer: inout Answer, rate: Int?, keeps: Bool) async throws {
        guard answer.headers["transfer-encoding"]?.lowercased() == "chunked" else {
            let length = answer.headers["content-length"].flatMap { Int($0) } ?? 0
            return try await receive(length, into: &answer, rate: rate, keeps: keeps)
        }
        while true {
            guard let size = Int(try receiveLine().prefix { $0.isHexDigit }, radix: 16) else { throw Failure.broken }
            try await receive(size, into: &answer, rate: rate, keeps: keeps)
            _ = try receiveLine()
            if size == 0 { return }
        }
    }

    private func receive(_ length: Int, into answer: inout Answer, rate: Int?, keeps: Bool) async throws {
        let begun = ContinuousClock.now
        var left = length
        while left > 0 {
            try fill()
            let part = unread.prefix(left)
            if keeps, answer.body.count + part.count <= Self.bodyBytesMax { answer.body += buffer[part] }
            unread = part.upperBound..<unread.upperBound
            left -= part.count
            try await Self.wait(since: begun, bytes: length - left, rate: rate)
        }
    }
}
