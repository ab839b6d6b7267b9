/// A text of the configuration that means something only to whoever uses it, such as an address, with the place where it was
/// said: who cannot read it says where it stands.
///
/// Two of them are equal when their texts are.
package struct PlacedText: Equatable, Sendable, ExpressibleByStringLiteral {
    package let text: String
    /// The line and key, or the variable and key; empty for one that nobody wrote.
    package var place: String { source.map { "\($0.origin): \($0.path)" } ?? "" }

    private let source: (origin: ConfigurationOrigin, path: String)?

    /// A text that was not written in a file or variable.
    package init(_ text: String) {
        self.text = text
        source = nil
    }

    package init(stringLiteral text: String) { self.init(text) }

    /// Nil for no text, and for an empty one.
    init?(_ reader: ConfigurationReader) throws(ConfigurationError) {
        guard let text = try reader.nonEmptyText() else { return nil }
        self.init(text, reader)
    }

    fileprivate init(_ text: String, _ reader: ConfigurationReader) {
        self.text = text
        source = (reader.origin, reader.path)
    }

    /// What the text means to `meaning`, which is nil for one that means nothing.
    ///
    /// - Parameter expected: what it must be, as half a sentence.
    package func meant<Meaning>(
        as expected: String, _ meaning: (String) -> Meaning?
    ) throws(ConfigurationError) -> Meaning {
        if let value = meaning(text) { return value }
        let (origin, path) = source ?? (.file("built-in defaults", line: 1), "")
        throw .invalidValue(origin: origin, path: path, found: text.quotedForMessage, expected: expected)
    }

    package static func == (left: PlacedText, right: PlacedText) -> Bool { left.text == right.text }
}

extension ConfigurationReader {
    /// The texts of a list with their places. One that is empty is there, too: to leave it out could open what it was to close.
    func placedTexts() throws(ConfigurationError) -> [PlacedText] {
        var texts: [PlacedText] = []
        for element in try elements() { texts.append(PlacedText(try element.text() ?? "", element)) }
        return texts
    }
}
