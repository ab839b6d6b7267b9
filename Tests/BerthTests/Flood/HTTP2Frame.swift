/// Frames of HTTP/2 made by hand (RFC 9113 §4.1), for what no library sends.
enum HTTP2Frame {
    enum Kind: UInt8 {
        case data = 0
        case headers = 1
        case reset = 3
        case settings = 4
        case ping = 6
        case continuation = 9
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// The last of its stream; of SETTINGS and PING, an acknowledgement.
    static let endStream: UInt8 = 1
    static let endHeaders: UInt8 = 4

    static func frame(_ kind: Kind, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        bytes(UInt32(payload.count), 3) + [kind.rawValue, flags] + bytes(stream, 4) + payload
    }

    /// SETTINGS with the window that streams begin with.
    static func settings(windowBytes: UInt32) -> [UInt8] { frame(.settings, 0, 0, [0, 4] + bytes(windowBytes, 4)) }

    /// The block of a request, without an index and without Huffman's code (RFC 7541 §6.2.2).
    static func request(_ method: String, _ path: String, _ headers: [(String, String)] = []) -> [UInt8] {
        let all = [(":method", method), (":scheme", "http"), (":authority", "a"), (":path", path)] + headers
        return all.flatMap { literal($0.0, $0.1) }
    }

    static func literal(_ name: String, _ value: String) -> [UInt8] {
        [0] + length(name.utf8.count) + name.utf8 + length(value.utf8.count) + value.utf8
    }

    /// A number of seven bits and more (RFC 7541 §5.1).
    private static func length(_ count: Int) -> [UInt8] {
        guard count >= 127 else { return [UInt8(count)] }
        var (rest, bytes) = (count - 127, [UInt8(127)])
        while rest >= 128 {
            bytes.append(UInt8(rest % 128 + 128))
            rest /= 128
        }
        return bytes + [UInt8(rest)]
    }

    private static func bytes(_ number: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
    }
}
