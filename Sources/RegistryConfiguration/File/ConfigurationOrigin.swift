/// Where a value was said: what a message has to name so that the reader finds it.
package enum ConfigurationOrigin: Equatable, Sendable, CustomStringConvertible {
    /// `line` counts from 1.
    case file(String, line: Int)
    /// An environment variable, by its whole name.
    case variable(String)

    package var description: String {
        switch self {
        case .file(let name, let line): "\(name):\(line)"
        case .variable(let name): name
        }
    }
}

extension String {
    /// So many unicode scalars of a key or value are repeated in a message; more would bury the message.
    private static let shownScalarsMax = 80

    /// The beginning of the text, in quotes.
    var quotedForMessage: String {
        "\"\(shortenedForMessage)\""
    }

    /// The beginning of the text.
    var shortenedForMessage: String {
        guard let end = unicodeScalars.index(startIndex, offsetBy: String.shownScalarsMax, limitedBy: endIndex),
            end != endIndex
        else { return self }
        return String(unicodeScalars[..<end]) + "…"
    }

    /// The text as one line that cannot move a cursor: a file is not always written by whoever reads its complaints.
    var onOneLine: String {
        var line = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
