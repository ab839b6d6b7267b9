/// A place in the configuration that is asked for a value of a type. It knows the keys that lead to it, so that the
/// answer "not that type" can say where.
///
/// A place may be empty: every question to it is answered with nothing, so that a missing section needs no special case.
struct ConfigurationReader {
    /// The keys that lead here, with dots between them; empty at the top.
    let path: String
    /// Where the value stands; for an empty place, where the nearest enclosing one does.
    let origin: ConfigurationOrigin
    private let node: ConfigurationNode

    /// A key of a mapping whose keys are names somebody chose.
    struct Entry {
        let key: String
        /// Where the key stands.
        let origin: ConfigurationOrigin
        let value: ConfigurationReader
    }

    init(_ node: ConfigurationNode, path: String = "") {
        self.node = node
        self.origin = node.origin
        self.path = path
    }

    /// False for an empty place: nothing is there, or nothing was written behind the key.
    var isPresent: Bool { if case .null = node.content { false } else { true } }

    func field(_ key: String) throws(ConfigurationError) -> ConfigurationReader {
        let entry = try node.entries(path: path).first { $0.key == key }
        return child(key, entry?.value ?? ConfigurationNode(origin: origin, content: .null))
    }

    func entries() throws(ConfigurationError) -> [Entry] {
        try node.entries(path: path).map {
            Entry(key: $0.key, origin: $0.origin, value: child($0.key, $0.value))
        }
    }

    /// The same place with a lone word turned into the mapping it abbreviates.
    var spelledOut: ConfigurationReader {
        ConfigurationReader(node.spelledOut, path: path)
    }

    /// Any scalar: YAML's numbers and booleans are text where text is wanted, as in distribution.
    func text() throws(ConfigurationError) -> String? {
        switch node.content {
        case .null: return nil
        case .scalar(let text): return text
        case .list, .mapping: throw node.wrongType(path: path, expected: "text")
        }
    }

    /// nil also for the empty text, which distribution cannot tell from an absent key.
    func nonEmptyText() throws(ConfigurationError) -> String? {
        guard let text = try text(), !text.isEmpty else { return nil }
        return text
    }

    /// The places of a list, none where there is nothing.
    func elements() throws(ConfigurationError) -> [ConfigurationReader] {
        try node.elements(path: path).enumerated().map { ConfigurationReader($1, path: "\(path)[\($0)]") }
    }

    func texts() throws(ConfigurationError) -> [String] {
        var texts: [String] = []
        for (index, element) in try node.elements(path: path).enumerated() {
            texts.append(try ConfigurationReader(element, path: "\(path)[\(index)]").text() ?? "")
        }
        return texts
    }

    /// One of a fixed set of words, in any case.
    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ type: Word.Type
    ) throws(ConfigurationError) -> Word? {
        guard let text = try nonEmptyText() else { return nil }
        guard let word = Word(rawValue: text.lowercased()) else {
            throw invalid(expected: "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }

    /// A boolean in the spellings of YAML 1.1, which distribution's parser follows. In quotes it is taken as well:
    /// templates put quotes around everything.
    func flag() throws(ConfigurationError) -> Bool? {
        guard let text = try scalar(expected: "true or false") else { return nil }
        switch text {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y": return true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N": return false
        default: throw node.wrongType(path: path, expected: "true or false")
        }
    }

    func integer() throws(ConfigurationError) -> Int? {
        guard let text = try scalar(expected: "a whole number") else { return nil }
        guard let integer = Int(text) else { throw node.wrongType(path: path, expected: "a whole number") }
        return integer
    }

    /// The largest number that counts anything here: beyond it sums could leave what a number holds.
    static let countMax = Int(Int32.max)

    /// A number that counts something of which there must be some.
    func count(atLeast least: Int = 1) throws(ConfigurationError) -> Int? {
        guard let value = try integer() else { return nil }
        guard value >= least else { throw invalid(expected: "a number from \(least)") }
        guard value <= Self.countMax else { throw invalid(expected: "a number up to \(Self.countMax)") }
        return value
    }

    /// Longer ones are refused: a century, whose nanoseconds can be added to any time of day.
    private static let durationMax = Duration.seconds(100 * 365 * 86_400)

    /// A duration as Go writes it; a bare integer counts nanoseconds, which nobody means. Nothing here has a use for a
    /// negative one.
    ///
    /// - Parameter least: the shortest that does any good; zero, which turns things off, is shorter and is given out.
    func duration(atLeast least: Duration = .milliseconds(1)) throws(ConfigurationError) -> Duration? {
        let expected = "a duration such as 90s, 1h30m or 168h"
        guard let text = try scalar(expected: expected) else { return nil }
        guard let duration = Duration(go: text) else { throw node.wrongType(path: path, expected: expected) }
        guard duration >= .zero else { throw invalid(expected: "a duration of zero or more") }
        guard duration == .zero || duration >= least else {
            let hint = Int64(text) == nil ? "" : " (a number without a unit counts nanoseconds)"
            throw invalid(expected: "a duration from \(least.goText) on\(hint)")
        }
        guard duration <= Self.durationMax else { throw invalid(expected: "a duration up to 100 years, 876000h") }
        return duration
    }

    /// The same where zero means nothing.
    func durationAboveZero(atLeast least: Duration) throws(ConfigurationError) -> Duration? {
        guard let duration = try duration(atLeast: least) else { return nil }
        guard duration > .zero else { throw invalid(expected: "a duration above zero") }
        return duration
    }

    func invalid(expected: String) -> ConfigurationError {
        .invalidValue(origin: origin, path: path, found: node.found, expected: expected)
    }

    private func scalar(expected: String) throws(ConfigurationError) -> String? {
        switch node.content {
        case .null, .scalar(""): return nil
        case .scalar(let text): return text
        case .list, .mapping: throw node.wrongType(path: path, expected: expected)
        }
    }

    private func child(_ key: String, _ node: ConfigurationNode) -> ConfigurationReader {
        ConfigurationReader(node, path: path.isEmpty ? key : "\(path).\(key)")
    }
}
