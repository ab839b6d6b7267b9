/// The right side of one line of a theme file: up to three parts divided by `|`.
struct ThemeParts {
    /// Why a part cannot be read.
    struct Malformed: Error {
        let message: String
    }

    /// The part without a prefix; nil when not given.
    private(set) var rich: Face?
    /// The part after `ansi:`; nil when not given.
    private(set) var ansi: Face?
    /// The part after `mono:`; nil when not given.
    private(set) var mono: Attributes?

    /// Reads `text`.
    init(_ text: Substring) throws(Malformed) {
        for part in text.split(separator: "|", omittingEmptySubsequences: false) {
            let words = part.split(whereSeparator: { $0 == " " || $0 == "\t" })
            switch words.first {
            case "ansi:":
                guard ansi == nil else { throw Malformed(message: "two parts say 'ansi:'") }
                ansi = try Self.face(words.dropFirst(), isAnsi: true)
            case "mono:":
                guard mono == nil else { throw Malformed(message: "two parts say 'mono:'") }
                mono = try Self.attributes(words.dropFirst())
            case nil:
                throw Malformed(message: "a part is empty")
            default:
                guard rich == nil else { throw Malformed(message: "two parts have no 'ansi:' or 'mono:'") }
                rich = try Self.face(words[...], isAnsi: false)
            }
        }
    }

    /// Puts what was given over what was there.
    func apply(to entry: inout Theme.Entry) {
        if let rich { entry.rich = rich }
        if let ansi { entry.ansi = ansi }
        if let mono { entry.mono = mono }
    }

    /// `[colour] [on colour] [attribute…]`
    private static func face(_ words: ArraySlice<Substring>, isAnsi: Bool) throws(Malformed) -> Face {
        var words = words
        var face = Face()
        if let first = words.first, first != "on", attribute(first) == nil {
            face.foreground = try colour(first, isAnsi: isAnsi)
            words.removeFirst()
        }
        if words.first == "on" {
            words.removeFirst()
            guard let word = words.popFirst() else { throw Malformed(message: "no colour after 'on'") }
            face.background = try colour(word, isAnsi: isAnsi)
        }
        face.attributes = try attributes(words)
        return face
    }

    private static func attributes(_ words: ArraySlice<Substring>) throws(Malformed) -> Attributes {
        var attributes: Attributes = []
        for word in words {
            guard let attribute = attribute(word) else { throw Malformed(message: "unknown attribute '\(word)'") }
            attributes.insert(attribute)
        }
        return attributes
    }

    private static func attribute(_ word: Substring) -> Attributes? {
        switch word {
        case "bold": .bold
        case "underline": .underline
        case "reverse": .reverse
        case "italic": .italic
        case "faint": .faint
        case "plain": []
        default: nil
        }
    }

    private static let names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]

    private static func colour(_ word: Substring, isAnsi: Bool) throws(Malformed) -> Colour {
        if word == "default" { return .standard }
        if word.hasPrefix("#") {
            guard !isAnsi else { throw Malformed(message: "'\(word)' is not one of the sixteen colours") }
            let digits = word.dropFirst()
            guard digits.count == 6, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else {
                throw Malformed(message: "'\(word)' is not a colour; write #rrggbb")
            }
            return .rgb(UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255))
        }
        let isBright = word.hasPrefix("bright-")
        if let index = names.firstIndex(of: String(isBright ? word.dropFirst(7) : word)) {
            return .ansi(UInt8(index + (isBright ? 8 : 0)))
        }
        if word.hasPrefix("ansi:"), let index = UInt8(word.dropFirst(5)), index < 16 { return .ansi(index) }
        throw Malformed(message: "'\(word)' is neither a colour nor an attribute")
    }
}
