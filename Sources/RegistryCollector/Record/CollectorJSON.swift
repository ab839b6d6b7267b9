package import Foundation
package import RegistryCore

/// How the values of the collector stand in the records of runs, on the control socket and where a verb has `--json`:
/// keys in snake case and in one order, times in RFC 3339 to the second, nothing for what is nil.
package enum CollectorJSON {
    /// One object, indented, for people.
    package static func encode(_ value: some Encodable) throws -> Data {
        try encoder([.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]).encode(value)
    }

    /// The same on one line.
    package static func line(_ value: some Encodable) throws -> [UInt8] { Array(try lines.encode(value)) }

    /// Throws a `DecodingError` for what has another form, and what the value throws for what it cannot be.
    package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try decoder.decode(type, from: data)
    }

    /// What a decoder has against a text, on one short line.
    package static func text(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, _): return "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }

    // Made once: a plan of a million lines is as many objects.
    private static let lines = encoder([.sortedKeys, .withoutEscapingSlashes])

    private static func encoder(_ formatting: JSONEncoder.OutputFormatting) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }

    private static let decoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }()
}

/// What a plan, a part of one or a request says that none of ours does, as half a sentence.
package struct PlanInvalid: RegistryFailure, Equatable {
    package let reason: String

    package init(reason: String) { self.reason = reason }

    package var registryError: RegistryError { .planInvalid(reason: reason) }
}
