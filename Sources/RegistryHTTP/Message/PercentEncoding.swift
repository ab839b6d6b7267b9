/// Percent-encoding as it is met in paths and queries (RFC 3986 §2.1).
enum PercentEncoding {
    /// The path decoded; nil when an escape is malformed, or stands for a backslash, a NUL or another control character: no
    /// client that speaks the protocol writes one, and what is hidden so is never meant well. An escaped slash is one, as
    /// in distribution, for no name, tag or digest can hold it.
    static func decodePath(_ path: String) -> String? {
        guard path.utf8.contains(UInt8(ascii: "%")) else { return path }
        return decode(path.utf8) { $0 > 0x1F && $0 != 0x7F && $0 != UInt8(ascii: "\\") }
    }

    /// A name or value of a query; `+` is a blank there. A malformed escape makes it nil.
    static func decodeQuery(_ text: Substring) -> String? {
        decode(text.utf8.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }) { _ in true }
    }

    private static func decode(_ bytes: some Collection<UInt8>, allowing isAllowed: (UInt8) -> Bool) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue),
                isAllowed(high << 4 | low)
            else { return nil }
            decoded.append(high << 4 | low)
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Encodes a query value: everything but unreserved characters.
    static func encodeQuery(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
