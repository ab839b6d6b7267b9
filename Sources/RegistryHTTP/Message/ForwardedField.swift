/// The field `Forwarded`: elements, one of each proxy on the way, of pairs such as `for=192.0.2.60;proto=https` (RFC 7239
/// §4).
enum ForwardedField {
    /// The pairs of every element in the order of the list, names in lower case; of a name that is repeated in one, the first.
    /// Nil when a quoted text does not end: what it swallows may be another's element.
    static func elements(_ lines: [String]) -> [[String: String]]? {
        var elements: [[String: String]] = []
        for line in lines {
            guard let parts = split(line[...], at: UInt8(ascii: ",")) else { return nil }
            for part in parts where !OptionalSpace.trim(part).isEmpty {
                guard let pairs = split(part, at: UInt8(ascii: ";")) else { return nil }
                elements.append(
                    Dictionary(pairs.compactMap(pair), uniquingKeysWith: { first, _ in first }))
            }
        }
        return elements
    }

    private static func pair(_ text: Substring) -> (String, String)? {
        let sides = text.split(separator: "=", maxSplits: 1)
        guard sides.count == 2 else { return nil }
        return (OptionalSpace.trim(sides[0]).lowercased(), unquoted(OptionalSpace.trim(sides[1])))
    }

    /// Splits where the separator stands outside quotes; nil when quotes stay open.
    private static func split(_ text: Substring, at separator: UInt8) -> [Substring]? {
        var parts: [Substring] = []
        var start = text.startIndex
        var (isQuoted, isEscaped) = (false, false)
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                parts.append(text[start..<index])
                start = text.utf8.index(after: index)
            }
        }
        return isQuoted ? nil : parts + [text[start...]]
    }

    /// A token as it is, a quoted text without quotes and escapes (RFC 9110 §5.6.4).
    private static func unquoted(_ text: Substring) -> String {
        guard text.utf8.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") else { return String(text) }
        var value = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                value.append(character)
                isEscaped = false
            }
        }
        return value
    }
}
