/// Strings (RFC 8259 §7).
extension JSONReader {
    /// Reads a string, of which the opening quote is next. What is no UTF-8, and half a surrogate pair, is refused: readers
    /// differ in what they make of it.
    mutating func text() throws(Fault) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard let text = String(validating: bytes[start..<position], as: UTF8.self) else { throw .notJSON }
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedText(from: start)
            case 0..<0x20: throw .notJSON
            default: position += 1
            }
        }
        throw .notJSON
    }

    /// The same from its first escape on.
    private mutating func escapedText(from start: Int) throws(Fault) -> String {
        var decoded = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: decoded, as: UTF8.self) else { throw .notJSON }
                return text
            case UInt8(ascii: "\\"): decoded += try escape()
            case 0..<0x20: throw .notJSON
            default: decoded.append(byte)
            }
        }
        throw .notJSON
    }

    /// What stands behind a backslash, as UTF-8.
    private mutating func escape() throws(Fault) -> [UInt8] {
        guard position < bytes.count else { throw .notJSON }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): break
        default: throw .notJSON
        }
        var units = [try unit()]
        if UTF16.isLeadSurrogate(units[0]) {
            guard bytes[position...].starts(with: "\\u".utf8) else { throw .notJSON }
            position += 2
            units.append(try unit())
        }
        guard let text = String(validating: units, as: UTF16.self) else { throw .notJSON }
        return Array(text.utf8)
    }

    /// Four hexadecimal digits.
    private mutating func unit() throws(Fault) -> UInt16 {
        guard position + 4 <= bytes.count else { throw .notJSON }
        var value: UInt16 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw .notJSON }
            value = value << 4 | UInt16(digit)
        }
        position += 4
        return value
    }
}
