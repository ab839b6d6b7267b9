/// A value that documents write as its text, and that is as valid when it is read as one made by hand.
package protocol TextCoded: Codable, CustomStringConvertible {
    /// Throws an `OCIError` for a text that is no such value.
    init(coded text: String) throws(OCIError)
}

extension TextCoded {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(coded: text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Digest: TextCoded {
    package init(coded text: String) throws(OCIError) { try self.init(text) }
}

extension Tag: TextCoded {
    package init(coded text: String) throws(OCIError) { try self.init(text) }
}

extension Reference: TextCoded {
    package init(coded text: String) throws(OCIError) { try self.init(text) }
}

extension RepositoryName: TextCoded {
    /// Also a name that only an older tree has.
    package init(coded text: String) throws(OCIError) { try self.init(onDisk: text) }
}
