import Foundation
import Glibc
import RegistryCore
import RegistryHTTP

/// How verbs print for scripts and for people.
enum Output {
    /// One object, indented, keys in one order, slashes as they are.
    static func print(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        Swift.print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// The same with times in RFC 3339: plans, and what the control socket answers.
    static func print(document: some Encodable) throws {
        Swift.print(String(decoding: try SweepDocument.encode(document), as: UTF8.self))
    }

    /// One object with these fields, and with lists whose elements are the parts of one kind in a spool, one on each line.
    static func print(fields: [UInt8], lists: [(name: String, kind: ControlPart.Kind)], of spool: Spool) throws {
        Swift.print("{\(inner(fields))", terminator: "")
        for list in lists {
            Swift.print(",\n\"\(list.name)\":[", terminator: "")
            var isFirst = true
            try spool.forEach([list.kind]) { part in
                Swift.print("\(isFirst ? "" : ",")\n\(String(decoding: part.json, as: UTF8.self))", terminator: "")
                isFirst = false
            }
            Swift.print("]", terminator: "")
        }
        Swift.print("}")
    }

    /// An object without its braces.
    static func inner(_ json: [UInt8]) -> String { String(decoding: json.dropFirst().dropLast(), as: UTF8.self) }

    /// Text for people on standard error, beside what scripts read.
    static func remark(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

extension String {
    /// The text without what a terminal would obey: names on the disk came from clients.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
